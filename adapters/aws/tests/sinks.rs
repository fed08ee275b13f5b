//! A log stream takes lines as every place does.

use std::io::Write;
use std::sync::{Arc, Mutex};

use aws::logs::{Printer, Stream};
use serde_json::json;

use crate::world::{Call, World, done, refused};

#[path = "../../../model/contract/sink.rs"]
mod contract;

use contract::Takes;

/// What the stream holds, and what it takes.
struct Shelf {
    lines: Vec<String>,
    takes: Takes,
}

impl Shelf {
    /// A batch has a megabyte.
    fn take(&mut self, call: &Call) -> bool {
        if self.takes == Takes::Nothing {
            return false;
        }
        if self.takes == Takes::Half {
            self.takes = Takes::Nothing;
        }
        let events = call.body["logEvents"].as_array().unwrap().iter();
        self.lines.extend(events.map(|event| event["message"].as_str().unwrap().to_owned()));
        true
    }
}

struct Stand {
    shelf: Arc<Mutex<Shelf>>,
    out: Printer,
    _world: World,
}

impl Stand {
    fn new() -> Self {
        let shelf = Shelf { lines: Vec::new(), takes: Takes::Everything };
        let shelf = Arc::new(Mutex::new(shelf));
        let taker = Arc::clone(&shelf);
        let world = World::of(move |call| {
            let is_put = call.name == "PutLogEvents";
            match !is_put || taker.lock().unwrap().take(call) {
                true => done(json!({})),
                false => refused("ThrottlingException", "Rate exceeded"),
            }
        });
        let stream = Stream { group: "headroom".into(), name: "host-1".into() };
        Stand { shelf, out: Printer::new(&world.aws, stream), _world: world }
    }
}

impl contract::Stand for Stand {
    fn out(&mut self) -> &mut dyn Write {
        &mut self.out
    }

    fn takes(&mut self, takes: Takes) {
        self.shelf.lock().unwrap().takes = takes;
    }

    fn found(&self) -> Vec<String> {
        self.shelf.lock().unwrap().lines.clone()
    }
}

#[test]
fn it_takes_lines_as_every_place_does() {
    for (claim, check) in contract::CLAIMS {
        eprintln!("{claim}");
        check(&mut Stand::new());
    }
}
