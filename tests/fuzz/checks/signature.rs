//! Only who knows the secret is believed, and only for the bytes that were signed.
//!
//! The first line is what the headers say (`event|delivery|content type|signature`), the rest is
//! the body. The body's own signature is tried as well, whole and changed.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ingest::{Rejection, Request, Secrets, from_base64, receive};

const SECRET: &str = "It's a Secret to Everybody";

pub(super) fn check(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (head, body) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let head = String::from_utf8_lossy(head);
    let mut parts = head.split('|');
    let mut request = Request { body, ..Request::default() };
    request.event = parts.next();
    request.delivery = parts.next();
    request.content_type = parts.next();
    request.signature = parts.next();
    let secrets = Secrets::new(&[SECRET]).unwrap();
    forged(&request, &secrets);
    genuine(&request, &secrets);
    changed(body, data.len(), &secrets);
    in_base64(body);
}

/// A signature that somebody made up is the real one or is refused.
fn forged(request: &Request<'_>, secrets: &Secrets) {
    let is_real = |signature: &str| {
        let real = secrets.sign(request.body).unwrap();
        // Digits may be capital, the prefix not.
        signature.starts_with("sha256=") && signature.eq_ignore_ascii_case(&real)
    };
    let is_taken = secrets.verify(request.signature, request.body).is_ok();
    assert_eq!(is_taken, request.signature.is_some_and(is_real), "{:?}", request.signature);
    if let Err(rejection) = receive(request, secrets) {
        let is_expected = match rejection {
            Rejection::SignatureMissing => request.signature.is_none(),
            Rejection::MediaType => true,
            Rejection::SignatureWrong => !is_taken,
            _ => is_taken,
        };
        assert!(is_expected, "{rejection:?} to {request:?}");
    }
    let nobody = Secrets::new::<&str>(&[]).unwrap();
    assert!(nobody.verify(request.signature, request.body).is_err());
}

/// What is signed is believed, during a rotation as well; what it says is the client's affair.
fn genuine(request: &Request<'_>, secrets: &Secrets) {
    let signature = secrets.sign(request.body).unwrap();
    let rotation = Secrets::new(&["the next one", SECRET]).unwrap();
    for secrets in [secrets, &rotation] {
        let verified = secrets.verify(Some(&signature), request.body).unwrap();
        assert_eq!(verified.bytes(), request.body);
    }
    let other = Secrets::new(&["another one"]).unwrap();
    assert!(other.verify(Some(&signature), request.body).is_err());
    let signed = Request { signature: Some(&signature), ..*request };
    if let Err(rejection) = receive(&signed, secrets) {
        assert!([400, 415].contains(&rejection.status()), "{rejection:?}");
    }
}

/// One byte more, less or different, in the body or in the signature, and it is refused. `n`
/// chooses the byte.
fn changed(body: &[u8], n: usize, secrets: &Secrets) {
    let signature = secrets.sign(body).unwrap();
    let refuses = |signature: &str, body: &[u8]| {
        assert!(secrets.verify(Some(signature), body).is_err(), "{signature} {body:?}");
    };
    refuses(&signature, &[body, b" "].concat());
    if !body.is_empty() {
        let mut other = body.to_vec();
        other[n % body.len()] ^= 1 << (n % 8);
        refuses(&signature, &other);
        refuses(&signature, &body[1..]);
        refuses(&signature, &body[..body.len() - 1]);
    }
    let mut digits = signature.clone().into_bytes();
    let at = n % digits.len();
    digits[at] = if digits[at] == b'0' { b'1' } else { b'0' };
    refuses(&String::from_utf8(digits).unwrap(), body);
    refuses(&signature[..signature.len() - 1], body);
    refuses(&format!("{signature}0"), body);
}

/// Base64 has one spelling, and gives back the bytes that were signed.
fn in_base64(body: &[u8]) {
    assert_eq!(from_base64(BASE64_STANDARD.encode(body).as_bytes()).as_deref(), Ok(body));
    if let Ok(bytes) = from_base64(body) {
        assert_eq!(BASE64_STANDARD.encode(bytes).as_bytes(), body);
    }
}
