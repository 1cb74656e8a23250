# shellcheck shell=bash
# Links that go down on a host without multipath: an iSCSI session and an NVMe path that are lost, and come back, an hour before the daemon looks at all by itself.
# The kernel tells of them to who has CAP_NET_ADMIN, or nobody.
# shellcheck source-path=SCRIPTDIR/..
source "$LAB/lab.sh"

export ON_LIMIT=300
cp "$LAB/hosts.sh" "$LAB/daemon.sh" "$WORK/share/"
guest host --memory 1536
guests_ready
in_guest='. /lab/share/hosts.sh; . /lab/share/daemon.sh; '

must host "$in_guest cp /lab/share/bin/* /usr/local/bin/ && controller && iscsi && nvme_tcp"
must host "$in_guest { steady_configuration 4m | sed 's/^interval = .*/interval = 1h/' | agent; } && answered && udevadm settle"
must host "$in_guest quartermaster host list --format json"
host_id=$(jq -er '.hosts[0].hostID' "$WORK/out") || exit

# told WHAT SCRIPT FILTER: what FILTER says of the host's inventory is not so; the script makes a change; the controller comes to know that it is so, within two
# minutes, by one message.
told() {
    local before is="$in_guest quartermaster host show $host_id --format json >/run/shown && jq -e '.inventory | $3' /run/shown"
    check links "$1: not yet" 1 host "udevadm settle --timeout=120; sleep 10; $is"
    must host "$in_guest metric answered_total"
    before=$(cat "$WORK/out")
    must host "$in_guest $2"
    settle links "$1: the controller knows" host "$is" 120
    check links "$1: told in one message" 0 host "$in_guest sleep 10; told=\$((\$(metric answered_total) - $before)); echo \$told; [ \$told = 1 ]"
}
# The session is given up after two minutes, as by default: a change of its own.
must host 'for session in /sys/class/iscsi_session/*; do echo 120 >$session/recovery_tmo; done'
told "an iSCSI session is lost" "ip address delete 10.99.0.2/32 dev lo" '[.sessions[].state] | sort == ["FAILED", "LOGGED_IN"]'
told "it comes back" "ip address add 10.99.0.2/32 dev lo" '[.sessions[].state] == ["LOGGED_IN", "LOGGED_IN"]'
told "an NVMe path is lost" "rm /sys/kernel/config/nvmet/ports/2/subsystems/\$nvme_subsystem" '[.controllers[] | select(.transport == "tcp").state] | sort == ["connecting", "live"]'
told "it comes back" "ln -s /sys/kernel/config/nvmet/subsystems/\$nvme_subsystem /sys/kernel/config/nvmet/ports/2/subsystems/" \
    '[.controllers[] | select(.transport == "tcp").state] == ["live", "live"]'
# Why it looks at them at all (docs/decisions/0014-device-events.md): groups of NETLINK_SCSITRANSPORT (18) and NETLINK_ISCSI (8).
for family in "18, 4" "8, 1"; do
    check links "netlink of the family and group $family, to another user than root" 1 host \
        "setpriv --reuid=65534 --regid=65534 --clear-groups perl -e 'socket(S, 16, 3, (\$ARGV[0])) or die \"socket: \$!\"; bind(S, pack(\"SSLL\", 16, 0, 0, \$ARGV[1])) or do { print \"\$!\"; exit 1 }' ${family/,/}" \
        "Operation not permitted"
done
finish_scenario
