//! IAM, as far as one action goes: the emulator lets everybody do everything.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::json;

use crate::emulator::Emulator;

/// A door before the emulator that lets all but one action through, such as
/// `cloudwatch:GetMetricData`: its address.
pub fn refusing(action: &'static str, aws: &Emulator) -> String {
    let (service, name) = action.split_once(':').unwrap();
    let said = format!("User: x is not authorized to perform: {action}");
    let (in_json, in_cbor) = (format!("Logs_20140328.{name}\r\n"), format!("/{name} "));
    door(aws, move |head| match service {
        "logs" if head.contains(&in_json) => Some(json(&said)),
        "cloudwatch" if head.contains(&in_cbor) => Some(cbor(&said)),
        _ => None,
    })
}

/// A door that lets only those through who sign with that key.
pub fn for_key(key: &'static str, aws: &Emulator) -> String {
    let signed = format!("Credential={key}/");
    door(aws, move |head| (!head.contains(&signed)).then(|| json("another key was expected")))
}

/// A door behind which the emulator is for whoever is not refused for the head of a request.
fn door(aws: &Emulator, refused: impl Fn(&str) -> Option<Vec<u8>> + Send + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let behind = aws.address().to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // Whoever hangs up in between has no answer to wait for.
            let _ = answer(stream, &refused, &behind);
        }
    });
    url
}

fn answer(
    mut client: TcpStream,
    refused: impl Fn(&str) -> Option<Vec<u8>>,
    behind: &str,
) -> io::Result<()> {
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
    if let Some(refusal) = refused(&head) {
        return client.write_all(&refusal);
    }
    let (first, rest) = head.split_once("\r\n").unwrap();
    let mut server = TcpStream::connect(behind)?;
    write!(server, "{first}\r\nconnection: close\r\n{rest}")?;
    server.write_all(&body)?;
    io::copy(&mut server, &mut client).map(drop)
}

/// As CloudWatch refuses: a map of two texts.
fn cbor(said: &str) -> Vec<u8> {
    let mut body = vec![0xa2];
    for text in ["__type", "AccessDeniedException", "message", said] {
        body.extend([0x78, u8::try_from(text.len()).unwrap()]);
        body.extend(text.as_bytes());
    }
    refusal("smithy-protocol: rpc-v2-cbor\r\ncontent-type: application/cbor", &body)
}

/// As CloudWatch Logs refuses.
fn json(said: &str) -> Vec<u8> {
    let body = json!({ "__type": "AccessDeniedException", "message": said }).to_string();
    refusal("content-type: application/x-amz-json-1.1", body.as_bytes())
}

fn refusal(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 403 Forbidden\r\n{headers}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
