#!/bin/sh
# Builds the command line for ./kadath into a fresh folder under artifacts/kadath, then points the stamp at it. A running
# node keeps the files it was started from. Everything printed goes to standard error, the build's own output to a log.
# Its intermediate files lie apart from those of developers' builds (artifacts/bin, artifacts/obj): neither disturbs the other.
set -u
root=$(cd "${0%/*}/.." && pwd -P) || exit 4
. "$root/eng/common.sh"

out=$root/artifacts/kadath
log=$out/build.log
mkdir -p "$out" || { say "kadath: cannot write to $out"; exit 4; }

began_at=$(ls -1d "$out/stamp" 2>/dev/null && cat "$out/stamp" 2>/dev/null)
take_lock "$out/lock" build
if [ "$began_at" != "$(ls -1d "$out/stamp" 2>/dev/null && cat "$out/stamp" 2>/dev/null)" ]; then
    drop_lock
    exit 0 # Another call built it while this one waited.
fi

build=
stop() {
    [ -z "$build" ] || kill "$build" 2>/dev/null
    [ -z "${folder:-}" ] || rm -rf "${out:?}/$folder"
    rm -f "$out/stamp.next"
    [ "$lock_kind" = flock ] || drop_lock
    exit "$1"
}
trap 'stop 130' INT
trap 'stop 143' TERM HUP

find_dotnet || stop $?
: > "$out/stamp.next" # Its time is the build's beginning: what is edited from now on is newer.
folder=build-$(date +%Y%m%d-%H%M%S)-$$
rid=$(runtime_identifier)

# publish ARGUMENT...: runs the build beside a line per finished project, so that a first build is seen to move.
publish() {
    DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 "$dotnet" publish "$root/src/Kadath.Cli" -c Release -nologo -v minimal \
        -nodeReuse:false -tl:off -p:KadathFast=true -p:ArtifactsPath="$out/work" -o "$out/$folder" "$@" \
        > "$log" 2>&1 < /dev/null 9>&- &
    build=$!
    shown=0
    while kill -0 "$build" 2>/dev/null; do
        sleep 0.3 2>/dev/null || sleep 1
        show_progress
    done
    wait "$build"
    result=$?
    build=
    show_progress
    return $result
}

show_progress() {
    lines=$(wc -l < "$log")
    [ "$lines" -gt "$shown" ] || return 0
    sed -n "$((shown + 1)),${lines}s/^ *\([A-Za-z.]*\) -> .*\.dll$/  \1/p" "$log" >&2
    shown=$lines
}

start=$(date +%s)
if [ -f "$out/stamp" ]; then say "kadath: sources changed, building the command line"
else say "kadath: building the command line (once, about half a minute)"; fi

if [ -n "$rid" ]; then
    publish -r "$rid" --self-contained false -p:PublishReadyToRun=true
    result=$?
    if [ $result -ne 0 ] && grep -qiE 'NU110[0-9]|NU130[0-9]|NETSDK1094|crossgen' "$log"; then
        say "kadath: the ahead-of-time compiler cannot be had, so the program starts slower: building without it"
        publish -r "$rid" --self-contained false -p:PublishReadyToRun=false
        result=$?
    fi
else
    say "kadath: no ahead-of-time compilation for $(uname -s) $(uname -m): the program starts slower"
    publish
    result=$?
fi
if [ $result -ne 0 ]; then
    grep -E '(error|warning) [A-Z]+[0-9]+' "$log" | sort -u | head -20 >&2
    grep -qE 'error [A-Z]+[0-9]+' "$log" || tail -20 "$log" >&2
    say "kadath: the build failed; all of its output is in artifacts/kadath/build.log"
    stop 4
fi

# The name a user sees in ps and top. The starter finds its assembly by a path inside it, not by its own name.
mv "$out/$folder/Kadath.Cli" "$out/$folder/kadath"
printf '%s\n%s\n' "$folder/kadath" "$(dotnet_home)" > "$out/stamp.body"
touch -r "$out/stamp.next" "$out/stamp.body" && mv "$out/stamp.body" "$out/stamp" && rm -f "$out/stamp.next"

# A node may still run from an older build and load from it: the last three stay.
ls -1dt "$out"/build-*/ 2>/dev/null | tail -n +4 | while read -r old; do rm -rf "$old"; done
say "kadath: built in $(($(date +%s) - start)) s"
drop_lock
exit 0
