#!/bin/sh
# Builds rspeer and puts it where setup.sh looks for it. Needs Rust >= 1.91 (edition 2024).
#   build.sh [DIR]    DIR: as for setup.sh
set -eu
cd "$(dirname "$0")"
dir=${1:-${KADATH_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/kadath/peers}}; mkdir -p "$dir/bin"
CARGO_TARGET_DIR=$dir/rust-target cargo build --release
cp "$dir/rust-target/release/rspeer" "$dir/bin/rspeer"
