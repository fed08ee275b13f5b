//! What a store answers as every history does.

use model::Query;
use model::Timestamp;
use model::emf::Record;
use model::ports::{History, Series};

use crate::world::World;

#[path = "../../../../model/contract/history.rs"]
mod contract;

/// A store whose series are of its rim alone.
struct Stand(World);

impl contract::Stand for Stand {
    fn told(&mut self, record: Record) {
        let Stand(world) = self;
        world.now = record.at;
        world.meter.observe(record);
        world.tick();
    }

    fn answers(&mut self, queries: &[Query], from: Timestamp, to: Timestamp) -> Vec<Series> {
        self.0.reader().answers(queries, from, to).unwrap()
    }
}

#[test]
fn it_answers_what_all_histories_answer() {
    for (claim, check) in contract::CLAIMS {
        eprintln!("{claim}");
        check(&mut Stand(World::new()));
    }
}
