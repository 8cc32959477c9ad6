#!/bin/sh
# Builds gopeer and puts it where setup.sh looks for it. Needs Go >= 1.26.
#   build.sh [DIR]    DIR: as for setup.sh
set -eu
cd "$(dirname "$0")"
dir=${1:-${KADATH_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/kadath/peers}}; mkdir -p "$dir/bin" "$dir/go-build"
cp ./*.go go.mod "$dir/go-build"   # go.sum is made there: only the pinned direct versions are kept in the tree
cd "$dir/go-build" && go mod tidy && CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o "$dir/bin/gopeer" .
