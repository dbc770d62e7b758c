//! The cost of authentication for a cached session: `cargo bench -p app --bench authentication`.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use app::App;
use app::credentials::authenticate;
use app::identity::offline::{Offline, Somebody};
use app::tokens::TokenSettings;
use criterion::{Criterion, criterion_group, criterion_main};
use domain::ids::PersonId;
use testkit::TestDatabase;
use uuid::Uuid;

const SECRET: &[u8] = b"a secret of at least thirty-two bytes";
/// Sessions used in turn, so that none has the processor's caches to itself.
const SESSIONS: u128 = 1_000;

struct Nothing;

impl app::lanes::Render for Nothing {
    fn answer(&self, _: &app::lanes::Seen<'_>) -> (u16, Vec<u8>) {
        (200, Vec::new())
    }
}

fn known_sessions(criterion: &mut Criterion) {
    let database = TestDatabase::sqlite();
    let mut connection = database.writer();
    let now = store::clock::system_now();
    let offline =
        Offline::open(&mut connection, SECRET, TokenSettings::default(), now).expect("an empty file");
    let somebody =
        |number| Somebody { person: PersonId(Uuid::from_u128(number)), is_admin: false, member: None };
    let everybody: Vec<Somebody> = (1..=SESSIONS).map(somebody).collect();
    let tokens = offline.sign_in(&mut connection, &everybody, now).expect("everybody signs in");
    drop(connection);
    let settings = app::Settings::alone(database.database().clone(), SECRET.to_vec());
    let app = App::start(settings, Arc::new(Nothing)).expect("the database can be used");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        for token in &tokens {
            authenticate(&app, token).await.expect("each is good");
        }
    });
    criterion.bench_function("a token of a known session", |bencher| {
        bencher.iter_custom(|times| {
            runtime.block_on(async {
                let mut turn = tokens.iter().cycle();
                let begun = Instant::now();
                for _ in 0..times {
                    let token = turn.next().expect("a cycle has no end");
                    black_box(authenticate(&app, token).await).expect("each is good");
                }
                begun.elapsed()
            })
        });
    });
    criterion.bench_function("the first token of a session, proved", |bencher| {
        bencher.iter(|| {
            let token = tokens.first().expect("there are some");
            black_box(app.tokens.verify(app::tokens::Kind::Access, token, store::clock::system_now()))
        });
    });
}

criterion_group!(benches, known_sessions);
criterion_main!(benches);
