#!/usr/bin/env bash
# Registrations and inventory updates that wait on pads: accepted, durable and answered per second, beside the same cryptography
# alone in C; and the calls that force data to disk, counted in a run of their own.  HOSTS (10000), USERS (100), PADS (100)
set -euo pipefail
export PATH="$BIN:/usr/sbin:/sbin:$PATH"
hosts=${HOSTS:-10000} users=${USERS:-100} pads=${PADS:-100}

prepare() { # name: makes a controller with users and pads, and stops it
    local data=$WORK/intake-$1 index server
    export QUARTERMASTER_SOCKET=$WORK/intake-$1.sock
    key=$(quartermaster init --data-directory "$data" --format json | jq -r .fingerprint)
    quartermaster server --data-directory "$data" --socket "$QUARTERMASTER_SOCKET" 2>"$WORK/intake-$1.log" &
    server=$!
    for _ in $(seq 200); do grep -q ready "$WORK/intake-$1.log" && break; sleep 0.05; done
    account=$(quartermaster account create --name bench --format json | jq -r .accountID)
    quartermaster domain create --account "$account" --name bench >/dev/null
    for index in $(seq 0 $((users - 1))); do
        quartermaster user create --account "$account" --domain bench --name "bench$index" --role server-admin \
            --password-file "$WORK/password" >/dev/null
    done
    : >"$WORK/pads-$1"
    for index in $(seq "$pads"); do
        mkdir -p "$WORK/intake-$1-pads/$index"
        quartermaster pad create "$WORK/intake-$1-pads/$index" --account "$account" --interval 1s >/dev/null
        echo "$WORK/intake-$1-pads/$index" >>"$WORK/pads-$1"
    done
    kill "$server" && wait "$server"
}
run() { # name hosts wrapper…
    local name=$1 count=$2
    shift 2
    quartermaster-bench "$WORK/intake-$name" "$QUARTERMASTER_SOCKET" "$account" bench "$users" "$WORK/password" "$key" "$count" \
        "$WORK/pads-$name" "$@" "$BIN/quartermaster" server --data-directory "$WORK/intake-$name" --socket "$QUARTERMASTER_SOCKET"
}

(umask 077 && echo "bench password" >"$WORK/password")
prepare timed
read -r registrations updates bytes < <(run timed "$hosts")
peer_registrations=$("$WORK/crypto" registrations "$hosts" "$users" "$bytes")
peer_updates=$("$WORK/crypto" updates "$hosts" 0 "$bytes")
row() { awk -v what="$1" -v ours="$2" -v peer="$3" -v reach="$4" 'BEGIN { printf "%s | %.0f/s | %.0f/s | %.2f | %s\n", what, ours, peer, ours / peer, reach }'; }
row "registrations answered, $hosts hosts of $users users on $pads pads / the cryptography in C" "$registrations" "$peer_registrations" ">= 0.4"
row "inventory updates answered / the cryptography in C" "$updates" "$peer_updates" ">= 0.4"

few=$((hosts < 2000 ? hosts : 2000))
prepare counted
# -D: the controller is the child that gets SIGTERM, and strace its child, which writes the counts when the controller has ended.
ROUNDS=1 run counted "$few" "$(command -v strace)" -D -f -c --seccomp-bpf -e trace=fsync,fdatasync,syncfs -o "$WORK/syncs" >/dev/null
for _ in $(seq 100); do [ -s "$WORK/syncs" ] && break; sleep 0.05; done
calls=$(awk '/ (fsync|fdatasync|syncfs)$/ { total += $4 } END { print total + 0 }' "$WORK/syncs")
awk -v calls="$calls" -v messages="$few" 'BEGIN {
    printf "calls that force data to disk, for each of %d registrations | %.4f | 1 | %.4f | <= 0.05\n", messages, calls / messages, calls / messages }'
