//! A line between a client and a server that counts what goes over it, both ways, TLS included.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The line; it stays until the process ends.
pub(super) struct Wire {
    /// Host and port to connect to.
    pub(super) address: String,
    bytes: Arc<AtomicUsize>,
}

impl Wire {
    /// Lays a line to a server (`host:port`).
    pub(super) fn to(server: &str) -> Result<Wire, String> {
        let failed = |error: std::io::Error| format!("listen: {error}");
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?.to_string();
        let (bytes, server) = (Arc::<AtomicUsize>::default(), server.to_owned());
        let count = Arc::clone(&bytes);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client whose connection cannot be passed on sees it closed.
                let _ = connect(client, &server, &count);
            }
        });
        Ok(Wire { address, bytes })
    }

    /// Returns the bytes since the last call.
    pub(super) fn take_bytes(&self) -> usize {
        self.bytes.swap(0, Ordering::SeqCst)
    }
}

fn connect(client: TcpStream, server: &str, count: &Arc<AtomicUsize>) -> std::io::Result<()> {
    let server = TcpStream::connect(server)?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    for (from, to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
        let count = Arc::clone(count);
        thread::spawn(move || pass(from, to, &count));
    }
    Ok(())
}

fn pass(mut from: TcpStream, mut to: TcpStream, count: &AtomicUsize) {
    let mut piece = vec![0; 1 << 16];
    while let Ok(length) = from.read(&mut piece) {
        if length == 0 || to.write_all(&piece[..length]).is_err() {
            break;
        }
        count.fetch_add(length, Ordering::SeqCst);
    }
    // The other end may be closed already.
    let _ = to.shutdown(Shutdown::Write);
}
