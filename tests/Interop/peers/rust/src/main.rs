//! rspeer: a foreign Mainline node (the crate `mainline`, pubky) for tests on loopback, driven by JSON lines.
mod mainline_peer;
mod util;

fn main() {
    let argv: Vec<String> = std::env::args().skip(1).collect();
    match argv.split_first() {
        Some((sub, rest)) if sub == "mainline" => mainline_peer::main(rest),
        _ => util::die("usage: rspeer mainline [--flag value …]"),
    }
}
