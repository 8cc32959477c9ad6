#!/bin/bash
# Builds mldht-peer.jar and puts it where setup.sh looks for it: our classes and, from the Maven artefact
# com.github.atomashpolskiy:bt-dht:1.10, the shaded packages they need.
#   build.sh [DIR]    DIR: as for setup.sh
# Needs a JDK 17 and that artefact in the local Maven repository (M2, default ~/.m2/repository;
# fetched with mvn if it is not there). Intermediate files: OUT (default: a temporary directory). The jar is reproducible.
set -eu
dir=${1:-${KADATH_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/kadath/peers}}
here=$(cd "$(dirname "$0")" && pwd); m2=${M2:-$HOME/.m2/repository}
dep=$m2/com/github/atomashpolskiy/bt-dht/1.10/bt-dht-1.10.jar
[ -f "$dep" ] || mvn -q dependency:get -Dartifact=com.github.atomashpolskiy:bt-dht:1.10 -Dtransitive=false
out=${OUT:-}; [ -n "$out" ] || { out=$(mktemp -d); trap 'rm -rf "$out"' EXIT; }; rm -rf "$out/classes"; mkdir -p "$out/classes" "$dir/bin"
(cd "$out/classes" && unzip -q "$dep" 'lbms/*' 'the8472/bencode/*' 'the8472/utils/*' 'net/i2p/*')
rm "$out"/classes/lbms/plugins/mldht/kad/utils/AddressUtils*.class          # ours takes its place
javac --release 17 -XDignore.symbol.file -Xlint:-options -cp "$out/classes" -d "$out/classes" "$here/MldhtPeer.java" "$here/Json.java" "$here/lbms/plugins/mldht/kad/utils/AddressUtils.java"
printf 'Main-Class: MldhtPeer\n' > "$out/manifest"
rm -f "$dir/bin/mldht-peer.jar"
(cd "$out/classes" && find . -type f | sed "s,^\./,," | LC_ALL=C sort > "$out/list" && jar --create --file "$dir/bin/mldht-peer.jar" --manifest "$out/manifest" --date 2021-12-05T00:00:00Z @"$out/list")
ls -l "$dir/bin/mldht-peer.jar"
