#!/usr/bin/env bash
# A pass over idle pads: the processor time that the running controller takes for one, over 30 s at an interval of 1 s, so that the full
# looks are in it, beside a C loop that opens and stats as many directories.   IDLE_PADS (10000)
set -euo pipefail
export PATH="$BIN:/usr/sbin:/sbin:$PATH"
count=${IDLE_PADS:-10000}
data=$WORK/idle-pads socket=$WORK/idle-pads.sock server=
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true' EXIT

quartermaster init --data-directory "$data" --format json >/dev/null
quartermaster server --data-directory "$data" --socket "$socket" 2>"$WORK/idle-pads.log" &
server=$!
for _ in $(seq 200); do grep -q ready "$WORK/idle-pads.log" && break; sleep 0.05; done
python3 "$TOP/Tests/Benchmarks/peers/make_pads.py" "$socket" "$WORK/idle-pads.d" "$count"
# The first looks are full ones; after two seconds of quiet a directory's time may save them.
sleep 5
ticks() { awk '{ print $14 + $15 }' "/proc/$server/stat"; }
before=$(ticks)
sleep 30
after=$(ticks)
ours=$(awk -v ticks=$((after - before)) -v hertz="$(getconf CLK_TCK)" 'BEGIN { print ticks / hertz / 30 * 1e6 }')
peer=$(seq -f "$WORK/idle-pads.d/%.0f/in" "$count" | "$WORK/pads" 5 | awk '{ print $1 }')
awk -v ours="$ours" -v peer="$peer" -v count="$count" 'BEGIN {
    printf "a pass over %d idle pads / C: open and stat | %.0f us | %.0f us | %.2f | <= 1.5\n", count, ours, peer, ours / peer }'
