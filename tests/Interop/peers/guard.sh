#!/bin/bash
# Runs a program that does not watch its standard input, and ends it when ours does: whatever happens to the process that
# started us, nothing stays behind. Exits as soon as the program does.
#   guard.sh COMMAND [ARGUMENT…]
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
