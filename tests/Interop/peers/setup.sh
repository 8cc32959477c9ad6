#!/bin/bash
# Installs the foreign peers of the interop tests, outside the source tree. A second call with nothing new takes milliseconds.
#   setup.sh [DIR]    DIR: default $KADATH_PEERS, else ${XDG_CACHE_HOME:-~/.cache}/kadath/peers
# Debian packages need root or a sudo without password; bittorrent-dht needs npm; mldht needs Java. What is missing is not
# an error: DIR/missing/PEER then holds the reason, and the tests name the peer as skipped. Standard output names them too,
# and those that are not built from their sources here, and ends with PEERS=DIR.
# gopeer (anacrolix/dht), rspeer (pubky mainline) and mldht-peer.jar are taken from shared/peers beside the repository
# (or from $KADATH_PEER_BINARIES) if they are there, or from DIR/bin, where go/build.sh, rust/build.sh and mldht/build.sh put them.
set -u
SRC=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DIR=${1:-${KADATH_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/kadath/peers}}
BINARIES=${KADATH_PEER_BINARIES:-$SRC/../../../../shared/peers}
mkdir -p "$DIR/bin" "$DIR/missing" "$DIR/ready" && DIR=$(cd "$DIR" && pwd) || exit 1
exec 9> "$DIR/lock"; flock 9

# What decides whether there is anything to do: our files, the binaries offered, the packages installed.
stamp() {
  { cd "$SRC" && find . -type f -not -name README.md -print0 | sort -z | xargs -0 sha256sum
    stat -L -c '%s %Y' "$BINARIES"/{go/bin/gopeer,rust/bin/rspeer,rust-crypto/bin/rscrypto}.xz "$BINARIES"/mldht/bin/mldht-peer.jar "$DIR"/bin/* 2>/dev/null
    command -v aria2c rtorrent transmission-daemon node npm java ip openssl; ls /usr/lib/python3/dist-packages/libtorrent* 2>/dev/null; } | sha256sum
}
report() {
  for peer in "$DIR"/missing/*; do [ -f "$peer" ] && echo "skipped: ${peer##*/}: $(cat "$peer")"; done
  for peer in "$DIR"/ready/*; do [ -f "$peer" ] && echo "note: ${peer##*/}: $(cat "$peer")"; done
  echo "PEERS=$DIR"
}
if [ "$(cat "$DIR/stamp" 2>/dev/null)" = "$(stamp)" ]; then report; exit 0; fi

