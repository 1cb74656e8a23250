# shellcheck shell=bash
# Storage of every kind, set up in a guest: a scenario's request sources this there, and calls a function. Each returns non-zero where its storage is
# not there in the end. Disks are found by what they are reached through, so that several may be set up in one guest.
T=/sys/kernel/config/target
iscsi_target=iqn.2003-01.org.lab:array1
nvme_subsystem=nqn.2014-08.org.lab:array1

# For a minute, where the processor is emulated.
until_true() {
    for _ in $(seq 200); do
        eval "$1" && return 0
        sleep 0.3
    done
    echo "not so: $1" >&2
    return 1
}

# udev takes its time on an emulated processor that has other work, too.
udevadm() { if [ "$*" = settle ]; then command udevadm settle --timeout=220; else command udevadm "$@"; fi; }

# A disk of the virtual machine's, by its serial number.
disk() { readlink -f "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_$1"; }
# disks HOW: the names of those reached that way, in the order of their logical unit numbers.
disks() {
    local unit directory=/sys/devices
    case $1 in
    fc) directory=$(ls -d /sys/class/fc_remote_ports/*/device/target*/*:* 2>/dev/null) ;;
    iscsi) directory=$(ls -d /sys/class/iscsi_session/*/device/target*/*:* 2>/dev/null) ;;
    debug) directory=$(ls -d /sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*:* 2>/dev/null) ;;
    esac
    for unit in $directory; do ls -d "$unit"/block/sd* 2>/dev/null; done | sed 's|.*:\([0-9]*\)/block/|\1 |' | sort -n | cut -d ' ' -f 2
}
has_disks() { [ "$(disks "$1" | wc -l)" -ge "$2" ]; }

# backing NAME MEBIBYTES SERIAL: a logical unit of the kernel's target (LIO), in a file.
backing() {
    local b=$T/core/fileio_0/$1
    mkdir -p "$b" && truncate -s "$2M" "/run/$1.img" && echo "fd_dev_name=/run/$1.img,fd_dev_size=$(($2 * 1048576))" >"$b/control" &&
        echo "$3" >"$b/wwn/vpd_unit_serial" && echo 1 >"$b/enable"
}

# multipath_for FRIENDLY-NAMES MAPS: multipathd for all SCSI disks but the virtual machine's, until there are so many maps.
multipath_for() {
    modprobe -a dm_multipath dm_service_time scsi_dh_alua
    printf '%s\n' "defaults {" " user_friendly_names $1" " find_multipaths no" " polling_interval 2" "}" \
        "blacklist {" ' devnode "^(vd|nvme|loop|md|zram)"' " device {" "  vendor QEMU" " }" "}" >/etc/multipath.conf
    pidof multipathd >/dev/null || { multipathd -d -s >/tmp/multipathd.log 2>&1 & }
    until_true "[ \$(dmsetup ls --target multipath 2>/dev/null | grep -vc 'No dev') -ge $2 ]" && sleep 2 && udevadm settle
}

# Two FC ports by software FCoE, one at each end of a pair of cards; the second is a target with three logical units.
fibre_channel() {
    # The kernel makes the ports' names of their cards' addresses.
    local initiator=20:00:02:00:00:00:0a:01 target=20:00:02:00:00:00:0b:01 group n
    modprobe -a fcoe tcm_fc target_core_file
    ip link add fcA type veth peer name fcB && ip link set fcA address 02:00:00:00:0a:01 && ip link set fcB address 02:00:00:00:0b:01 &&
        ip link set fcA mtu 2500 up && ip link set fcB mtu 2500 up || return
    echo fcB >/sys/module/libfcoe/parameters/create_vn2vn
    group=$T/fc/$target/tpgt_1
    mkdir -p "$group/acls/$initiator" || return
    for n in 0 1 2; do
        backing "fc$n" $((200 + n * 100)) "fc-disk-000$n" && mkdir "$group/lun/lun_$n" && ln -s "$T/core/fileio_0/fc$n" "$group/lun/lun_$n/d" &&
            mkdir "$group/acls/$initiator/lun_$n" && ln -s "$group/lun/lun_$n" "$group/acls/$initiator/lun_$n/lun" || return
    done
    # The initiator comes last: it learns the other port's role at its login.
    echo fcA >/sys/module/libfcoe/parameters/create_vn2vn
    until_true "has_disks fc 3" && udevadm settle
}
fibre_channel_file_systems() {
    local first third
    first=$(disks fc | sed -n 1p) third=$(disks fc | sed -n 3p)
    printf 'label: gpt\n,100M\n,\n' | sfdisk -q "/dev/$first" && udevadm settle && mkfs.ext4 -q "/dev/${first}1" && mkfs.xfs -q "/dev/$third" &&
        mkdir -p /srv/first /srv/third && mount "/dev/${first}1" /srv/first && mount "/dev/$third" /srv/third && udevadm settle
}
fibre_channel_link_down() {
    ip link set fcB down
    until_true "grep -qi linkdown /sys/class/fc_host/host*/port_state && grep -q Blocked /sys/class/fc_remote_ports/*/port_state"
}

