//! CloudWatch and CloudWatch Logs on a free port of this machine, until it is ended. Says its
//! address on stdout.
//!
//! What it does otherwise than AWS, as far as our tests meet it: it takes any PutMetricData and
//! PutLogEvents of any size, checks of a dashboard only that it is JSON, extracts no metrics from
//! EMF, and never throttles. Of a period it tells what lies between the start and the end that were
//! asked for, finds a percentile by a straight line between two values, of single values alone, and
//! knows no percentile ranks (`PR`).

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::{Extension, Router};
use fakecloud_cloudwatch::{CloudWatchAccounts, CloudWatchService, CloudwatchDeliveryImpl};
use fakecloud_core::delivery::DeliveryBus;
use fakecloud_core::dispatch::{self, DispatchConfig};
use fakecloud_core::multi_account::MultiRegionState;
use fakecloud_core::registry::ServiceRegistry;
use fakecloud_logs::{LogsService, SharedLogsState};
use parking_lot::RwLock;
use tokio::net::TcpListener;

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-west-1";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let metrics = Arc::new(RwLock::new(CloudWatchAccounts::new()));
    let logs = MultiRegionState::new(ACCOUNT, REGION, "http://127.0.0.1");
    let logs: SharedLogsState = Arc::new(RwLock::new(logs));
    let delivery = CloudwatchDeliveryImpl::new(metrics.clone());
    let bus = Arc::new(DeliveryBus::new().with_cloudwatch_metrics(Arc::new(delivery)));

    let mut services = ServiceRegistry::new();
    services.register(Arc::new(LogsService::new(logs, bus)));
    services.register(Arc::new(CloudWatchService::new(metrics)));
    let app = Router::new()
        .fallback(dispatch::dispatch)
        .layer(Extension(Arc::new(services)))
        .layer(Extension(Arc::new(DispatchConfig::new(REGION, ACCOUNT))));

    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
