#!/bin/bash
# aria2 as a Mainline node on loopback, in the foreground.
#   aria2-node.sh DIR HOST PORT BOOTSTRAP(host:port) RPCPORT INFOHASH…
# - aria2 starts its DHT only once there is a (non-private) BitTorrent download, hence at least one info-hash. Each is
#   looked up and announced (get_peers, then announce_peer with port = --listen-port).
# - --dht-entry-point takes one node; aria2 has no bootstrap nodes of its own.
# - an IPv6 HOST starts the IPv6 DHT alone: aria2 always opens its IPv4 socket beside it, which stays without contacts.
# - JSON-RPC on 127.0.0.1:RPCPORT, e.g. aria2.addUri, aria2.getPeers.
set -eu
DIR=$1 HOST=$2 PORT=$3 BOOT=$4 RPC=$5; shift 5
mkdir -p "$DIR"
URIS=(); for h in "$@"; do URIS+=("magnet:?xt=urn:btih:$h"); done
case $HOST in
  *:*) family=(--disable-ipv6=false --enable-dht=true --enable-dht6=true --dht-listen-addr6="$HOST" --dht-entry-point6="$BOOT" --dht-file-path6="$DIR/dht6.dat") ;;
  *) family=(--interface="$HOST" --disable-ipv6=true --enable-dht=true --enable-dht6=false --dht-entry-point="$BOOT") ;;
esac
exec aria2c --no-conf --quiet=true --log="$DIR/log" --log-level=notice --dir="$DIR" "${family[@]}" \
  --dht-listen-port="$PORT" --listen-port="$PORT" --dht-file-path="$DIR/dht.dat" --dht-message-timeout=5 \
  --bt-enable-lpd=false --enable-peer-exchange=false --bt-tracker= --bt-save-metadata=false \
  --bt-stop-timeout=0 --max-concurrent-downloads=100 --seed-time=0 \
  --enable-rpc=true --rpc-listen-all=false --rpc-listen-port="$RPC" -Z "${URIS[@]}"
