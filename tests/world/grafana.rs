//! A Grafana that knows what is documented of dashboards and folders, and keeps them in memory.
//!
//! <https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/>
//! <https://grafana.com/docs/grafana/latest/developers/http_api/folder/>

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// The token that it expects.
pub(crate) const TOKEN: &str = "glsa_opensesame";

/// A running one; it ends with the test.
pub(crate) struct Grafana {
    address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    dashboards: BTreeMap<String, Value>,
    folders: BTreeMap<String, Value>,
    saves: usize,
}

type Answer = (u16, Value);

impl Grafana {
    pub(crate) fn start() -> Grafana {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Arc::new(Mutex::new(Kept::default()));
        let shared = Arc::clone(&kept);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = serve(&stream.unwrap(), &shared);
            }
        });
        Grafana { address, kept }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often a dashboard was saved.
    pub(crate) fn saves(&self) -> usize {
        self.kept.lock().unwrap().saves
    }

    /// What is kept of a dashboard: itself, and the uid of its folder.
    pub(crate) fn dashboard(&self, uid: &str) -> Value {
        self.kept.lock().unwrap().dashboards[uid].clone()
    }

    /// The titles of all folders.
    pub(crate) fn folders(&self) -> Vec<String> {
        let kept = self.kept.lock().unwrap();
        kept.folders.values().map(|folder| folder["title"].as_str().unwrap().to_owned()).collect()
    }

    /// Somebody changes a dashboard by hand.
    pub(crate) fn change(&self, uid: &str, change: impl FnOnce(&mut Value)) {
        let mut kept = self.kept.lock().unwrap();
        change(&mut kept.dashboards.get_mut(uid).unwrap()["dashboard"]);
    }
}

fn serve(stream: &TcpStream, kept: &Mutex<Kept>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let head = head.to_ascii_lowercase();
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let length = header("content-length:").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let is_known = header("authorization:") == Some(&format!("bearer {TOKEN}"));
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let (status, answer) = match is_known {
        true => answer(method, path, &body, &mut kept.lock().unwrap()),
        false => (401, json!({ "message": "Invalid API key" })),
    };
    let text = answer.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        text.len()
    );
    let mut stream = stream;
    stream.write_all((head + &text).as_bytes())
}

fn answer(method: &str, path: &str, body: &[u8], kept: &mut Kept) -> Answer {
    let known = |of: &BTreeMap<String, Value>, uid: &str, what: &str| match of.get(uid) {
        Some(value) => (200, value.clone()),
        None => (404, json!({ "message": format!("{what} not found") })),
    };
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match (method, path.rsplit_once('/').unwrap()) {
        ("get", ("/api/dashboards/uid", uid)) => known(&kept.dashboards, uid, "Dashboard"),
        ("get", ("/api/folders", uid)) => known(&kept.folders, uid, "folder"),
        ("post", ("/api", "folders")) => make_folder(&body, kept),
        ("post", ("/api/dashboards", "db")) => save(&body, kept),
        _ => (404, json!({ "message": "Not found" })),
    }
}

fn make_folder(body: &Value, kept: &mut Kept) -> Answer {
    let uid = body["uid"].as_str().unwrap().to_owned();
    if kept.folders.contains_key(&uid) {
        return (412, json!({ "message": "the folder has been changed by someone else" }));
    }
    kept.folders.insert(uid, body.clone());
    (200, body.clone())
}

fn save(body: &Value, kept: &mut Kept) -> Answer {
    let mut dashboard = body["dashboard"].clone();
    let (Some(uid), Some(_)) = (dashboard["uid"].as_str(), dashboard["title"].as_str()) else {
        return (400, json!({ "message": "Dashboard title cannot be empty" }));
    };
    let uid = uid.to_owned();
    let folder = body["folderUid"].as_str().unwrap_or_default();
    if !folder.is_empty() && !kept.folders.contains_key(folder) {
        return (400, json!({ "message": "folder not found" }));
    }
    let before = kept.dashboards.get(&uid).map(|known| known["dashboard"]["version"].clone());
    if before.is_some() && body["overwrite"] != true {
        return (
            412,
            json!({ "status": "version-mismatch", "message": "changed by someone else" }),
        );
    }
    let version = before.and_then(|version| version.as_u64()).unwrap_or(0) + 1;
    dashboard["version"] = json!(version);
    dashboard["id"] = json!(kept.dashboards.len() + 1);
    let meta = json!({ "folderUid": folder, "version": version });
    kept.dashboards.insert(uid.clone(), json!({ "dashboard": dashboard, "meta": meta }));
    kept.saves += 1;
    (200, json!({ "uid": uid, "status": "success", "version": version }))
}
