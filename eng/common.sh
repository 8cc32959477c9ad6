# Shared by the scripts at the root. Sourced, not run: the caller sets `root` to the repository's root.

say() { printf '%s\n' "$*" >&2; }

# Finds the .NET command and checks that it has an SDK that global.json accepts; leaves its path in `dotnet`.
find_dotnet() {
    dotnet=
    for candidate in "$(command -v dotnet 2>/dev/null)" "${DOTNET_ROOT:+$DOTNET_ROOT/dotnet}" "$HOME/.dotnet/dotnet" \
        /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet /usr/local/share/dotnet/dotnet; do
        if [ -n "$candidate" ] && [ -x "$candidate" ] && (cd "$root" && "$candidate" --version) > /dev/null 2>&1; then
            dotnet=$candidate
            return 0
        fi
    done
    say "Kadath needs the .NET SDK 10.0 (10.0.100 or a later 10.0 feature band), and none was found."
    say "Install it from https://dotnet.microsoft.com/download/dotnet/10.0, or with a package manager:"
    say "    Debian, Ubuntu   apt-get install dotnet-sdk-10.0"
    say "    Fedora           dnf install dotnet-sdk-10.0"
    say "    macOS            brew install --cask dotnet-sdk"
    say "Then run this again. If it is installed elsewhere, put its folder on PATH or name it in DOTNET_ROOT."
    return 4
}

# The folder of the installation that `dotnet` belongs to: links on PATH are followed to the real one.
dotnet_home() {
    home=$dotnet
    while [ -L "$home" ]; do
        link=$(readlink "$home")
        case $link in
            /*) home=$link ;;
            *) home=${home%/*}/$link ;;
        esac
    done
    (cd "${home%/*}" && pwd -P)
}

# The runtime identifier of this machine, or nothing where it is not one that Kadath precompiles for.
runtime_identifier() {
    case $(uname -s) in
        Linux) if ls /lib/ld-musl-* > /dev/null 2>&1; then system=linux-musl; else system=linux; fi ;;
        Darwin) system=osx ;;
        *) return 0 ;;
    esac
    case $(uname -m) in
        x86_64 | amd64) echo "$system-x64" ;;
        arm64 | aarch64) echo "$system-arm64" ;;
    esac
}

# take_lock FILE WHAT: holds FILE until this shell ends or calls drop_lock. With flock the kernel frees the lock of a
# process that died; elsewhere the lock is a link whose target is the holder's process id, and a dead holder's is broken.
take_lock() {
    lock=$1
    if command -v flock > /dev/null 2>&1; then
        lock_kind=flock
        exec 9> "$lock"
        flock -n 9 && return 0
        say "kadath: waiting for another $2 to end"
        flock 9
        return
    fi
    lock_kind=link
    lock=$lock.pid
    told=
    while ! ln -s "$$" "$lock" 2>/dev/null; do
        holder=$(readlink "$lock") || continue
        if ! is_ours "$holder"; then
            # Moving is atomic: of several waiters one wins. Should it have caught a successor's lock, it gives it back.
            if mv "$lock" "$lock.$$" 2>/dev/null; then
                [ "$(readlink "$lock.$$")" = "$holder" ] || ln -s "$(readlink "$lock.$$")" "$lock" 2>/dev/null
                rm -f "$lock.$$"
            fi
            continue
        fi
        [ -n "$told" ] || say "kadath: waiting for another $2 to end (process $holder)"
        told=yes
        sleep 1
    done
}

drop_lock() {
    if [ "$lock_kind" = flock ]; then exec 9>&-; else rm -f "$lock"; fi
}

# Whether a process lives and is one of these scripts: a reused process id must not hold a lock for ever.
is_ours() {
    kill -0 "$1" 2>/dev/null || return 1
    case $(ps -p "$1" -o args= 2>/dev/null) in
        '' | *build-cli* | *test*) return 0 ;;
        *) return 1 ;;
    esac
}
