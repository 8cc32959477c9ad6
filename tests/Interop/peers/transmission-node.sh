#!/bin/bash
# transmission-daemon 3.00 as a Mainline node on loopback, in the foreground.
#   transmission-node.sh BINARY DIR HOST PORT BOOTSTRAP(host:port[,…]) RPCPORT
# - BINARY: the copy that patch-transmission.py makes. Debian's own drops every DHT packet from and to 127/8.
# - the DHT's UDP port is peer-port. Bootstrap: the file dht.bootstrap, "host port" a line. Afterwards Transmission also
#   tries dht.transmissionbt.com while it has few nodes: hence a private /etc/hosts and /etc/resolv.conf (mount
#   namespace), so that no query for a name leaves the machine.
# - the bootstrap is slow (seconds between the nodes it pings); announces start with >= 4 good and > 8 known nodes.
# - uTP is off so that a peer it finds is dialled over TCP, where a test can see it.
# - RPC on HOST:RPCPORT (for an IPv6 host: 127.0.0.1:RPCPORT), no authentication.
set -eu
BIN=$1 DIR=$2 HOST=$3 PORT=$4 BOOT=$5 RPC=$6
mkdir -p "$DIR"
# It opens an IPv6 socket for its DHT only where the machine has a global IPv6 address.
case $HOST in *:*) V4=127.0.0.1 V6=$HOST ;; *) V4=$HOST V6=::1 ;; esac
cat > "$DIR/settings.json" <<S
{ "bind-address-ipv4": "$V4", "bind-address-ipv6": "$V6", "dht-enabled": true, "lpd-enabled": false,
  "pex-enabled": false, "utp-enabled": false, "port-forwarding-enabled": false, "peer-port": $PORT,
  "peer-port-random-on-start": false, "download-dir": "$DIR", "incomplete-dir-enabled": false,
  "rpc-enabled": true, "rpc-bind-address": "$V4", "rpc-port": $RPC, "rpc-whitelist-enabled": false,
  "rpc-host-whitelist-enabled": false, "rpc-authentication-required": false, "start-added-torrents": true,
  "download-queue-enabled": false, "message-level": 3, "blocklist-enabled": false, "scrape-paused-torrents-enabled": false }
S
echo "$BOOT" | tr ',' '\n' | sed 's/:/ /' > "$DIR/dht.bootstrap"
printf '127.0.0.1 localhost\n127.0.0.1 dht.transmissionbt.com\n' > "$DIR/hosts"
echo 'nameserver 127.0.0.1' > "$DIR/resolv.conf"
[ "$(id -u)" = 0 ] && alone=(unshare -m) || alone=(unshare -r -m)
exec "${alone[@]}" bash -c 'mount --make-rprivate / && mount --bind "$1/hosts" /etc/hosts && mount --bind "$1/resolv.conf" /etc/resolv.conf && exec "$2" -f -g "$1" -e "$1/log" --log-debug' - "$DIR" "$BIN"
