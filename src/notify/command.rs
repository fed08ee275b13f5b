//! A program that is told: plain text on its stdin, its exit code is the answer.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::Trouble;

/// The notification's id, for the program.
const ID_ENV: &str = "HEADROOM_NOTIFICATION_ID";

/// Bytes of what it says on stderr that are kept, the last ones.
const SAID_BYTES_MAX: usize = 400;

/// Between two looks whether it has ended.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Runs it to its end. One that takes longer than it may is killed with all that it started.
pub(super) fn run(
    words: &[String],
    text: &str,
    id: &str,
    time_max: Duration,
) -> Result<(), Trouble> {
    let program = words.first().ok_or_else(|| Trouble::away("there is no program to run"))?;
    let mut command = Command::new(program);
    command.args(&words[1..]).env(ID_ENV, id).process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    // It is told of alarms, not of secrets.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HEADROOM_") && name != ID_ENV {
            command.env_remove(name);
        }
    }
    let mut child = command
        .spawn()
        .map_err(|error| Trouble::away(format!("{program} cannot be run: {error}")))?;
    let said = talk(&mut child, text.to_owned());
    let ended = wait(&mut child, time_max);
    let said = || {
        let said = said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        if said.is_empty() { String::new() } else { format!(": {said}") }
    };
    match ended {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(Trouble::away(format!("{program} ends with {status}{}", said()))),
        None => {
            let secs = time_max.as_secs();
            Err(Trouble::away(format!(
                "{program} took longer than {secs} s and was killed{}",
                said()
            )))
        }
    }
}

/// Feeds it and listens to it, on threads of their own: it may do neither its reading nor its
/// writing.
fn talk(child: &mut Child, text: String) -> Arc<Mutex<Vec<u8>>> {
    let said = Arc::new(Mutex::new(Vec::new()));
    if let Some(mut stdin) = child.stdin.take() {
        thread::spawn(move || {
            // A program that does not care for the text closes it.
            let _ = stdin.write_all(text.as_bytes());
        });
    }
    if let Some(mut stderr) = child.stderr.take() {
        let said = Arc::clone(&said);
        thread::spawn(move || {
            let mut some = [0; 1024];
            while let Ok(n @ 1..) = stderr.read(&mut some) {
                let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                said.extend_from_slice(&some[..n]);
                let over = said.len().saturating_sub(SAID_BYTES_MAX);
                said.drain(..over);
            }
        });
    }
    said
}

/// Waits until it ends; `None` when it had to be killed.
fn wait(child: &mut Child, time_max: Duration) -> Option<ExitStatus> {
    let began = Instant::now();
    while began.elapsed() < time_max {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) => thread::sleep(LOOK_EVERY),
            Err(_) => break,
        }
    }
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    fn shell(script: &str, time_max: Duration) -> Result<(), Trouble> {
        let words = ["sh", "-c", script].map(str::to_owned);
        run(&words, "PAGE: all is wrong\n", "id-7", time_max)
    }

    #[test]
    fn it_reads_the_text_and_the_id() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("got");
        shell(&format!("(cat; echo $HEADROOM_NOTIFICATION_ID) > {}", file.display()), LONG)
            .unwrap();
        assert_eq!(std::fs::read_to_string(file).unwrap(), "PAGE: all is wrong\nid-7\n");
    }

    #[test]
    fn its_exit_code_and_last_words_are_the_trouble() {
        let trouble = shell("echo no route >&2; exit 3", LONG).unwrap_err().to_string();
        assert!(trouble.contains("exit status: 3"), "{trouble}");
        let words = ["/nowhere/mail".to_owned()];
        let trouble = run(&words, "", "id", LONG).unwrap_err().to_string();
        assert!(trouble.contains("/nowhere/mail cannot be run"), "{trouble}");
    }

    #[test]
    fn one_that_takes_too_long_is_killed_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("alive");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        // Whoever lives holds the pipe open.
        let script = format!("exec 3>{0}; cat {0} & cat {0}", fifo.display());
        let reader = thread::spawn(move || std::fs::read(fifo));
        let trouble = shell(&script, Duration::from_millis(50)).unwrap_err().to_string();
        assert!(trouble.contains("was killed"), "{trouble}");
        assert_eq!(reader.join().unwrap().unwrap(), b"", "nobody is left who holds it");
    }

    #[test]
    fn one_that_reads_nothing_is_no_failure() {
        assert_eq!(shell("exec <&-; exit 0", LONG), Ok(()));
    }
}
