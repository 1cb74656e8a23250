#!/usr/bin/env bash
# The inventory of this machine beside lsblk, and of trees of multipath maps beside a C loop over the same files and lsblk --sysroot.
# QUICK=1 leaves out lsblk on the large tree: it takes minutes.
set -euo pipefail
agent=$BIN/quartermaster-agent
peer=$WORK/inventory
trees=$WORK/trees
# sysfs is in memory: a file system in memory is the nearest to it.
if [ "$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 4000000 ] 2>/dev/null; then trees=$(mktemp -d /dev/shm/quartermaster-bench.XXXXXX); fi
trap 'rm -rf "$trees"' EXIT

row() { # WHAT OURS PEER TO-REACH, in microseconds
    awk -v what="$1" -v ours="$2" -v peer="$3" -v reach="$4" 'BEGIN {
        printf "%s | %.1f ms | %.1f ms | %.2f | %s\n", what, ours / 1000, peer / 1000, ours / peer, reach }'
}

read -r ours theirs < <("$peer" compare 300 "$agent" inventory --format json -- lsblk -J -O)
row "inventory of this machine / lsblk -J -O" "$ours" "$theirs" "<= 1.0"

for maps in 1000 4000; do
    "$peer" tree "$trees/$maps" "$maps"
    read -r ours theirs < <("$peer" compare 21 "$agent" inventory --format json --sysroot "$trees/$maps" -- "$peer" read "$trees/$maps")
    row "inventory of $maps multipath maps / a C loop over the same files" "$ours" "$theirs" "<= 1.5"
    [ "$maps" = 1000 ] && small=$ours
done
row "4,000 maps / four times 1,000 maps" "$ours" "$((small * 4))" "<= 1.1"
if [ -z "${QUICK:-}" ]; then
    # Broken off after five minutes: the ratio is then better than what stands here.
    start=$(date +%s%N)
    timeout 300 lsblk -J -O --sysroot "$trees/4000" >/dev/null 2>&1 || true
    row "inventory of 4,000 multipath maps / lsblk -J -O --sysroot" "$ours" "$((($(date +%s%N) - start) / 1000))" "<= 0.02"
fi
