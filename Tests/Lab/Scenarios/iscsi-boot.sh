# shellcheck shell=bash
# The initiator's set-up on a host with systemd and its own disk, and a storage system (LIO) in a second guest: sessions, maps and mounts that are there again after
# a restart and after a power cut; the power cut at calls of `connect` that change a file; another name for the host, under systemd; open-iscsi
# installed by apt. PARTS="reboot power" takes only some of it; POWER_EVERY is how many calls lie between two cuts (4), POWER_AT names them.
#
# Programs: quartermaster-agent
# shellcheck source-path=SCRIPTDIR/..
source "$LAB/lab.sh"

read -r -a parts <<<"${PARTS:-reboot power name install}"
export ON_LIMIT=300 MUST_LIMIT=400

cp "$LAB/hosts.sh" "$LAB/initiator.sh" "$WORK/share/"
cc -shared -fPIC -O1 -o "$WORK/share/kill-switch.so" "$LAB/../KillSwitch/kill-switch.c" || exit 1
mkdir "$WORK/wire"
# What has no part in it, and takes an emulated processor's time at each start.
masked=
for unit in podman.service podman.socket podman-restart.service podman-auto-update.service podman-auto-update.timer corosync.service fcoe.service; do masked+=" systemd.mask=$unit"; done
# Starts the host, with what is on its disk.
host_starts() {
    local began
    began=$(now)
    guest host --systemd --root "$WORK/host.qcow2" --wire "$WORK/wire:1" --memory 1024 --kernel "$masked"
    guests_ready
    echo "    the host is up after $(since "$began")" >&2
}
host_restarts() {
    local deadline=$(($(now) + 18000))
    on host "sync; systemctl --no-block reboot" >/dev/null
    while kill -0 "${lab_guests[host]}" 2>/dev/null && [ "$(now)" -lt "$deadline" ]; do sleep 0.1; done
    power_off host
    host_starts
}
host_loses_power() {
    power_off host
    host_starts
}

in_guest='. /lab/share/hosts.sh; . /lab/share/initiator.sh; '
step() { check "$part" "$1" "$2" host "$in_guest$3" "${4:-}"; }
later() { settle "$part" "$1" host "$in_guest$2" "${3:-90}"; }