# Two portals, mutual CHAP, two logical units by two sessions each. The names and secrets are planted: they must come to light nowhere.
iscsi() {
    local initiator group n
    modprobe -a iscsi_target_mod target_core_file iscsi_tcp
    ip address add 10.99.0.1/32 dev lo && ip address add 10.99.0.2/32 dev lo || return
    initiator=$(sed 's/.*=//' /etc/iscsi/initiatorname.iscsi)
    group=$T/iscsi/$iscsi_target/tpgt_1
    mkdir -p "$group" && mkdir -p "$group/np/10.99.0.1:3260" "$group/np/10.99.0.2:3260" "$group/acls/$initiator" || return
    for n in 0 1; do
        backing "iscsi$n" 400 "array1-volume$n" && mkdir "$group/lun/lun_$n" && ln -s "$T/core/fileio_0/iscsi$n" "$group/lun/lun_$n/d" &&
            mkdir "$group/acls/$initiator/lun_$n" && ln -s "$group/lun/lun_$n" "$group/acls/$initiator/lun_$n/lun" || return
    done
    echo 1 >"$group/attrib/authentication"
    printf planted-user-1 >"$group/acls/$initiator/auth/userid" && printf planted-secret-1 >"$group/acls/$initiator/auth/password"
    printf planted-user-2 >"$group/acls/$initiator/auth/userid_mutual" && printf planted-secret-2 >"$group/acls/$initiator/auth/password_mutual"
    echo 1 >"$group/enable"
    mkdir -p /run/lock/iscsi
    pidof iscsid >/dev/null || iscsid
    until_true "iscsiadm -m discovery -t sendtargets -p 10.99.0.1:3260" || return
    set_to() { iscsiadm -m node -T "$iscsi_target" -o update -n "$1" -v "$2"; }
    set_to node.session.auth.authmethod CHAP && set_to node.session.auth.username planted-user-1 &&
        set_to node.session.auth.password planted-secret-1 && set_to node.session.auth.username_in planted-user-2 &&
        set_to node.session.auth.password_in planted-secret-2 && set_to node.session.timeo.replacement_timeout 5 &&
        set_to "node.conn[0].timeo.noop_out_interval" 2 && set_to "node.conn[0].timeo.noop_out_timeout" 2 || return
    iscsiadm -m node -T "$iscsi_target" --login && until_true "has_disks iscsi 4" && udevadm settle
}
# A volume group on the first unit's map, xfs on the second's.
iscsi_file_systems() {
    local maps
    read -r -a maps <<<"$(dmsetup ls --target multipath | cut -f 1 | grep 6001405 | sort | tr '\n' ' ')"
    pvcreate -qq -y "/dev/mapper/${maps[0]}" && vgcreate -qq labvg "/dev/mapper/${maps[0]}" && lvcreate -qq -y -n data -L 200M labvg &&
        mkfs.ext4 -q /dev/labvg/data && mkfs.xfs -q -f "/dev/mapper/${maps[1]}" && mkdir -p /srv/data /srv/archive &&
        mount /dev/labvg/data /srv/data && mount "/dev/mapper/${maps[1]}" /srv/archive && udevadm settle
}
# One portal goes: the initiator's pings are not answered, the kernel gives the session up after five seconds, and multipathd looks each two.
iscsi_path_loss() {
    ip address delete 10.99.0.2/32 dev lo
    until_true "[ \$(cat /sys/class/iscsi_session/*/state | grep -vc LOGGED_IN) = 1 ]" &&
        until_true "dmsetup status --target multipath | grep -q ' F '" && until_true "grep -q offline /sys/block/sd*/device/state"
}

