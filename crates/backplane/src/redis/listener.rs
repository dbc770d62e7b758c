//! Receives messages of other processes on a separate connection, which is reopened when it is lost.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::{PubSubSink, PubSubStream};
use redis::{Msg, RedisError, RedisResult, Value};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::Shared;
use super::notices::Wanted;

/// Interval for probing the connection, because an idle connection does not report its loss.
const PROBE_INTERVAL: Duration = Duration::from_millis(500);

pub async fn listen(shared: Arc<Shared>, mut asked: UnboundedReceiver<Wanted>) {
    let mut channels = HashSet::new();
    loop {
        // It always starts again. Whether Redis is reachable is decided by the link.
        let ended = hear_on_one_connection(&shared, &mut channels, &mut asked).await;
        shared.set_notices_heard(false);
        let Err(error) = ended else { return };
        tracing::debug!(failure = %error, "cannot subscribe to Redis");
        sleep(shared.options.pause).await;
    }
}

/// Returns `Ok` only when the backplane is dropped.
async fn hear_on_one_connection(
    shared: &Shared,
    channels: &mut HashSet<String>,
    asked: &mut UnboundedReceiver<Wanted>,
) -> RedisResult<()> {
    let (mut sink, mut stream) = connect(shared, channels).await?;
    // All listeners have missed messages for a while.
    for channel in channels.iter() {
        shared.miss(channel);
    }
    shared.doubt_codes();
    shared.set_notices_heard(true);
    let mut probes = interval(PROBE_INTERVAL);
    probes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            message = stream.next() => hear(shared, &message.ok_or_else(|| lost("the connection has ended"))?),
            wanted = asked.recv() => match wanted {
                Some(wanted) => want(shared, channels, &mut sink, wanted).await?,
                None => return Ok(()),
            },
            _ = probes.tick() => probe(shared, &mut sink).await?,
        }
    }
}

async fn connect(shared: &Shared, channels: &HashSet<String>) -> RedisResult<(PubSubSink, PubSubStream)> {
    let connecting = async {
        let mut connection = shared.client.get_async_pubsub().await?;
        connection.subscribe(shared.codes_channel()).await?;
        for channel in channels {
            connection.subscribe(shared.notices_channel(channel)).await?;
        }
        Ok(connection.split())
    };
    timeout(shared.options.connect_timeout, connecting).await.map_err(|_| lost("no connection in time"))?
}

fn hear(shared: &Shared, message: &Msg) {
    let channel: Vec<u8> = message.get_channel().unwrap_or_default();
    if channel == shared.codes_channel() {
        shared.hear_of_code(message.get_payload_bytes());
        return;
    }
    let ours = channel.strip_prefix(&*shared.notices_channel(""));
    if let Some(channel) = ours.and_then(|channel| std::str::from_utf8(channel).ok()) {
        shared.hear(channel, message.get_payload_bytes());
    }
}

/// A subscriber that did not wait for the confirmation has not been listening until now.
async fn want(
    shared: &Shared,
    channels: &mut HashSet<String>,
    sink: &mut PubSubSink,
    Wanted { channel, heard }: Wanted,
) -> RedisResult<()> {
    let is_new = channels.insert(channel.clone());
    if is_new {
        let subscribed = sink.subscribe(shared.notices_channel(&channel));
        timeout(shared.options.response_timeout, subscribed).await.map_err(|_| lost("no answer"))??;
    }
    if heard.send(()).is_err() {
        shared.miss(&channel);
    }
    Ok(())
}

async fn probe(shared: &Shared, sink: &mut PubSubSink) -> RedisResult<()> {
    let answered = sink.ping::<Value>();
    timeout(shared.options.response_timeout, answered).await.map_err(|_| lost("no answer"))?.map(drop)
}

fn lost(what: &'static str) -> RedisError {
    (redis::ErrorKind::Io, what).into()
}
