//! The clients of the crate `qapi`, as a program to be measured: prints the median round trip in microseconds.

use std::error::Error;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use qapi::futures::QgaStreamTokio;
use qapi::{qga, Qga};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [socket, face, task, count] = arguments.as_slice() else {
        return Err("usage: bench-qapi SOCKET blocking|tokio ping|info COUNT".into());
    };
    let count: usize = count.parse()?;
    let times = match face.as_str() {
        "blocking" => blocking(socket, task == "ping", count)?,
        _ => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(asynchronous(socket, task == "ping", count))?
        }
    };
    println!("{:.3}", median(times, count).as_secs_f64() * 1e6);
    Ok(())
}

fn blocking(socket: &str, ping: bool, count: usize) -> Result<Vec<Duration>, Box<dyn Error>> {
    let stream = UnixStream::connect(socket)?;
    let mut client = Qga::from_stream(&stream);
    client.guest_sync(1)?;
    let mut times = Vec::new();
    for _ in 0..count + count / 10 {
        let begun = Instant::now();
        if ping {
            client.execute(&qga::guest_ping {})?;
        } else {
            client.execute(&qga::guest_info {})?;
        }
        times.push(begun.elapsed());
    }
    Ok(times)
}

async fn asynchronous(socket: &str, ping: bool, count: usize) -> Result<Vec<Duration>, Box<dyn Error>> {
    let stream = QgaStreamTokio::open_uds(socket).await?;
    let (client, _driver) = stream.spawn_tokio();
    client.guest_sync(1).await?;
    let mut times = Vec::new();
    for _ in 0..count + count / 10 {
        let begun = Instant::now();
        if ping {
            client.execute(qga::guest_ping {}).await?;
        } else {
            client.execute(qga::guest_info {}).await?;
        }
        times.push(begun.elapsed());
    }
    Ok(times)
}

/// The median, but for the first tenth, which warms up.
fn median(mut times: Vec<Duration>, count: usize) -> Duration {
    let times = &mut times[count / 10..];
    times.sort_unstable();
    times[times.len() / 2]
}
