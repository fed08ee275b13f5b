//! Some minutes of everything at once against the real server, and whether its claims still hold.
//!
//! `cargo run --release --example soak -- [--minutes 3] [--seed N]`
//!
//! Senders tell the lives of jobs with losses, repeats and changed orders; vandals forge, stall and
//! flood; viewers look; and the server is killed, ended in good order and left without room on its
//! disk. Everything is chosen by a seed, which is printed first. Threads and processes take their
//! turns as the system lets them, so a seed repeats what is done and not the very moment.
//!
//! At the end: every acknowledged delivery is in the store, no job counts twice, totals, levels and
//! waits are those of a plain reference, memory stayed bounded, and the server answers. The exit
//! code is 1 when a claim does not hold.

#![expect(clippy::unwrap_used, reason = "a soak that cannot go on has failed")]

mod arguments;
mod book;
mod claims;
mod keeper;
mod senders;
mod stage;
mod vandals;
#[expect(
    dead_code,
    unused_imports,
    reason = "the stories' language has more words than a soak speaks"
)]
#[path = "../world/mod.rs"]
mod world;

use std::panic;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::Duration;

use arguments::Arguments;
use book::Book;
use keeper::Keeper;
use stage::Stage;

/// Senders at once.
const SENDERS: u64 = 4;

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    let Arguments { minutes, seed } = arguments;
    println!("seed {seed}, {minutes} minutes");
    build();
    let broken = panic::catch_unwind(|| soak(seed, Duration::from_secs(minutes * 60)))
        .unwrap_or_else(|_| vec!["the soak itself could not go on".to_owned()]);
    for claim in &broken {
        println!("BROKEN: {claim}");
    }
    println!("{} with --seed {seed}", if broken.is_empty() { "all claims hold" } else { "failed" });
    ExitCode::from(u8::from(!broken.is_empty()))
}

/// Cargo builds examples without the program that they run.
fn build() {
    let Some(cargo) = std::env::var_os("CARGO") else { return };
    let profile: &[&str] = if cfg!(debug_assertions) { &[] } else { &["--release"] };
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--bin", "headroom"]).args(profile);
    assert!(command.current_dir(world::repository()).status().unwrap().success());
}

/// The claims that did not hold.
fn soak(seed: u64, length: Duration) -> Vec<String> {
    let stage = Stage::new();
    let mut keeper = Keeper::start(&stage, seed);
    let book = thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|n| (&stage, seed.wrapping_add(n + 1), n))
            .map(|(stage, seed, n)| scope.spawn(move || senders::run(stage, seed, n)))
            .collect();
        for (n, vandal) in (100..).zip(vandals::ALL) {
            let stage = &stage;
            scope.spawn(move || vandal(stage, &mut stage::quiet_chance(seed.wrapping_add(n))));
        }
        keeper.keep_for(length);
        stage.end();
        let books = senders.into_iter().map(|sender| sender.join().unwrap());
        books.fold(Book::default(), Book::and)
    });
    let server = keeper.into_server();
    claims::check(&stage, &server, &book);
    stage.report();
    stage.broken()
}
