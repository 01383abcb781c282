//! Many guests on one socket, each a connection: they answer, and do nothing else. Ends with its standard input.

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

fn main() -> Result<()> {
    let socket = std::env::args().nth(1).context("usage: guests SOCKET")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.spawn(async move {
        let listener = UnixListener::bind(socket)?;
        println!("listening");
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(serve(stream));
        }
        #[expect(unreachable_code, reason = "what kind of errors there are")]
        anyhow::Ok(())
    });
    // Whoever started it closes this at the end.
    let ended = std::thread::spawn(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    runtime.block_on(async {
        while !ended.is_finished() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    });
    Ok(())
}

/// One guest. A request comes in one piece.
async fn serve(mut stream: UnixStream) -> Result<()> {
    let mut request = [0; 256];
    loop {
        let length = stream.read(&mut request).await?;
        if length == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(request.get(..length).unwrap_or_default());
        let answer = match text.split_once("\"id\":") {
            Some((_, id)) => {
                let id = id.trim_end_matches('}');
                [b"\xff{\"return\": ", id.as_bytes(), b"}\n"].concat()
            }
            None => b"{\"return\": {}}\n".to_vec(),
        };
        stream.write_all(&answer).await?;
    }
}
