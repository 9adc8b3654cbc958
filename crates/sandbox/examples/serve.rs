//! A bare HTTP/1.1 front for development: `serve ADDRESS [FILE]`, `BARE=1` without a cloud. One thread per connection, nothing hardened.

use bytes::Bytes;
use pintle_sandbox::{Options, Sandbox, SandboxBody, WatchStream};
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:8001".into());
    let options = Options { load_balancers: std::env::var_os("BARE").is_none(), ..Options::default() };
    let sandbox = match arguments.next() {
        Some(file) => Sandbox::open(Path::new(&file), options)?,
        None => Sandbox::in_memory(options),
    };
    for stream in TcpListener::bind(address)?.incoming() {
        let (sandbox, stream) = (sandbox.clone(), stream?);
        std::thread::spawn(move || while matches!(exchange(&sandbox, &stream), Ok(true)) {});
    }
    Ok(())
}

// Answers one request; says whether the connection goes on.
fn exchange(sandbox: &Sandbox, stream: &TcpStream) -> Result<bool> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(false);
    }
    let mut words = line.split_whitespace();
    let (method, uri) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or("/").to_owned());
    let mut builder = http::Request::builder().method(method.as_str()).uri(uri);
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
        builder = builder.header(name, value.trim());
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let response = sandbox.handle(builder.body(Bytes::from(body))?);
    let (parts, body) = response.into_parts();
    let mut head = format!("HTTP/1.1 {}\r\n", parts.status);
    for (name, value) in &parts.headers {
        head.push_str(&format!("{name}: {}\r\n", value.to_str()?));
    }
    let mut out = stream;
    match body {
        SandboxBody::Full(bytes) => {
            let bytes = bytes.unwrap_or_default();
            let bytes = if method == "HEAD" { Bytes::new() } else { bytes };
            out.write_all(format!("{head}content-length: {}\r\n\r\n", bytes.len()).as_bytes())?;
            out.write_all(&bytes)?;
        }
        SandboxBody::Stream(watch) => {
            out.write_all(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes())?;
            stream_watch(&watch, out)?;
        }
    }
    Ok(true)
}

fn stream_watch(watch: &WatchStream, mut out: &TcpStream) -> Result<()> {
    let end = Instant::now() + watch.timeout().unwrap_or(Duration::from_secs(1800));
    while Instant::now() < end && !watch.is_ended() {
        let patience = end.saturating_duration_since(Instant::now()).min(Duration::from_millis(200));
        if let Some(chunk) = watch.next_within(patience) {
            out.write_all(format!("{:x}\r\n", chunk.len()).as_bytes())?;
            out.write_all(&chunk)?;
            out.write_all(b"\r\n")?;
        }
    }
    out.write_all(b"0\r\n\r\n")?;
    Ok(())
}
