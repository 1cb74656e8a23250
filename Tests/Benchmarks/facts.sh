#!/usr/bin/env bash
# The inventory of this machine, applications too, beside what else collects facts of a host: facter, ansible's setup module, lshw, and os-brick's
# connector properties. One that is not installed has no row.
set -euo pipefail
agent=$BIN/quartermaster-agent
peer=$WORK/inventory

row() { # WHAT, the peer's command
    local what=$1 ours theirs
    shift
    # facter's exit code is 1 where one of its facts is not to be had, as in a container; it prints the others.
    "$@" >"$WORK/peer.out" 2>"$WORK/peer.err" || true
    if [ "$(wc -c <"$WORK/peer.out")" -lt 100 ]; then
        echo "$what: not compared: $(head -n 1 "$WORK/peer.err")" >&2
        return
    fi
    read -r ours theirs < <("$peer" compare 11 "$agent" inventory --level 4 --format json -- "$@")
    awk -v what="$what" -v ours="$ours" -v peer="$theirs" 'BEGIN {
        printf "inventory with applications of this machine / %s | %.1f ms | %.1f ms | %.3f | <= 0.1\n", what, ours / 1000, peer / 1000, ours / peer }'
}

export HOME=$WORK ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_INVENTORY_UNPARSED_WARNING=False
row "facter" sh -c 'facter --json 2>/dev/null || true'
row "ansible -m setup" ansible localhost --connection local -m setup
row "lshw -json" lshw -json -quiet
row "os-brick's connector properties" /usr/bin/python3 -c \
    'from os_brick.initiator import connector; print(connector.get_connector_properties(None, "127.0.0.1", True, False))'
