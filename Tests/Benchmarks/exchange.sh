#!/usr/bin/env bash
# A message from its publication to the answer read, at an interval of 1 s, beside `sbd message … test` on a loop device.
set -euo pipefail
export PATH="$BIN:/usr/sbin:/sbin:$PATH"

image=$WORK/sbd.img
truncate -s 10M "$image"
device=$(losetup -f --show "$image")
server=
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true; losetup -d "$device"' EXIT
sbd -d "$device" create >/dev/null 2>&1
sbd -d "$device" allocate host >/dev/null 2>&1
seconds() { local start end; start=$(date +%s.%N); "$@" >/dev/null 2>&1; end=$(date +%s.%N); awk -v a="$start" -v b="$end" 'BEGIN { print b - a }'; }
peer=$(seconds sbd -d "$device" message host test)

export QUARTERMASTER_SOCKET=$WORK/exchange.sock
data=$WORK/exchange
key=$(quartermaster init --data-directory "$data" --format json | jq -r .fingerprint)
quartermaster server --data-directory "$data" --socket "$QUARTERMASTER_SOCKET" 2>"$WORK/exchange.log" &
server=$!
for _ in $(seq 200); do grep -q ready "$WORK/exchange.log" && break; sleep 0.05; done
account=$(quartermaster account create --name bench --format json | jq -r .accountID)
quartermaster domain create --account "$account" --name bench >/dev/null
(umask 077 && echo "bench password" >"$WORK/exchange.password")
quartermaster user create --account "$account" --domain bench --name bench --role server-admin --password-file "$WORK/exchange.password" >/dev/null
mkdir -p "$WORK/exchange.pad"
quartermaster pad create "$WORK/exchange.pad" --account "$account" --interval 1s >/dev/null
state=(--state-directory "$WORK/exchange.agent")
quartermaster-agent register "${state[@]}" --pad "$WORK/exchange.pad" --account "$account" --domain bench --user bench \
    --password-file "$WORK/exchange.password" --controller-key "$key" >/dev/null 2>&1
total=0
for _ in 1 2 3 4 5; do
    total=$(awk -v a="$total" -v b="$(seconds quartermaster-agent report "${state[@]}" --wait)" 'BEGIN { print a + b }')
done
awk -v ours="$total" -v peer="$peer" 'BEGIN {
    ours /= 5
    printf "message published to answer read, 1 s interval | %.2f s | %.2f s | %.2f | <= 0.2\n", ours, peer, ours / peer }'
