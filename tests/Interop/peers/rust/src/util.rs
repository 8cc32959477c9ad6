//! Flags, JSON-lines control over stdin/stdout, small helpers.
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    io::{BufRead, Write},
    sync::Arc,
    time::{Duration, Instant},
};

pub type Res<T = Value> = Result<T, String>;

/// Turns any error into the text that goes back to the driver.
pub fn es<E: std::fmt::Display>(e: E) -> String {
    e.to_string()
}

#[derive(Clone, Debug)]
pub enum Opt {
    B(bool),
    N(f64),
    S(String),
    L(Vec<String>),
}

#[derive(Clone, Debug)]
pub struct Args(HashMap<String, Opt>);

pub fn flag() -> Opt {
    Opt::B(false)
}
pub fn num(n: impl Into<f64>) -> Opt {
    Opt::N(n.into())
}
pub fn text(s: &str) -> Opt {
    Opt::S(s.into())
}
pub fn list(s: &str) -> Opt {
    Opt::L(split(s))
}
fn split(s: &str) -> Vec<String> {
    s.split(',').map(str::trim).filter(|x| !x.is_empty()).map(String::from).collect()
}

impl Args {
    /// `--key value`, `--flag [true|false]`; lists are comma separated and repeatable.
    pub fn parse(argv: &[String], defaults: &[(&str, Opt)]) -> Args {
        let mut m: HashMap<String, Opt> = defaults.iter().map(|(k, v)| (k.to_string(), v.clone())).collect();
        m.entry("daemon".into()).or_insert(flag());
        m.entry("threads".into()).or_insert(num(2));
        let mut seen = std::collections::HashSet::new();
        let mut i = 0;
        while i < argv.len() {
            let Some(key) = argv[i].strip_prefix("--") else { die(&format!("unexpected argument {}", argv[i])) };
            let next = argv.get(i + 1).cloned();
            let first = seen.insert(key.to_string());
            let Some(o) = m.get_mut(key) else { die(&format!("unknown option --{key}")) };
            let need = || next.clone().unwrap_or_else(|| die(&format!("--{key} needs a value")));
            match o {
                Opt::B(b) => match next.as_deref() {
                    Some("true") | Some("false") => {
                        *b = next.as_deref() == Some("true");
                        i += 1
                    }
                    _ => *b = true,
                },
                Opt::N(n) => {
                    *n = need().parse().unwrap_or_else(|_| die(&format!("--{key}: not a number")));
                    i += 1
                }
                Opt::S(s) => {
                    *s = need();
                    i += 1
                }
                Opt::L(l) => {
                    if first {
                        l.clear()
                    }
                    l.extend(split(&need()));
                    i += 1
                }
            }
            i += 1
        }
        Args(m)
    }
    pub fn b(&self, k: &str) -> bool {
        matches!(self.0[k], Opt::B(true))
    }
    pub fn n(&self, k: &str) -> f64 {
        if let Opt::N(n) = self.0[k] { n } else { unreachable!("{k}") }
    }
    pub fn u(&self, k: &str) -> usize {
        self.n(k) as usize
    }
    pub fn s(&self, k: &str) -> &str {
        if let Opt::S(s) = &self.0[k] { s } else { unreachable!("{k}") }
    }
    pub fn l(&self, k: &str) -> &[String] {
        if let Opt::L(l) = &self.0[k] { l } else { unreachable!("{k}") }
    }
}

pub fn die(m: &str) -> ! {
    eprintln!("rspeer: {m}");
    std::process::exit(2)
}

pub fn runtime(threads: usize) -> tokio::runtime::Runtime {
    let mut b = if threads <= 1 {
        tokio::runtime::Builder::new_current_thread()
    } else {
        let mut b = tokio::runtime::Builder::new_multi_thread();
        b.worker_threads(threads);
        b
    };
    b.enable_all().build().expect("runtime")
}

/// One JSON object per line on stdout.
pub fn say(v: Value) {
    let mut s = v.to_string();
    s.push('\n');
    let mut o = std::io::stdout().lock();
    if o.write_all(s.as_bytes()).and_then(|_| o.flush()).is_err() {
        std::process::exit(0)
    }
}

