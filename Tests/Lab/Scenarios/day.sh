# shellcheck shell=bash
# The daemon for a day on a host with MAPS multipath maps (1000) over four disks each: memory, threads and open files at the start and at the end, and what it
# costs. The host is a made tree, and the daemon runs on this machine, without a guest: an emulated processor would take hours. Its clock is not turned: it makes
# the ROUNDS rounds (1440) of 24 hours at an interval of one minute one after the other, at an interval of one second; the controller runs beside it.
# Only on request: it takes half an hour.
# shellcheck source-path=SCRIPTDIR/..
source "$LAB/lab.sh"
source "$LAB/endurance.sh"

maps=${MAPS:-1000} rounds=${ROUNDS:-1440}
export PLACE=$WORK/place PATH=$WORK/share/bin:$PATH
gcc -O2 -Wall -o "$WORK/peer" "$LAB/../Benchmarks/peers/inventory.c" && "$WORK/peer" tree "$WORK/tree" "$maps" || exit
beside() {
    bash -c "source '$LAB/hosts.sh'; source '$LAB/daemon.sh'; $1" >"$WORK/out" 2>"$WORK/err" </dev/null && return
    echo "lab: failed: $1" >&2
    cat "$WORK/out" "$WORK/err" >&2
    exit 1
}

beside "controller '' 1s && steady_configuration | agent --sysroot '$WORK/tree' && answered"
beside "quartermaster host show \$(quartermaster host list --format json | jq -r '.hosts[0].hostID') --format json | jq '[.inventory.blockDevices[] | .name] | length'"
known=$(cat "$WORK/out")
row day "$known block devices are known to the controller" 0 "" "$([ "$known" -ge $((5 * maps)) ] && echo ok || echo FAILED)"
rounds_of_a_day day $((4 * maps)) "$rounds"
few_lines day
finish_scenario
