//! IAM, as far as one action goes: the emulator lets everybody do everything.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::emulator::Emulator;

/// A door before the emulator that lets all but one action of CloudWatch through: its address.
pub fn refusing(action: &'static str, aws: &Emulator) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let behind = aws.address().to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // Whoever hangs up in between has no answer to wait for.
            let _ = answer(stream, action, &behind);
        }
    });
    url
}

fn answer(mut client: TcpStream, action: &str, behind: &str) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.to_ascii_lowercase().strip_prefix("content-length:") {
            Some(it) => length = it.trim().parse().unwrap(),
            None if line.is_empty() => return Ok(()),
            None => {}
        }
        head += &line;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (first, rest) = head.split_once("\r\n").unwrap();
    if first.contains(&format!("/{action} ")) {
        return client.write_all(&refusal(action));
    }
    let mut server = TcpStream::connect(behind)?;
    write!(server, "{first}\r\nconnection: close\r\n{rest}")?;
    server.write_all(&body)?;
    io::copy(&mut server, &mut client).map(drop)
}

/// As CloudWatch refuses, in CBOR: a map of two texts.
fn refusal(action: &str) -> Vec<u8> {
    let said = format!("User: x is not authorized to perform: cloudwatch:{action}");
    let mut body = vec![0xa2];
    for text in ["__type", "AccessDeniedException", "message", &said] {
        body.extend([0x78, u8::try_from(text.len()).unwrap()]);
        body.extend(text.as_bytes());
    }
    let head = format!(
        "HTTP/1.1 403 Forbidden\r\nsmithy-protocol: rpc-v2-cbor\r\ncontent-type: application/cbor\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), &body].concat()
}