# A subsystem over TCP with two namespaces and two controllers, one by a port that is not optimized.
nvme_tcp() {
    local n N=/sys/kernel/config/nvmet subsystem=/sys/kernel/config/nvmet/subsystems/$nvme_subsystem before
    modprobe -a nvme nvmet nvmet-tcp nvme-tcp
    before=$(ls /sys/class/nvme | wc -l)
    mkdir -p /etc/nvme && echo nqn.2014-08.org.nvmexpress:uuid:6b2c1a9e-3f52-4a6e-9d58-0f1c2e3d4a5b >/etc/nvme/hostnqn &&
        echo 6b2c1a9e-3f52-4a6e-9d58-0f1c2e3d4a5b >/etc/nvme/hostid
    mkdir -p "$subsystem/namespaces/1" "$subsystem/namespaces/2" $N/ports/1 $N/ports/2 || return
    echo 1 >"$subsystem/attr_allow_any_host" && echo LABARRAY1 >"$subsystem/attr_serial" && echo "Lab Array" >"$subsystem/attr_model"
    for n in 1 2; do
        truncate -s $((n * 64))M "/run/nvme$n.img" && printf %s "$(losetup -f --show "/run/nvme$n.img")" >"$subsystem/namespaces/$n/device_path" &&
            echo 1 >"$subsystem/namespaces/$n/enable" || return
    done
    for n in 1 2; do
        echo 127.0.0.1 >$N/ports/$n/addr_traddr && echo tcp >$N/ports/$n/addr_trtype && echo $((4419 + n)) >$N/ports/$n/addr_trsvcid &&
            echo ipv4 >$N/ports/$n/addr_adrfam || return
    done
    echo non-optimized >$N/ports/2/ana_groups/1/ana_state
    for n in 1 2; do ln -s "$subsystem" "$N/ports/$n/subsystems/$nvme_subsystem" || return; done
    for n in 1 2; do nvme connect -t tcp -a 127.0.0.1 -s $((4419 + n)) -n "$nvme_subsystem" || return; done
    until_true "[ \$(ls /sys/class/nvme | wc -l) = $((before + 2)) ] && ls /dev/nvme[0-9]n2" && udevadm settle
}

# alua_pairs UNITS: so many units of scsi_debug, by two paths each, in ALUA's target port groups.
alua_pairs() {
    modprobe scsi_dh_alua && modprobe scsi_debug add_host=2 "max_luns=$1" vpd_use_hostno=0 dev_size_mb=64 delay=0 || return
    until_true "has_disks debug $((2 * $1))" && udevadm settle
}

# debug_disks COUNT: so many disks of scsi_debug, each with what udev records of the first, but for its own names: having udev do that for thousands takes an
# emulated processor many minutes. udev is started anew at the end, without what it had still to do.
debug_disks() {
    local template old wwid number device names serial
    modprobe scsi_debug dev_size_mb=8 delay=0 && udevadm settle && template=$(cat /run/udev/data/b8:0) && read -r old </sys/block/sda/device/wwid || return
    rmmod scsi_debug && udevadm settle && udevadm control --stop-exec-queue || return
    modprobe scsi_debug dev_size_mb=8 delay=0 fake_rw=1 "max_luns=$1" || return
    until [ "$(ls -d /sys/block/sd* | wc -l)" -eq "$1" ]; do sleep 0.5; done
    for device in /sys/block/sd*; do
        read -r number <"$device/dev" && read -r wwid <"$device/device/wwid" || return
        # The serial number is the low half of the name, in decimal.
        serial=$((16#${wwid: -8}))
        names=${template//"${old#naa.}"/${wwid#naa.}}
        echo "${names//SERIAL=$((16#${old: -8}))/SERIAL=$serial}" >"/run/udev/data/b$number"
    done
    udevadm control --exit && /lib/systemd/systemd-udevd --daemon
}