guest array --wire "$WORK/wire:2" --memory 512 --processors 1
host_starts
# The host's disk is what the power cut is about: it gets a journal, as installed systems have.
must host "mkdir -p /etc/systemd/system/lab.service.d /etc/systemd/network
    cp /lab/share/bin/* /usr/local/bin/ && tune2fs -O has_journal /dev/vda >/dev/null &&
    printf '[Service]\nExecStopPost=\n' >/etc/systemd/system/lab.service.d/kept.conf &&
    printf '[Match]\nMACAddress=52:54:00:77:00:01\n[Network]\nAddress=10.77.0.1/24\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n' >/etc/systemd/network/wire.network &&
    systemctl unmask systemd-networkd-wait-online.service && systemctl -q enable systemd-networkd.service systemd-networkd-wait-online.service &&
    mkdir -p -m 700 /etc/iscsi/nodes /etc/iscsi/static && systemctl -q enable iscsid.socket open-iscsi.service && sync
    . /lab/share/hosts.sh; . /lab/share/initiator.sh; secrets"
must array ". /lab/share/hosts.sh; . /lab/share/initiator.sh
    access=\$group/acls/iqn.1993-08.org.debian:01:host
    ip address add 10.77.0.3/24 dev \$(ip -o address show to 10.77.0.2 | cut -d ' ' -f 2) && array 10.77.0.2 10.77.0.3 && chap_wanted
    access=\$group/acls/iqn.2003-01.org.lab:renamed; mkdir -p \$access/lun_0 && ln -s \$group/lun/lun_0 \$access/lun_0/lun && chap_wanted
    # One that takes any host.
    group=\$T/iscsi/iqn.2003-01.org.lab:open/tpgt_1; mkdir -p \$group/lun/lun_0 \$group/np/10.77.0.2:3260 && ln -s \$T/core/iblock_0/second \$group/lun/lun_0/d &&
        echo 1 >\$group/attrib/generate_node_acls && echo 0 >\$group/attrib/demo_mode_write_protect && echo 0 >\$group/attrib/authentication && echo 1 >\$group/enable"
host_restarts
must host "$in_guest grep -q ' / ext4 .*rw' /proc/mounts && [ -e /sys/fs/ext4/vda/journal_task ] && ping -c 1 -W 5 10.77.0.2 >/dev/null && systemctl is-active iscsid.socket"

# All that was there before: sessions, WWIDs, the map, the mount with its file.
all_is_back() {
    later "$1: both sessions are there, by themselves" "agent sessions --format json | jq -e '[.sessions[] | select(.state == \"LOGGED_IN\" and .authentication == \"mutual-chap\")] | length == 2'"
    later "the same WWIDs, below the same map" "agent sessions --format json | jq -ce '[.sessions[].devices[].wwid] | unique' | diff - /root/wwids && [ -b \$(cat /root/map) ]"
    later "its file system is mounted" "grep -q \" /srv/e ext4 \" /proc/mounts && grep kept /srv/e/file"
    step "repair finds nothing" 0 "agent repair" "nothing is to be repaired"
}
reboot() {
    must host "$in_guest printf '%s\n' 'defaults {' ' user_friendly_names no' ' find_multipaths no' '}' 'blacklist {' ' devnode \"^(vd|nvme|loop|md|zram)\"' '}' >/etc/multipath.conf
        systemctl -q enable --now multipathd.service"
    step "connect at both portals" 0 "agent connect \$target --portal 10.77.0.2 --all-portals \$chap --startup automatic --timeout 180s --format json | tee /root/connected.json | jq -e '.outcome == \"connected\" and (.sessions | length) == 2'"
    step "initiator show: starts with the host" 0 "quartermaster-agent iscsi initiator show" "starts at boot +yes"
    must host "$in_guest map=/dev/mapper/\$(jq -r '.devices[0].multipath' /root/connected.json); echo \$map >/root/map
        jq -ce '[.devices[].wwid] | unique' /root/connected.json >/root/wwids && mkfs.ext4 -q \$map && mkdir -p /srv/e && echo \"\$map /srv/e ext4 _netdev,nofail 0 0\" >>/etc/fstab &&
        systemctl daemon-reload && mount /srv/e && echo kept >/srv/e/file && sync"
    host_restarts
    all_is_back "restarted"
    must host "echo kept-too >/srv/e/second && sync -f /srv/e/second"
    host_loses_power
    all_is_back "after a power cut"
    step "and what had been written" 0 "grep kept-too /srv/e/second"
    must host "umount /srv/e && sed -i '\|/srv/e|d' /etc/fstab && systemctl daemon-reload"
    step "disconnect and forget" 0 "agent disconnect \$target --flush-multipath && agent forget \$target && [ \$(sessions) = 0 ]"
    step "connect with manual start" 0 "agent connect \$target --portal 10.77.0.2 \$chap --startup manual"
    host_restarts
    later "no session is made" "systemctl is-active open-iscsi.service && [ \$(sessions) = 0 ] && agent targets | grep manual" 60
    step "connect by the record alone, its secrets too" 0 "agent connect \$target --startup manual && agent disconnect \$target && agent forget \$target"
    must host "systemctl -q disable --now multipathd.service multipathd.socket"
}

power() {
    local number last numbers
    must host "$in_guest picture >/root/picture; sync
        LD_PRELOAD=/lab/share/kill-switch.so KILL_SWITCH_AT=0 KILL_SWITCH_LOG=/root/calls quartermaster-agent iscsi connect --state-directory /var/lib/agent \$target --portal 10.77.0.2 \$chap >/dev/null 2>&1 &&
            { agent disconnect \$target && agent forget \$target; } >/dev/null && [ \"\$(picture)\" = \"\$(cat /root/picture)\" ] && cat /root/calls"
    cp "$WORK/out" "$WORK/calls"
    last=$(grep -cE '^[0-9]+ ' "$WORK/calls")
    numbers=${POWER_AT:-}
    [ -n "$numbers" ] || numbers="$(seq 2 "${POWER_EVERY:-4}" $((last - 2))) $((last - 1)) $last"
    for number in $numbers; do
        # Cut as soon as the process is no more: what it had not made durable is lost.
        on host "$in_guest LD_PRELOAD=/lab/share/kill-switch.so KILL_SWITCH_AT=$number quartermaster-agent iscsi connect --state-directory /var/lib/agent \$target --portal 10.77.0.2 \$chap >/dev/null 2>&1
            [ \$? = 137 ]" >/dev/null 2>&1 || row "$part" "not killed at call $number" "$?" "" FAILED
        host_loses_power
        # A record that was written by then has its session made at the start: the set-up is left, whole or not, and goes as one does. Else nothing is there.
        later "cut at call $(grep "^$number " "$WORK/calls" | sed 's|[^ ]*/||; s/\.[0-9.]*\(tmp\)\?$/…/' | cut -c 1-34): repair, and all is in order" \
            "agent sessions >/run/out; agent repair >>/run/out 2>&1; [ -e /run/left ] || sessions >/run/left
            [ \$(sessions) = 0 ] || { agent disconnect \$target && agent forget \$target; } >/run/gone 2>&1; [ \"\$(picture)\" = \"\$(cat /root/picture)\" ] && [ ! -e /var/lib/agent/iscsi/journal ] && [ ! -e /run/lock/iscsi/lock.write ] ||
                { cat /run/out; ls -la /var/lib/agent/iscsi; find /etc/iscsi/nodes /etc/iscsi/static; false; }" 60
        row "$part" "    $(on host "grep -c LOGGED_IN /run/out") session at the start, $(on host "cat /run/left") left; $(on host "grep -o 'an interrupted .*' /run/out || tail -n 1 /run/out" | cut -c 1-100)" 0 "" ok
    done
    step "connect" 0 "agent connect \$target --portal 10.77.0.2 \$chap" connected
    host_loses_power
    later "the power is cut when connect has said so: its session is there" "agent sessions | grep LOGGED_IN"
    later "connect again: it is" "agent connect \$target --portal 10.77.0.2 \$chap 2>&1 | grep already-connected"
    step "disconnect and forget: all is as before" 0 "agent disconnect \$target && agent forget \$target && [ \"\$(picture)\" = \"\$(cat /root/picture)\" ]"
}

