#!/bin/bash
# rtorrent 0.9.8 (libtorrent-rakshasa 0.13.8) as a Mainline node on loopback, in the foreground, without a terminal.
#   rtorrent-node.sh DIR HOST PORT BOOTSTRAP(host:port[,…])
# - ids are random; it looks things up only if it has a torrent: put torrent files (a magnet link in one is enough) into DIR/watch.
# - without a node in its table it answers find_node and get_peers with error 201 "No peers nor nodes".
set -eu
DIR=$1 HOST=$2 PORT=$3 BOOT=$4
mkdir -p "$DIR/watch"
cat > "$DIR/rc" <<S
system.daemon.set = true
session.path.set = $DIR
directory.default.set = $DIR
network.bind_address.set = $HOST
network.port_range.set = $PORT-$PORT
network.port_random.set = no
dht.port.set = $PORT
dht.mode.set = on
protocol.pex.set = no
trackers.use_udp.set = no
log.open_file = "log", $DIR/log
log.add_output = "dht_all", "log"
log.add_output = "info", "log"
log.add_output = "tracker_debug", "log"
S
i=0; for b in ${BOOT//,/ }; do echo "schedule2 = boot$i, 2, 10, \"dht.add_node=$b\"" >> "$DIR/rc"; i=$((i+1)); done
echo "schedule2 = watch, 1, 1, \"load.start=$DIR/watch/*.torrent\"" >> "$DIR/rc"
exec rtorrent -n -o import="$DIR/rc"
