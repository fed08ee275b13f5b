//! What CloudWatch answers as every history does, by an emulator of it.

use std::path::Path;

use aws::History;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum};
use aws_smithy_types::DateTime;
use model::catalogue::NAMESPACE;
use model::emf::{Record, dimension_value};
use model::ports::{History as _, Series};
use model::{Point, Quantity, Query, Timestamp};

use crate::world::World;
use crate::world::cloudwatch::CloudWatch;

#[path = "../../../model/contract/history.rs"]
mod contract;

/// Metrics that nothing is known of yet.
struct Stand {
    world: World,
    history: History,
    _emulator: CloudWatch,
}

impl Stand {
    fn new() -> Self {
        let emulator = CloudWatch::start(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
        let world = World::at(emulator.address());
        let history = History::new(&world.aws, Vec::new());
        Stand { world, history, _emulator: emulator }
    }
}

impl contract::Stand for Stand {
    /// As CloudWatch takes metrics out of an EMF line: one for each set of dimensions.
    fn told(&mut self, record: Record) {
        let told = record.points.iter().flat_map(|point| data(&record, point)).collect();
        let client = Client::new(self.world.aws.config());
        let put = client.put_metric_data().namespace(NAMESPACE).set_metric_data(Some(told));
        self.world.aws.wait(put.send()).unwrap();
    }

    fn answers(&mut self, queries: &[Query], from: Timestamp, to: Timestamp) -> Vec<Series> {
        self.history.answers(queries, from, to).unwrap()
    }
}

fn data(record: &Record, point: &Point) -> Vec<MetricDatum> {
    let (Quantity::Add(value) | Quantity::Is(value) | Quantity::Took(value)) = point.quantity
    else {
        panic!("a single value was expected: {point:?}")
    };
    let value = f64::from(u32::try_from(value).unwrap());
    let datum = |set: &[model::Dimension]| {
        let by = set.iter().map(|by| {
            let value = dimension_value(record.dimensions.get(*by).unwrap());
            Dimension::builder().name(by.as_str()).value(value).build()
        });
        MetricDatum::builder()
            .metric_name(point.spec.name)
            .set_dimensions(Some(by.collect()))
            .timestamp(DateTime::from_millis(record.at.as_millis()))
            .value(value)
            .build()
    };
    let sets = point.spec.sets(&[]).filter(|set| record.dimensions.cover(set));
    sets.map(datum).collect()
}

#[test]
fn it_answers_what_all_histories_answer() {
    for (claim, check) in contract::CLAIMS {
        // The emulator knows no percentile ranks; `history` shows that they are asked in
        // CloudWatch's words.
        if claim != contract::SHARE {
            eprintln!("{claim}");
            check(&mut Stand::new());
        }
    }
}