/// SIGTERM and SIGINT end the process, from the start on.
pub fn on_signals() {
    use tokio::signal::unix::{SignalKind, signal};
    for k in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut s = signal(k).expect("signal");
        tokio::spawn(async move {
            s.recv().await;
            std::process::exit(0)
        });
    }
}

pub type Handler = Arc<dyn Fn(String, Req) -> BoxFuture<'static, Res> + Send + Sync>;

/// One request of the driver.
#[derive(Clone)]
pub struct Req(pub Map<String, Value>);

impl Req {
    pub fn get(&self, k: &str) -> Option<&Value> {
        self.0.get(k).filter(|v| !v.is_null())
    }
    pub fn s(&self, k: &str) -> Option<&str> {
        self.get(k).and_then(Value::as_str)
    }
    pub fn need(&self, k: &str) -> Res<&str> {
        self.s(k).ok_or_else(|| format!("needs {k} (text)"))
    }
    pub fn i(&self, k: &str) -> Option<i64> {
        self.get(k).and_then(|v| v.as_i64().or_else(|| v.as_f64().map(|f| f as i64)))
    }
    pub fn u(&self, k: &str, d: usize) -> usize {
        self.i(k).map(|x| x.max(0) as usize).unwrap_or(d)
    }
    pub fn b(&self, k: &str) -> bool {
        self.get(k).and_then(Value::as_bool).unwrap_or(false)
    }
    pub fn hex(&self, k: &str) -> Res<Vec<u8>> {
        hex::decode(self.need(k)?).map_err(es)
    }
}

/// Serves requests until quit or (without --daemon) end of stdin. Requests run concurrently,
/// each under its own `timeout` (milliseconds; `default_ms` where the request names none; at most 10 minutes).
pub async fn serve(daemon: bool, default_ms: u64, h: Handler) {
    let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel::<Option<String>>();
    std::thread::spawn(move || {
        for l in std::io::stdin().lock().lines() {
            match l {
                Ok(l) => {
                    if tx.send(Some(l)).is_err() {
                        return;
                    }
                }
                Err(_) => break,
            }
        }
        let _ = tx.send(None);
        if daemon {
            loop {
                std::thread::park()
            }
        }
    });
    loop {
        let Some(Some(line)) = rx.recv().await else {
            if daemon {
                futures::future::pending::<()>().await;
            }
            return;
        };
        if line.trim().is_empty() {
            continue;
        }
        let m = match serde_json::from_str::<Value>(&line) {
            Ok(Value::Object(m)) => m,
            Ok(_) => {
                say(json!({"ok": false, "error": "bad JSON: not an object"}));
                continue;
            }
            Err(e) => {
                say(json!({"ok": false, "error": format!("bad JSON: {e}")}));
                continue;
            }
        };
        let id = m.get("id").cloned().unwrap_or(Value::Null);
        let cmd = m.get("cmd").and_then(Value::as_str).unwrap_or("").to_string();
        if cmd == "quit" {
            say(json!({"id": id, "ok": true}));
            return;
        }
        let h = h.clone();
        tokio::spawn(async move {
            let t = Instant::now();
            let req = Req(m);
            let limit = Duration::from_millis((req.u("timeout", default_ms as usize) as u64).min(600_000));
            let r = match tokio::time::timeout(limit, h(cmd, req)).await {
                Ok(r) => r,
                Err(_) => Err(format!("timed out after {} ms", limit.as_millis())),
            };
            let ms = t.elapsed().as_secs_f64() * 1e3;
            say(match r {
                Ok(v) => json!({"id": id, "ok": true, "result": v, "ms": ms}),
                Err(e) => json!({"id": id, "ok": false, "error": e, "ms": ms}),
            })
        });
    }
}

pub fn ip_add(ip: &str, n: u32) -> Res<String> {
    let a: std::net::Ipv4Addr = ip.parse().map_err(es)?;
    Ok(std::net::Ipv4Addr::from(u32::from(a) + n).to_string())
}

/// Everything here talks on loopback only; a caller that runs inside its own network namespace may lift that.
pub fn check_local(ip: std::net::IpAddr, any_net: bool) -> Res<()> {
    if any_net || ip.is_loopback() { Ok(()) } else { Err(format!("{ip} is not a loopback address (--any-net lifts this)")) }
}
