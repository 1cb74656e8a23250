# shellcheck shell=bash
# What happens to a host's devices, and how often the daemon tells it: disks that come, go and grow, a new FC initiator, its link that goes down, a path
# that is lost; each reaches the controller in one message. The agent runs as root in a guest without systemd; `service` has it as it is packaged.
# shellcheck source-path=SCRIPTDIR/..
source "$LAB/lab.sh"

export ON_LIMIT=300
cp "$LAB/hosts.sh" "$LAB/daemon.sh" "$WORK/share/"
guest host --memory 1536
guests_ready
in_guest='. /lab/share/hosts.sh; . /lab/share/daemon.sh; '

must host "$in_guest cp /lab/share/bin/* /usr/local/bin/ && controller"
must host "$in_guest modprobe libfc; alua_pairs 2 && multipath_for yes 2"
# How long udev works on one change depends on the processor, which is emulated here and may have other work: the bound is wide. Free space, which is told
# for itself, stays out of the count.
must host "$in_guest printf '%s\n' '[agent]' 'log-level = debug' '[reporting]' 'interval = 10s' 'settle = 3s' 'settle-limit = 4m' 'free-space-interval = 1d' \
        'free-space-threshold = 100%' | agent && { udevadm monitor --kernel --udev >/var/log/udev.log 2>&1 </dev/null & }"
must host "$in_guest quartermaster host list --format json"
host_id=$(jq -er '.hosts[0].hostID' "$WORK/out") || exit
shown="quartermaster host show $host_id --format json"

told='told() { quartermaster-agent status "${agent_options[@]}" --format json | jq ".registrations[0].counters.answered"; }
    # Nothing is under way: udev has no work, and for two intervals nothing was told.
    quiet() {
        local before after=
        for _ in $(seq 8); do
            udevadm settle; before=$(told); sleep 22; udevadm settle; after=$(told)
            [ "$before" = "$after" ] && return
        done
        return 1
    }
    '
# once WHAT SCRIPT SEEN: the script makes a change; the controller comes to know it, by one message: when all is quiet again there was no other.
once() {
    local before
    must host "$in_guest$told told"
    before=$(cat "$WORK/out")
    must host "$in_guest $2"
    settle events "$1: the controller knows" host "$in_guest$3" 300
    check events "$1: told in one message" 0 host "$in_guest$told quiet && [ \$((\$(told) - $before)) = 1 ] || { echo \$((\$(told) - $before)) messages; tail -n 20 \$place/agent.log; false; }"
}
linux_disks() { echo "$shown | jq -e '[.inventory.blockDevices[] | select(.vendor == \"Linux\")${2:-}] | length == $1'"; }

settle events "the first report is answered" host "$in_guest$told [ \$(told) -ge 2 ]" 120
check events "nothing is under way" 0 host "$in_guest$told quiet"
once "four disks come, as paths of two maps" "echo 2 >/sys/bus/pseudo/drivers/scsi_debug/add_host" "$(linux_disks 8) && $shown |
    jq -e '[.inventory.blockDevices[] | select(.pathGroups) | .pathGroups[].paths[] | select(.state == \"active\")] | length == 8'"
once "they go" "echo -2 >/sys/bus/pseudo/drivers/scsi_debug/add_host" "$(linux_disks 4)"
once "disks grow" "echo 1 >/sys/bus/pseudo/drivers/scsi_debug/virtual_gb; for disk in \$(disks debug); do echo 1 >/sys/block/\$disk/device/rescan; done" \
    "$(linux_disks 4 ' | select(.sizeBytes == 1073741824)')"
# The second unit's path in standby: no I/O that udev's rules do waits for it.
once "a path is lost" "echo offline >/sys/block/\$(disks debug | tail -n 1)/device/state" \
    "$shown | jq -e '.inventory.blockDevices[] | select(.pathGroups) | .pathGroups[].paths[] | select(.state == \"failed\")'"
once "a new initiator, with its link" "modprobe fcoe; ip link add fcA type veth peer name fcB; ip link set fcA mtu 2500 up; ip link set fcB mtu 2500 up
    echo fcA >/sys/module/libfcoe/parameters/create_vn2vn" \
    "$shown | jq -e '.inventory.initiators[] | select(.transport == \"fc\" and .portState == \"Online\")'"
# The kernel sends no event of a link, and the interval is far off.
must host "$in_guest sed -i 's/^interval = .*/interval = 1h/' \$place/agent.conf && kill -HUP \$(cat \$place/agent.pid)"
check events "nothing is under way, an hour before the next interval" 0 host "$in_guest$told quiet"
once "its link goes down" "ip link set fcB down" "$shown | jq -e '.inventory.initiators[] | select(.portState == \"Linkdown\")'"
once "it comes back" "ip link set fcB up" "$shown | jq -e '.inventory.initiators[] | select(.portState == \"Online\")'"
check events "lines in its log besides what it sent" 0 host "$in_guest grep -vc ' sent \|^sent ' \$place/agent.log; [ \$(grep -vc 'sent ' \$place/agent.log) -le 6 ]"
finish_scenario
