//! Mainline DHT nodes: the crate `mainline` (pubky), the DHT under pkarr.
use crate::util::*;
use futures::{FutureExt, StreamExt};
use mainline::{Dht, Id, MutableItem, SigningKey, async_dht::AsyncDht};
use serde_json::{Value, json};
use std::{collections::BTreeSet, net::Ipv4Addr, sync::Arc, time::Duration};

struct N {
    dht: AsyncDht,
    addr: String,
}

async fn info(n: &N) -> Value {
    let i = n.dht.info().await;
    json!({
        "id": i.id().to_string(), "addr": n.addr, "table": n.dht.to_bootstrap().await.len(), "server": i.server_mode(),
        "firewalled": i.firewalled(), "public": i.public_address().map(|a| a.to_string()), "size": i.dht_size_estimate().0
    })
}

fn value(req: &Req) -> Res<Vec<u8>> {
    let v = req.need("v")?;
    match v.strip_prefix("hex:") {
        Some(h) => hex::decode(h).map_err(es),
        None => Ok(v.as_bytes().to_vec()),
    }
}
/// latin1 text, as the JS peer gives values
fn latin1(v: &[u8]) -> String {
    v.iter().map(|b| *b as char).collect()
}
fn id(s: &str) -> Res<Id> {
    s.parse().map_err(|e| format!("{s}: {e:?}"))
}

async fn handle(all: Arc<Vec<N>>, cmd: String, req: Req) -> Res {
    let n = all.get(req.u("node", 0)).ok_or("no such node")?;
    match cmd.as_str() {
        "info" => {
            let mut v = vec![];
            for n in all.iter() {
                v.push(info(n).await)
            }
            Ok(v.into())
        }
        "nodes" => Ok(n.dht.to_bootstrap().await.into()),
        "get_peers" => {
            let mut s = n.dht.get_peers(id(req.need("infohash")?)?);
            let (mut peers, mut answers) = (BTreeSet::new(), 0);
            while let Some(v) = s.next().await {
                answers += 1;
                peers.extend(v.iter().map(|a| a.to_string()))
            }
            Ok(json!({"peers": peers, "visited": answers}))
        }
        // the crate tells that at least one node stored it, not how many
        "announce" => {
            let port = req.u("port", 0) as u16;
            n.dht.announce_peer(id(req.need("infohash")?)?, (port != 0).then_some(port)).await.map_err(es)?;
            Ok(json!({"stored": 1, "atLeast": true}))
        }
        "put_immutable" => {
            let t = n.dht.put_immutable(&value(&req)?).await.map_err(es)?;
            Ok(json!({"target": t.to_string(), "stored": 1, "atLeast": true}))
        }
        // {target} an immutable item; {k, salt?, seq?} a mutable one (the crate cannot look a mutable item up by target alone)
        "get" => {
            if req.s("k").is_some() {
                let k: [u8; 32] = req.hex("k")?.try_into().map_err(|_| "k has 32 bytes")?;
                let salt = req.s("salt").map(str::as_bytes);
                let mut s = n.dht.get_mutable(&k, salt, req.i("seq"));
                let mut best: Option<MutableItem> = None;
                let mut copies = 0;
                while let Some(i) = s.next().await {
                    copies += 1;
                    if best.as_ref().is_none_or(|b| i.seq() > b.seq()) {
                        best = Some(i)
                    }
                    if req.b("first") {
                        break;
                    }
                }
                return Ok(best.map(|i| json!({"v": latin1(i.value()), "seq": i.seq(), "k": hex::encode(i.key()), "sig": hex::encode(i.signature()), "copies": copies})).into());
            }
            Ok(n.dht.get_immutable(id(req.need("target")?)?).await.map(|v| json!({"v": latin1(&v)})).into())
        }
        "put_mutable" => {
            let seed: [u8; 32] = req.hex("seed")?.try_into().map_err(|_| "seed has 32 bytes")?;
            let key = SigningKey::from_bytes(&seed);
            let k = key.verifying_key().to_bytes();
            let item = MutableItem::new(key, &value(&req)?, req.i("seq").unwrap_or(1), req.s("salt").map(str::as_bytes));
            let o = n.dht.put_mutable(item, req.i("cas")).await.map_err(es)?;
            Ok(json!({"target": o.target.to_string(), "k": hex::encode(k), "stored": o.stored_at}))
        }
        "find_node" => Ok(n.dht.find_node(id(req.need("target")?)?).await.iter().map(|x| json!({"id": x.id().to_string(), "addr": x.address().to_string()})).collect()),
        // the nodes closest to target that answered a BEP44 get with a token
        "closest" => Ok(n.dht.get_closest_nodes(id(req.need("target")?)?).await.iter().map(|x| json!({"id": x.id().to_string(), "addr": x.address().to_string()})).collect()),
        "rebootstrap" => {
            n.dht.bootstrapped().await;
            Ok(info(n).await)
        }
        x => Err(format!("unknown cmd {x}")),
    }
}

pub fn main(argv: &[String]) {
    let a = Args::parse(
        argv,
        &[("host", text("127.0.0.1")), ("port", num(20001)), ("bootstrap", list("")), ("count", num(1)), ("ips", flag()), ("client", flag()), ("request-timeout", num(500)), ("any-net", flag())],
    );
    runtime(a.u("threads")).block_on(async move {
        on_signals();
        if let Err(e) = start(a).await {
            die(&e)
        }
    });
    std::process::exit(0)
}

async fn start(a: Args) -> Res<()> {
    for b in a.l("bootstrap") {
        let s: std::net::SocketAddrV4 = b.parse().map_err(|e| format!("{b}: {e}"))?;
        check_local((*s.ip()).into(), a.b("any-net"))?
    }
    let mut all: Vec<N> = vec![];
    for i in 0..a.u("count").clamp(1, 2000) {
        let host = if a.b("ips") { ip_add(a.s("host"), i as u32)? } else { a.s("host").to_string() };
        let port = if a.b("ips") { a.u("port") } else { a.u("port") + i } as u16;
        let ip: Ipv4Addr = host.parse().map_err(es)?;
        check_local(ip.into(), a.b("any-net"))?;
        let mut b = Dht::builder();
        b.bind_address(ip).port(port).request_timeout(Duration::from_millis(a.u("request-timeout") as u64));
        if !a.b("client") {
            b.server_mode();
        }
        // an empty list is what keeps the crate away from its public default nodes
        let boot: Vec<String> = if !a.l("bootstrap").is_empty() { a.l("bootstrap").to_vec() } else { all.first().map(|n| n.addr.clone()).into_iter().collect() };
        if boot.is_empty() { b.no_bootstrap() } else { b.bootstrap(&boot) };
        let dht = b.build().map_err(|e| format!("{host}:{port}: {e}"))?.as_async();
        all.push(N { dht, addr: format!("{host}:{port}") })
    }
    for (i, n) in all.iter().enumerate() {
        if i > 0 || !a.l("bootstrap").is_empty() {
            let _ = tokio::time::timeout(Duration::from_secs(5), n.dht.bootstrapped()).await;
        }
    }
    let mut v = vec![];
    for n in &all {
        v.push(info(n).await)
    }
    say(json!({"event": "ready", "impl": "mainline", "nodes": v}));
    let all = Arc::new(all);
    serve(a.b("daemon"), 30_000, Arc::new(move |cmd, req| handle(all.clone(), cmd, req).boxed())).await;
    Ok(())
}