say() { echo "peers: $*" >&2; }
missing() { echo "$2" > "$DIR/missing/$1"; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
can_root() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
log=$DIR/setup.log; : > "$log"

debian() { # installs what is missing of the packages named; the list of packages is fetched only then
  command -v dpkg >/dev/null || { reason="not a Debian system, and not installed"; return 1; }
  local want=(); for p in "$@"; do dpkg -s "$p" >/dev/null 2>&1 || want+=("$p"); done
  [ ${#want[@]} = 0 ] && return 0
  can_root || { reason="installing ${want[*]} needs root (apt-get install ${want[*]})"; return 1; }
  say "installing ${want[*]}"
  { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${want[@]}"; } >> "$log" 2>&1 < /dev/null ||
    { reason="installing ${want[*]} failed (see $log)"; return 1; }
}
packaged() { # PEER PACKAGES… -- CHECK: present already, or installed now
  local peer=$1 packages=(); shift
  while [ "$1" != -- ]; do packages+=("$1"); shift; done; shift
  "$@" >/dev/null 2>&1 && return 0
  debian "${packages[@]}" && "$@" >> "$log" 2>&1 && return 0
  missing "$peer" "${reason:-${packages[*]} is installed but does not work (see $log)}"; return 1
}
node_of_18() { command -v "$1" >/dev/null && "$1" -e 'process.exit(+process.versions.node.split(".")[0] >= 18 ? 0 : 1)' 2>/dev/null; }
npm_peer() {
  command -v npm >/dev/null || { missing bittorrent-dht "npm is not installed"; return; }
  export npm_config_loglevel=error npm_config_fund=false npm_config_audit=false npm_config_update_notifier=false
  mkdir -p "$DIR/npm"; cp "$SRC"/*.mjs "$DIR/npm/"
  if ! cmp -s "$SRC/package-lock.json" "$DIR/npm/installed.json"; then
    say "installing bittorrent-dht"
    cp "$SRC"/package.json "$SRC"/package-lock.json "$DIR/npm/"
    (cd "$DIR/npm" && npm ci) >> "$log" 2>&1 < /dev/null || { missing bittorrent-dht "npm ci failed (see $log)"; return; }
    cp "$SRC/package-lock.json" "$DIR/npm/installed.json"
  fi
  if node_of_18 node; then ln -sf "$(command -v node)" "$DIR/bin/node"; return; fi
  mkdir -p "$DIR/node"
  (cd "$DIR/node" && npm install --prefix . node@24) >> "$log" 2>&1 < /dev/null
  node_of_18 "$DIR/node/node_modules/node/bin/node" || { missing bittorrent-dht "no Node.js of version 18 or later"; return; }
  ln -sf "$DIR/node/node_modules/node/bin/node" "$DIR/bin/node"
}
node26_peer() { # OpenSSL 3.5 inside: the hybrid groups and ML-DSA
  command -v npm >/dev/null || { missing node26 "npm is not installed"; return; }
  mkdir -p "$DIR/node26"
  local node=$DIR/node26/node_modules/node/bin/node
  "$node" -e 0 2>/dev/null || { say "installing Node.js 26"; (cd "$DIR/node26" && npm install --prefix . node@26) >> "$log" 2>&1 < /dev/null; }
  "$node" -e 0 2>/dev/null || missing node26 "npm install node@26 failed (see $log)"
}
binary_peer() { # PEER NAME PACKED BUILD-SCRIPT
  if [ -f "$BINARIES/$3" ] && [ "$(uname -sm)" = "Linux x86_64" ]; then
    xz -dc "$BINARIES/$3" > "$DIR/bin/$2.new" 2>> "$log" && chmod +x "$DIR/bin/$2.new" && mv "$DIR/bin/$2.new" "$DIR/bin/$2" &&
      echo "a ready binary runs; whether its source builds is not tested here (tests/Interop/peers/$4)" > "$DIR/ready/$1"
  fi
  [ -x "$DIR/bin/$2" ] || missing "$1" "no binary $2 (see tests/Interop/peers/$4)"
}
java_peer() {
  if [ -f "$BINARIES/mldht/bin/mldht-peer.jar" ]; then cp -f "$BINARIES/mldht/bin/mldht-peer.jar" "$DIR/bin/jar.new" && mv -f "$DIR/bin/jar.new" "$DIR/bin/mldht-peer.jar" &&
      echo "a ready jar runs; whether its source builds is not tested here (tests/Interop/peers/mldht/build.sh)" > "$DIR/ready/mldht"; fi
  [ -f "$DIR/bin/mldht-peer.jar" ] || { missing mldht "no mldht-peer.jar (tests/Interop/peers/mldht/build.sh builds it)"; return; }
  packaged mldht default-jre-headless -- java -version
}
loopback_transmission() {
  packaged transmission transmission-daemon -- command -v transmission-daemon || return
  [ "$(id -u)" = 0 ] || unshare -r -m true 2>/dev/null || { missing transmission "it needs a private /etc/hosts, hence root or user namespaces"; return; }
  reason=$(/usr/bin/python3 "$SRC/patch-transmission.py" "$DIR/bin/transmission-daemon.new" 2>&1) && mv "$DIR/bin/transmission-daemon.new" "$DIR/bin/transmission-daemon" && return
  missing transmission "${reason:-the patch for loopback failed}"
}

rm -f "$DIR"/missing/* "$DIR"/ready/*; reason=
packaged libtorrent python3-libtorrent -- /usr/bin/python3 -c 'import libtorrent'; reason=
packaged aria2 aria2 -- command -v aria2c; reason=
packaged rtorrent rtorrent -- command -v rtorrent; reason=
loopback_transmission; reason=
# Not a peer: tests/Node wants network namespaces.
packaged namespaces iproute2 -- command -v ip; reason=
packaged openssl openssl -- command -v openssl; reason=
npm_peer
node26_peer
binary_peer anacrolix gopeer go/bin/gopeer.xz go/build.sh
binary_peer pubky rspeer rust/bin/rspeer.xz rust/build.sh
binary_peer rscrypto rscrypto rust-crypto/bin/rscrypto.xz README.md
java_peer
stamp > "$DIR/stamp"
report
