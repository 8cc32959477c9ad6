#!/bin/bash
# Runs a program that does not watch its standard input, ends it when ours does, and removes the folder with its files:
# whatever happens to the process that started us, nothing stays behind. Exits as soon as the program does.
#   guard.sh FOLDER COMMAND [ARGUMENT…]
folder=$1; shift
case $folder in */kadath-?*) trap 'rm -rf -- "$folder"' EXIT ;; *) echo "guard: not a folder to remove: $folder" >&2; exit 2 ;; esac
exec 3<&0
"$@" < /dev/null &
peer=$!
cat <&3 > /dev/null &
watch=$!
trap ':' TERM INT
wait -n "$peer" "$watch"
kill "$watch" 2>/dev/null
kill -TERM "$peer" 2>/dev/null
for _ in $(seq 40); do kill -0 "$peer" 2>/dev/null || exit 0; sleep 0.1; done
kill -KILL "$peer" 2>/dev/null
wait "$peer" 2>/dev/null
