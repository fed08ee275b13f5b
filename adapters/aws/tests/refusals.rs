//! What went wrong with a call is told apart, and names the IAM action that it needed.

use aws::connect::{Aws, ConnectError, Patience, Place};
use aws::logs::{LogGroup, Span};
use aws::{CallError, Why};
use model::Timestamp;

use crate::world::{World, refused};

fn asked(world: &World) -> CallError {
    let span = Span { from: Timestamp::EPOCH, to: Timestamp::from_secs(60) };
    LogGroup::named(&world.aws, "ingest").read(span, &mut |_, _| {}).unwrap_err()
}

#[test]
fn the_missing_action_is_named() {
    let said = "User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: \
                logs:FilterLogEvents on resource: arn:aws:logs:eu-west-1:123456789012:log-group:x";
    let error = asked(&World::of(move |_| refused("AccessDeniedException", said)));
    let missing = "logs:FilterLogEvents".to_owned();
    assert_eq!(error.why, Why::Denied { missing, said: said.to_owned() });
    let told = error.to_string();
    assert!(
        told.starts_with("logs:FilterLogEvents: the IAM action logs:FilterLogEvents"),
        "{told}"
    );
}

#[test]
fn a_refusal_without_words_names_the_call_that_was_refused() {
    let error = asked(&World::of(|_| refused("AccessDeniedException", "no")));
    let missing = "logs:FilterLogEvents".to_owned();
    assert_eq!(error.why, Why::Denied { missing, said: "no".into() });
}

#[test]
fn kinds_of_failure_are_told_apart() {
    let why = |code: &'static str| asked(&World::of(move |_| refused(code, "said"))).why;
    let said = || "said".to_owned();
    assert_eq!(why("ResourceNotFoundException"), Why::NotThere { said: said() });
    assert_eq!(why("UnrecognizedClientException"), Why::Credentials { said: said() });
    assert_eq!(why("ExpiredTokenException"), Why::Credentials { said: said() });
    let code = "InvalidParameterException";
    assert_eq!(why(code), Why::Refused { code: code.into(), said: said() });
}

fn connect(place: &Place) -> Result<Aws, ConnectError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    Aws::connect(place, Patience::default(), runtime.handle())
}

#[test]
fn an_address_that_is_none_is_refused() {
    for url in ["localhost:4566", "ftp://x", "http://", "https:///x", ""] {
        let place = Place {
            region: Some("eu-west-1".into()),
            endpoint_url: Some(url.into()),
            ..Place::default()
        };
        assert!(matches!(connect(&place), Err(ConnectError::Endpoint { .. })), "{url}");
    }
}

#[test]
fn nobody_at_the_address_is_told_as_no_answer() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let keys = aws_credential_types::Credentials::new("key", "secret", None, None, "tests");
    let config = aws_config::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new("eu-west-1"))
        .endpoint_url(format!("http://127.0.0.1:{port}"))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(keys))
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let aws = Aws::with(config, runtime.handle()).unwrap();
    let span = Span { from: Timestamp::EPOCH, to: Timestamp::from_secs(60) };
    let error = LogGroup::named(&aws, "ingest").read(span, &mut |_, _| {}).unwrap_err();
    assert!(matches!(&error.why, Why::NoAnswer { .. }) && error.may_pass(), "{error}");
}
