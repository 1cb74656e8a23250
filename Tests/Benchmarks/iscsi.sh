#!/usr/bin/env bash
# `iscsi discover` beside nmap and iscsi-ls (root): scans of loopback with 8 portals, of a network in a namespace whose silent addresses drop what
# comes, 1,000 targets on one portal, and memory of a /16.   ROUNDS (9), SILENT_ROUNDS (3)
set -euo pipefail
agent=$BIN/quartermaster-agent
peer=$WORK/inventory
rounds=${ROUNDS:-9}
processes=()
controls=()

end() {
    for process in "${processes[@]}"; do kill -KILL "$process" 2>/dev/null || true; done
    for control in "${controls[@]}"; do rm -f "/var/run/tgtd/socket.$control" "/var/run/tgtd/socket.$control.lock"; done
}
trap end EXIT

# tgtd ignores SIGTERM, and a control port that is in use is another's.
serve() { # CONTROL-PORT ADDRESS TARGETS [PREFIX …]
    local control=$1 address=$2 targets=$3
    shift 3
    controls+=("$control")
    "$@" tgtd -f -C "$control" -t 1 --iscsi "portal=$address:3260" >/dev/null 2>&1 &
    processes+=($!)
    for _ in $(seq 500); do
        tgtadm -C "$control" --mode sys --op show >/dev/null 2>&1 && break
        sleep 0.02
    done
    for number in $(seq "$targets"); do
        tgtadm -C "$control" --lld iscsi --mode target --op new --tid "$number" --targetname "iqn.2026-11.lab.example:$address-$number"
        tgtadm -C "$control" --lld iscsi --mode target --op bind --tid "$number" --initiator-address ALL
    done
}

# Wall time and memory of each command, in turn; medians.
measure() { "$peer" measure "$@"; }
row() { # WHAT OURS PEER TO-REACH, in microseconds
    awk -v what="$1" -v ours="$2" -v peer="$3" -v reach="$4" 'BEGIN {
        printf "%s | %.1f ms | %.1f ms | %.2f | %s\n", what, ours / 1000, peer / 1000, ours / peer, reach }'
}
check() { # WANTED-COUNT ARGUMENTS: that as many targets are listed
    local wanted=$1 found
    shift
    found=$("$agent" iscsi discover "$@" --format json | jq '.targets | length')
    [ "$found" = "$wanted" ] || { echo "discover $* lists $found targets, not $wanted" >&2; exit 1; }
}
scans() { # WHAT NETWORK TARGETS ROUNDS
    check "$3" --subnet "$2"
    local plain="nmap -sT -n -Pn -p3260"
    {
        read -r ours _ _
        read -r scripted _ _
        read -r bare _ _
    } < <(measure "$4" "$agent" iscsi discover --subnet "$2" -- $plain --script iscsi-info "$2" -- $plain "$2")
    row "$1 / nmap with iscsi-info" "$ours" "$scripted" "<= 0.3"
    row "$1 / nmap without it" "$ours" "$bare" "<= 1.0"
}

# A namespace of our own: the client's end is here, the portals are in another. What is no portal's is not forwarded, and nobody says so.
if [ "${1:-}" = silent ]; then
    ip link set lo up
    unshare -n sleep 600 &
    processes+=($!)
    other=$!
    for _ in $(seq 500); do
        [ "$(readlink "/proc/$other/ns/net")" != "$(readlink /proc/self/ns/net)" ] && break
        sleep 0.02
    done
    ip link add near type veth peer name far
    ip link set far netns "$other"
    ip address add 192.0.2.1/30 dev near
    ip link set near up
    inside=(nsenter -t "$other" -n)
    "${inside[@]}" ip link set lo up
    "${inside[@]}" ip address add 192.0.2.2/30 dev far
    "${inside[@]}" ip link set far up
    ip route add 198.51.100.0/24 via 192.0.2.2
    for number in $(seq 8); do
        "${inside[@]}" ip address add "198.51.100.$((number * 20))/32" dev lo
        serve $((28100 + number)) "198.51.100.$((number * 20))" 1 "${inside[@]}"
    done
    scans "scan of a /24 with 8 portals, the others silent" 198.51.100.0/24 8 "${SILENT_ROUNDS:-3}"
    exit
fi

for number in $(seq 8); do serve $((28000 + number)) "127.77.0.$((number * 20))" 1; done
scans "scan of a /24 of loopback with 8 portals" 127.77.0.0/24 8 "$rounds"
scans "scan of a /20 of loopback with 8 portals" 127.77.0.0/20 8 "$rounds"

serve 28090 127.78.0.1 1000
check 1000 --portal 127.78.0.1
{
    read -r ours _ _
    read -r theirs _ _
    read -r all _ _
} < <(measure "$rounds" "$agent" iscsi discover --portal 127.78.0.1 -- iscsi-ls iscsi://127.78.0.1 \
    -- "$agent" iscsi discover --portal 127.78.0.1 --authentication all)
row "1,000 targets on one portal / iscsi-ls" "$ours" "$theirs" "<= 1.0"
row "the same, each asked whether it wants authentication / iscsi-ls" "$all" "$theirs" "-"

{
    read -r ourTime _ ours
    read -r theirTime _ theirs
} < <(measure 3 "$agent" iscsi discover --subnet 127.77.0.0/16 --large-scan -- nmap -sT -n -Pn -p3260 127.77.0.0/16)
awk -v ours="$ours" -v theirs="$theirs" 'BEGIN {
    printf "memory of a scan of a /16 / nmap | %.1f MB | %.1f MB | %.2f | <= 0.5\n", ours / 1024, theirs / 1024, ours / theirs }'
row "time of a scan of a /16 / nmap" "$ourTime" "$theirTime" "-"

unshare -n "$0" silent