name() {
    local other=iqn.2003-01.org.lab:renamed
    must host "$in_guest picture >/run/picture; echo \$initiator >/run/initiator; systemctl start iscsid.service; systemctl show -P MainPID iscsid.service >/run/pid"
    step "another name: iscsid is started anew, and nobody is told to" 0 "quartermaster-agent iscsi initiator set-name --state-directory /var/lib/agent $other --format json | jq -e '.outcome == \"done\" and .advice == null' &&
        systemctl is-active iscsid.service && [ \$(systemctl show -P MainPID iscsid.service) != \$(cat /run/pid) ]"
    step "sessions are made under it" 0 "agent connect \$target --portal 10.77.0.2 \$chap && cat /sys/class/iscsi_session/*/initiatorname" "^$other"
    step "while it is connected: in use" 1 "quartermaster-agent iscsi initiator set-name --state-directory /var/lib/agent \$(cat /run/initiator)" in-use
    step "by force: the session goes on" 0 "quartermaster-agent iscsi initiator set-name --state-directory /var/lib/agent \$(cat /run/initiator) --force && sleep 3 && agent sessions" LOGGED_IN
    step "disconnect and forget: all is as before" 0 "agent disconnect \$target && agent forget \$target && as_before"
    step "iscsid does not run, its socket does: it is started when it is wanted, with the name" 0 "systemctl stop iscsid.service; agent connect \$target --portal 10.77.0.2 \$chap && cat /sys/class/iscsi_session/*/initiatorname" ":01:host"
    step "disconnect and forget: all is as before" 0 "agent disconnect \$target && agent forget \$target && as_before"
}

# From a repository in a folder: the guests have no network.
install() {
    local open=iqn.2003-01.org.lab:open
    mkdir "$WORK/share/apt"
    cp "${LAB_CACHE:-$LAB/../../.build/lab}"/debs/{open-iscsi,libopeniscsiusr,libisns0}_*.deb "$WORK/share/apt/" && (cd "$WORK/share/apt" && dpkg-scanpackages . >Packages 2>/dev/null)
    must host "systemctl -q disable --now iscsid.socket iscsid.service open-iscsi.service; dpkg --purge open-iscsi libopeniscsiusr libisns0 && rm -rf /etc/iscsi && ! command -v iscsiadm &&
        echo 'deb [trusted=yes] file:/lab/share/apt ./' >/etc/apt/sources.list && rm -rf /etc/apt/sources.list.d/* && apt-get -qq update"
    step "there is no open-iscsi" 69 "agent connect $open --portal 10.77.0.2" "not installed"
    step "it is installed and started, and the target is connected" 0 "agent connect $open --portal 10.77.0.2 --install" connected
    step "a name was made, and open-iscsi starts with the host" 0 "quartermaster-agent iscsi initiator show" "starts at boot +yes"
    step "the session's name is that one" 0 "[ \"\$(cat /sys/class/iscsi_session/*/initiatorname)\" = \"\$initiator\" ] && dpkg -l open-iscsi | grep ^ii"
    host_restarts
    later "and it is there after a restart" "agent sessions | grep LOGGED_IN"
    step "with the service there, --install does nothing" 1 "agent connect $open --portal 10.77.0.2 --install" already-connected
    step "disconnect and forget" 0 "agent disconnect $open && agent forget $open"
}

for part in "${parts[@]}"; do
    case $part in
    reboot) reboot ;;
    power) power ;;
    name) name ;;
    install) install ;;
    *) echo "iscsi-boot: there is no part '$part'" >&2 && exit 64 ;;
    esac
done
finish_scenario
