//! A function that takes any event and says so: the Lambda runtime with nothing in it.

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde::de::IgnoredAny;

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let echo = |_: LambdaEvent<IgnoredAny>| async {
            Ok::<_, Error>(serde_json::json!({ "statusCode": 202, "body": "{}" }))
        };
        Runtime::new(service_fn(echo)).run().await
    })
}
