//! Waiting for a state.

use std::time::Duration;

use testkit::STATE_WAIT_MAX;

const INTERVAL: Duration = Duration::from_millis(5);

/// Checks repeatedly until the result is as expected.
pub async fn eventually<T, F: Future<Output = T>>(
    mut ask: impl FnMut() -> F,
    expected: impl Fn(&T) -> bool,
) -> T {
    let asked = async {
        let mut interval = tokio::time::interval(INTERVAL);
        loop {
            interval.tick().await;
            let answer = ask().await;
            if expected(&answer) {
                return answer;
            }
        }
    };
    tokio::time::timeout(STATE_WAIT_MAX, asked).await.expect("what is waited for does not come")
}
