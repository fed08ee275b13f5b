//! Owns the server and is not kind to it: kills it, ends it, takes the room on its disk away.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::stage::{Stage, quiet_chance};
use crate::world::{Chance, Request, Server, Setup, send, until};

/// Bytes beyond which no file grows while the disk is full: below what any store has.
const FULL_AT_BYTES: u32 = 16 * 1024;

pub(crate) struct Keeper<'a> {
    stage: &'a Stage,
    chance: Chance,
    server: Option<Server>,
    can_fill: bool,
}

impl<'a> Keeper<'a> {
    pub(crate) fn start(stage: &'a Stage, seed: u64) -> Self {
        let can_fill = is_there(&["env", "--ignore-signal=XFSZ", "true"])
            && is_there(&["prlimit", "--version"]);
        if !can_fill {
            println!("no full disk: env --ignore-signal (coreutils) or prlimit is missing");
        }
        println!("no steps of the clock: that needs rights over the machine's");
        let setup = Setup::new();
        let setup = if can_fill { setup.that_outlives_a_full_disk() } else { setup };
        let server = Some(setup.start());
        let keeper = Keeper { stage, chance: quiet_chance(seed), server, can_fill };
        keeper.announce();
        keeper
    }

    /// Lets it live and die for so long.
    pub(crate) fn keep_for(&mut self, length: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < length {
            for _ in 0..=self.chance.below(30) {
                self.stage.pause(Duration::from_millis(200));
                self.weigh();
            }
            match self.chance.below(4) {
                0 if self.can_fill => self.fill(),
                1 => self.restart("ended in good order", |server| {
                    let setup = server.setup.clone();
                    server.stop();
                    setup
                }),
                _ => self.restart("killed", Server::kill),
            }
        }
    }

    /// The server as it is left.
    pub(crate) fn into_server(self) -> Server {
        self.weigh();
        self.server.expect("it is always started again")
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("it is always started again")
    }

    fn announce(&self) {
        self.stage.moves_to(Some(self.server().address));
    }

    fn weigh(&self) {
        self.stage.at_most("MiB of memory at most", self.server().status("VmHWM:") / 1024);
    }

    fn restart(&mut self, how: &'static str, end: impl FnOnce(Server) -> Setup) {
        self.weigh();
        self.stage.moves_to(None);
        let server = self.server.take().expect("it is always started again");
        let log = server.log();
        let setup = end(server);
        self.read_log(&log);
        self.server = Some(setup.start());
        self.stage.count(how);
        self.announce();
    }

    /// No room for so long, and then room again.
    fn fill(&mut self) {
        self.server().limit_files(Some(FULL_AT_BYTES));
        self.stage.pause(Duration::from_millis(self.chance.next() % 3000));
        self.server().limit_files(None);
        self.stage.count("times without room on the disk");
        let address = self.server().address;
        until("the server stores again", || {
            (send(address, &Request::get("/readyz")).status == 200).then_some(())
        });
    }

    fn read_log(&self, log: &[String]) {
        for line in log.iter().filter(|line| line.contains("panicked")) {
            self.stage.claim(false, || format!("the server's log: {line}"));
        }
    }
}

fn is_there(words: &[&str]) -> bool {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).output().is_ok_and(|output| output.status.success())
}
