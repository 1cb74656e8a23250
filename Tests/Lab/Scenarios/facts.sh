# shellcheck shell=bash
# The agent's inventory of a running host beside what other programs say of it, field by field: FC, iSCSI with multipath and LVM, NVMe over TCP and
# ALUA in one guest, then with a path lost; FC in another; 1,000 disks (MANY) in a third, with the time that it takes beside lsblk's. `compare-facts` has the fields; its tables are shown as they are made. KINDS="iscsi" takes only some.
# Programs: quartermaster-agent
# shellcheck source-path=SCRIPTDIR/..
source "$LAB/lab.sh"

export ON_LIMIT=240
read -r -a kinds <<<"${KINDS:-iscsi nvme alua fibre-channel many}"
has() { [[ " ${kinds[*]} " == *" $1 "* ]]; }
cp "$LAB/hosts.sh" "$LAB/../HostFactsTests/capture-host" "$LAB/compare-facts" "$WORK/share/"
in_guest='. /lab/share/hosts.sh; '

if has iscsi || has nvme || has alua; then
    guest host --memory 1536 --disk ":64M,bus=nvme,serial=LABDRIVE1"
    guests_ready
fi

# compare SUBJECT [GUEST]: both at the same time, with nothing going on: until they agree, for devices may still come.
compare() {
    settle "$1" "inventory agrees with lsblk, lsscsi, multipath, iscsiadm, nvme" "${2:-host}" "
        udevadm settle
        /lab/share/bin/quartermaster-agent inventory --format json >/run/inventory.json || exit
        rm -rf /run/peers && mkdir /run/peers && cd /run/peers
        lsblk -J -b -O >lsblk.json; lsscsi -t >lsscsi-t
        [ ! -e /sys/module/dm_multipath ] || multipath -ll >multipath-ll
        [ ! -e /sys/class/iscsi_session ] || iscsiadm -m session -P 3 >iscsiadm-session
        [ ! -e /sys/class/nvme ] || { nvme list -o json >nvme-list.json; nvme list-subsys -o json >nvme-list-subsys.json; }
        /lab/share/compare-facts /run/inventory.json /run/peers" 45
    sed 's/^/        /' "$WORK/out" >&2
    cp "$WORK/out" "$WORK/$1.table"
    [ -z "${TABLES:-}" ] || cp "$WORK/out" "$TABLES/$1"
}

if has iscsi; then
    must host "$in_guest iscsi && multipath_for no 2 && iscsi_file_systems"
    compare iscsi
fi
if has nvme; then
    must host "$in_guest nvme_tcp"'
        mkfs.ext4 -q -F /dev/nvme0n1 && mkfs.ext4 -q /dev/nvme1n1 && mkdir -p /srv/local /srv/remote && mount /dev/nvme0n1 /srv/local &&
            mount /dev/nvme1n1 /srv/remote'
    compare nvme
fi
if has alua; then
    must host "$in_guest alua_pairs 2 && multipath_for no \$((\$(pidof multipathd >/dev/null && echo 4 || echo 2)))"
    compare alua
fi
if has iscsi; then
    must host "$in_guest iscsi_path_loss"
    compare path-loss
fi
# Of its own: an FC port that is made beside iSCSI's targets does not find the other one's in time.
if has fibre-channel; then
    [ -z "${lab_guests[host]:-}" ] || power_off host
    guest fabric --memory 1024
    guests_ready
    must fabric "$in_guest fibre_channel && fibre_channel_file_systems"
    compare fibre-channel fabric
fi
# So many that what is done for each disk counts. Once: with nothing going on both see the same, and lsblk takes a minute.
if has many; then
    for name in host fabric; do [ -z "${lab_guests[$name]:-}" ] || power_off "$name"; done
    guest many --memory 1536
    guests_ready
    must many "$in_guest debug_disks ${MANY:-1000}"
    ON_LIMIT=400 check many "inventory agrees with lsblk, lsscsi on ${MANY:-1000} disks" 0 many "
        mkdir /run/peers && cd /run/peers && TIMEFORMAT=%R
        { time lsblk -J -b -O >lsblk.json; } 2>/run/theirs
        # Each after a program that looked at the same files.
        { time /lab/share/bin/quartermaster-agent inventory --format json >/run/inventory.json; } 2>/run/ours
        lsscsi -t >lsscsi-t
        /lab/share/compare-facts /run/inventory.json /run/peers && paste -d ' ' /run/ours /run/theirs"
    sed 's/^/        /' "$WORK/out" >&2
    row many "$(tail -n 1 "$WORK/out" | awk '{ printf "inventory takes %.2f of the time of lsblk -J -O: %s s, %s s", $1 / $2, $1, $2 }')" 0 "" ok
fi
finish_scenario
