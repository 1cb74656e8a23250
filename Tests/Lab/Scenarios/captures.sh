# shellcheck shell=bash
# Hosts with storage of every kind, each captured by Tests/HostFactsTests/capture-host for the golden tests: one guest after the other.
#
# HOSTS="fibre-channel nvme" makes only some of them; CAPTURES=DIR keeps the archives there (Tests/Golden/captures holds those of the tests).
#
#   fibre-channel   three LUNs of one target port by software FCoE; then with the link down
#   iscsi           two portals with mutual CHAP, multipath, LVM, ext4 and xfs; then with one portal gone
#   nvme            a PCI drive, and a subsystem over TCP with two controllers and ANA
#   alua            scsi_debug: two LUNs by two target port groups each, multipath
#   stacked         md; then dm-crypt and LVM on it; then btrfs on two disks, thin volumes, swap, zram, a loop device
#   container       podman with overlay, a volume, and mount namespaces
#   cloud           virtio disks alone, no storage adapter
#   sas             a SAS adapter with two disks
# shellcheck source-path=SCRIPTDIR/..
source "$LAB/lab.sh"

export ON_LIMIT=240
read -r -a hosts <<<"${HOSTS:-fibre-channel iscsi nvme alua stacked container cloud sas}"
mkdir -p "$WORK/share/captures"
cp "$LAB/../HostFactsTests/capture-host" "$WORK/share/bin/"

# wanted NAME [OPTION of boot …]: starts a host's guest, if it is asked for.
wanted() {
    [[ " ${hosts[*]} " == *" $1 "* ]] || return
    guest "$@"
    guests_ready
}

# capture GUEST NAME TEXT: captures it, and expects the agent to find a text (an extended regular expression) in what was captured.
capture() {
    local file=$WORK/share/captures/$2.tar.xz
    check "$1" "capture $2" 0 "$1" "udevadm settle; /lab/share/bin/capture-host --output /lab/share/captures/$2" || return
    mkdir -p "$WORK/unpacked"
    tar -C "$WORK/unpacked" -xf "$file"
    local verdict=ok began
    began=$(now)
    "$WORK/share/bin/quartermaster-agent" inventory --level 4 --format json --sysroot "$WORK/unpacked/$2" >"$WORK/$2.json" 2>"$WORK/err" ||
        verdict="FAILED: exit code $?"
    grep -qE "$3" "$WORK/$2.json" || verdict="FAILED: no $3 in its inventory"
    row "$1" "inventory of $2, $(stat -c %s "$file") bytes" 0 "$(since "$began")" "$verdict"
    [ -z "${CAPTURES:-}" ] || cp "$file" "$CAPTURES/"
}

# Shell functions of the guests: targets of the kernel's own (LIO), by configfs.
common='
    T=/sys/kernel/config/target
    # backing NUMBER MEBIBYTES SERIAL: a logical unit in a file
    backing() {
        local b=$T/core/fileio_0/d$1
        mkdir -p $b && truncate -s $2M /run/d$1.img && echo "fd_dev_name=/run/d$1.img,fd_dev_size=$(($2 * 1048576))" >$b/control &&
            echo $3 >$b/wwn/vpd_unit_serial && echo 1 >$b/enable
    }
    until_true() { for _ in $(seq 200); do eval "$1" && return 0; sleep 0.3; done; echo "not so: $1" >&2; return 1; }
    disk() { readlink -f "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_$1"; }
    start_multipath() {
        printf "%s\n" "defaults {" " user_friendly_names $1" " find_multipaths no" " polling_interval 2" "}" \
            "blacklist {" " devnode \"^(vd|nvme|loop|md|zram)\"" " device {" "  vendor QEMU" " }" "}" >/etc/multipath.conf
        multipathd -d -s >/tmp/multipathd.log 2>&1 &
        until_true "[ \$(dmsetup ls --target multipath 2>/dev/null | grep -vc \"No dev\") -ge $2 ]" && sleep 2 && udevadm settle
    }
'

if wanted fibre-channel; then
    must fibre-channel "$common"'
        modprobe -a fcoe tcm_fc target_core_file
        ip link add fcA type veth peer name fcB
        ip link set fcA address 02:00:00:00:0a:01 && ip link set fcB address 02:00:00:00:0b:01
        ip link set fcA mtu 2500 up && ip link set fcB mtu 2500 up
        # The kernel makes the ports'"'"' names of their cards'"'"' addresses.
        initiator=20:00:02:00:00:00:0a:01 target=20:00:02:00:00:00:0b:01
        echo fcB >/sys/module/libfcoe/parameters/create_vn2vn
        G=$T/fc/$target/tpgt_1 A=$T/fc/$target/tpgt_1/acls/$initiator
        mkdir -p $A || exit
        for n in 0 1 2; do
            backing $n $((200 + n * 100)) fc-disk-000$n && mkdir $G/lun/lun_$n && ln -s $T/core/fileio_0/d$n $G/lun/lun_$n/d &&
                mkdir $A/lun_$n && ln -s $G/lun/lun_$n $A/lun_$n/lun || exit
        done
        # The initiator comes last: it learns the other port'"'"'s role at its login.
        echo fcA >/sys/module/libfcoe/parameters/create_vn2vn
        until_true "[ -e /sys/block/sdc ]" && udevadm settle || exit
        printf "label: gpt\n,100M\n,\n" | sfdisk -q /dev/sda && udevadm settle && mkfs.ext4 -q /dev/sda1 && mkfs.xfs -q /dev/sdc &&
            mkdir -p /srv/first /srv/third && mount /dev/sda1 /srv/first && mount /dev/sdc /srv/third && udevadm settle'
    capture fibre-channel fibre-channel '"wwpn":"20:00:02:00:00:00:0a:01"'
    must fibre-channel "$common"'
        ip link set fcB down
        until_true "grep -qi linkdown /sys/class/fc_host/host*/port_state && grep -q Blocked /sys/class/fc_remote_ports/*/port_state"'
    capture fibre-channel fibre-channel-link-down '"portState":"Linkdown"'
    guest_ends fibre-channel
fi

if wanted iscsi --memory 1536; then
    must iscsi "$common"'
        modprobe -a iscsi_target_mod target_core_file iscsi_tcp dm_multipath dm_service_time dm_round_robin scsi_dh_alua
        ip address add 10.99.0.1/32 dev lo && ip address add 10.99.0.2/32 dev lo
        name=iqn.2003-01.org.lab:array1 initiator=$(sed "s/.*=//" /etc/iscsi/initiatorname.iscsi)
        P=$T/iscsi/$name/tpgt_1 A=$T/iscsi/$name/tpgt_1/acls/$initiator
        mkdir -p $P && mkdir -p $P/np/10.99.0.1:3260 $P/np/10.99.0.2:3260 $A || exit
        for n in 0 1; do
            backing $n 400 array1-volume$n && mkdir $P/lun/lun_$n && ln -s $T/core/fileio_0/d$n $P/lun/lun_$n/d &&
                mkdir $A/lun_$n && ln -s $P/lun/lun_$n $A/lun_$n/lun || exit
        done
        echo 1 >$P/attrib/authentication
        printf planted-user-1 >$A/auth/userid && printf planted-secret-1 >$A/auth/password
        printf planted-user-2 >$A/auth/userid_mutual && printf planted-secret-2 >$A/auth/password_mutual
        echo 1 >$P/enable
        mkdir -p /run/lock/iscsi && iscsid && sleep 1
        iscsiadm -m discovery -t sendtargets -p 10.99.0.1:3260 || exit
        set_to() { iscsiadm -m node -T $name -o update -n "$1" -v "$2"; }
        set_to node.session.auth.authmethod CHAP && set_to node.session.auth.username planted-user-1 &&
            set_to node.session.auth.password planted-secret-1 && set_to node.session.auth.username_in planted-user-2 &&
            set_to node.session.auth.password_in planted-secret-2 && set_to node.session.timeo.replacement_timeout 5 &&
            set_to "node.conn[0].timeo.noop_out_interval" 2 && set_to "node.conn[0].timeo.noop_out_timeout" 2 || exit
        iscsiadm -m node -T $name --login && until_true "[ -e /sys/block/sdd ]" && udevadm settle || exit
        start_multipath no 2 || exit
        set -- $(dmsetup ls --target multipath | cut -f 1 | sort)
        pvcreate -qq -y /dev/mapper/$1 && vgcreate -qq labvg /dev/mapper/$1 && lvcreate -qq -y -n data -L 200M labvg &&
            mkfs.ext4 -q /dev/labvg/data && mkfs.xfs -q -f /dev/mapper/$2 && mkdir -p /srv/data /srv/archive &&
            mount /dev/labvg/data /srv/data && mount /dev/mapper/$2 /srv/archive && udevadm settle'
    capture iscsi iscsi-multipath-lvm '"kind":"multipath"'
    must iscsi "$common"'
        ip address delete 10.99.0.2/32 dev lo
        # No answer to the initiator'"'"'s pings; the kernel gives the session up after five seconds, and multipathd looks each two.
        until_true "[ \$(cat /sys/class/iscsi_session/*/state | grep -vc LOGGED_IN) = 1 ]" &&
            until_true "dmsetup status --target multipath | grep -q \" F \"" && until_true "grep -q offline /sys/block/sd*/device/state"'
    capture iscsi iscsi-path-loss '"state":"transport-offline"'
    for archive in "$WORK"/share/captures/iscsi-*.tar.xz; do
        planted=$(tar -xOf "$archive" | grep -c planted)
        row iscsi "planted secrets and names in ${archive##*/}: $planted" 0 "" "$([ "$planted" -eq 0 ] && echo ok || echo FAILED)"
    done
    guest_ends iscsi
fi

if wanted nvme --disk ":64M,bus=nvme,serial=LABDRIVE1"; then
    must nvme "$common"'
        modprobe -a nvme nvmet nvmet-tcp nvme-tcp
        N=/sys/kernel/config/nvmet name=nqn.2014-08.org.lab:array1
        mkdir -p /etc/nvme && echo nqn.2014-08.org.nvmexpress:uuid:6b2c1a9e-3f52-4a6e-9d58-0f1c2e3d4a5b >/etc/nvme/hostnqn &&
            echo 6b2c1a9e-3f52-4a6e-9d58-0f1c2e3d4a5b >/etc/nvme/hostid
        mkdir -p $N/subsystems/$name/namespaces/1 $N/subsystems/$name/namespaces/2 $N/ports/1 $N/ports/2 && cd $N/subsystems/$name || exit
        echo 1 >attr_allow_any_host && echo LABARRAY1 >attr_serial && echo "Lab Array" >attr_model
        for n in 1 2; do
            truncate -s $((n * 64))M /run/n$n.img && printf %s $(losetup -f --show /run/n$n.img) >namespaces/$n/device_path && echo 1 >namespaces/$n/enable || exit
        done
        for n in 1 2; do
            cd $N/ports/$n && echo 127.0.0.1 >addr_traddr && echo tcp >addr_trtype && echo $((4419 + n)) >addr_trsvcid && echo ipv4 >addr_adrfam || exit
        done
        echo non-optimized >$N/ports/2/ana_groups/1/ana_state
        for n in 1 2; do ln -s $N/subsystems/$name $N/ports/$n/subsystems/$name || exit; done
        for n in 1 2; do nvme connect -t tcp -a 127.0.0.1 -s $((4419 + n)) -n $name || exit; done
        until_true "[ \$(ls -d /sys/class/nvme/nvme* | wc -l) = 3 ] && ls /dev/nvme1n2" && udevadm settle || exit
        mkfs.ext4 -q /dev/nvme1n1 && mkfs.xfs -q -f /dev/nvme0n1 2>/dev/null; mkfs.ext4 -q -F /dev/nvme0n1
        mkdir -p /srv/local /srv/remote && mount /dev/nvme0n1 /srv/local && mount /dev/nvme1n1 /srv/remote && udevadm settle'
    capture nvme nvme-and-nvme-tcp '"transport":"nvme"'
    guest_ends nvme
fi

if wanted alua; then
    must alua "$common"'
        modprobe -a dm_multipath dm_service_time scsi_dh_alua
        modprobe scsi_debug add_host=2 max_luns=2 vpd_use_hostno=0 dev_size_mb=64 delay=0
        until_true "[ -e /sys/block/sdd ]" && udevadm settle && start_multipath yes 2'
    capture alua scsi-debug-alua '"kind":"multipath"'
    guest_ends alua
fi

if wanted stacked --memory 1536 --disk ":128M,serial=one" --disk ":128M,serial=two" --disk ":128M,serial=three" --disk ":200M,serial=four" \
    --disk ":200M,serial=five" --disk ":200M,serial=six"; then
    must stacked "$common"'
        modprobe -a raid1 raid456 dm_crypt dm_thin_pool
        for d in one two three; do printf "label: gpt\n,64M,R\n,,R\n" | sfdisk -q $(disk $d) || exit; done
        udevadm settle
        mdadm --create -q --run --metadata=1.2 --level=1 --raid-devices=2 /dev/md/mirror $(disk one)1 $(disk two)1 &&
            mdadm --create -q --run --metadata=1.2 --level=5 --raid-devices=3 /dev/md/stripes $(disk one)2 $(disk two)2 $(disk three)2 || exit
        until_true "! grep -qE \"resync|recovery\" /proc/mdstat"
        mkfs.ext4 -q /dev/md/mirror && mkdir -p /srv/mirror && mount /dev/md/mirror /srv/mirror
        # A member fails.
        mdadm -q --fail /dev/md/stripes $(disk three)2 && udevadm settle'
    capture stacked md '"raidLevel":"raid5"'
    must stacked "$common"'
        printf planted-passphrase >/run/key
        cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 /dev/md/stripes /run/key &&
            cryptsetup open --key-file /run/key /dev/md/stripes safe && udevadm settle &&
            pvcreate -qq -y /dev/mapper/safe && vgcreate -qq safe-vg /dev/mapper/safe && lvcreate -qq -y -n home -L 60M safe-vg &&
            mkfs.xfs -q -f /dev/safe-vg/home 2>/dev/null || mkfs.ext4 -q -F /dev/safe-vg/home
        mkdir -p /srv/home && mount /dev/safe-vg/home /srv/home && udevadm settle'
    capture stacked crypt '"kind":"crypt"'
    must stacked "$common"'
        modprobe -a btrfs zram loop
        mkfs.btrfs -q -L pool -d raid1 -m raid1 $(disk four) $(disk five) && mkdir -p /srv/pool /srv/photos /srv/same && mount $(disk four) /srv/pool &&
            btrfs -q subvolume create /srv/pool/photos && mount -o subvol=photos $(disk five) /srv/photos && mount --bind /srv/pool /srv/same || exit
        pvcreate -qq -y $(disk six) && vgcreate -qq thin $(disk six) && lvcreate -qq -y -L 100M -T thin/pool && lvcreate -qq -y -V 1G -T thin/pool -n volume &&
            mkfs.ext4 -q -E nodiscard,lazy_itable_init=1 /dev/thin/volume && mkdir -p /srv/thin && mount /dev/thin/volume /srv/thin || exit
        truncate -s 32M /srv/pool/image && losetup -f /srv/pool/image || exit
        echo 64M >/sys/block/zram0/disksize && mkswap -q /dev/zram0 >/dev/null && swapon /dev/zram0 || exit
        lvcreate -qq -y -n swap -L 32M thin && mkswap -q /dev/thin/swap >/dev/null && swapon /dev/thin/swap || exit
        udevadm settle'
    capture stacked btrfs '"content":"btrfs"'
    guest_ends stacked
fi

if wanted container --memory 1536 --disk ":300M,serial=volumes"; then
    must container "$common"'
        mkfs.ext4 -q $(disk volumes) && mkdir -p /srv/volumes && mount $(disk volumes) /srv/volumes && mkdir -p /srv/volumes/web || exit
        mkdir -p /tmp/image/bin && cp /bin/busybox /tmp/image/bin/ && ln -s busybox /tmp/image/bin/sleep && tar -C /tmp/image -cf /tmp/image.tar . || exit
        modprobe overlay
        p="podman --log-level=error --cgroup-manager=cgroupfs --storage-driver=overlay"
        $p import -q /tmp/image.tar lab:1 >/dev/null || exit
        for n in 1 2; do
            $p run -d --name web$n --network=none --cgroups=disabled -v /srv/volumes/web:/data lab:1 /bin/sleep 1000 >/dev/null || exit
        done
        # And one by hand: a namespace whose mounts this one does not see.
        unshare --mount sh -c "mount -t tmpfs private /mnt && exec sleep 1000" >/dev/null 2>&1 &
        until_true "grep -q private /proc/$!/mountinfo" && [ $(grep -c " overlay " /proc/mounts) -ge 2 ]'
    capture container container-host '/srv/volumes'
    guest_ends container
fi

if wanted cloud --disk ":300M,bus=virtio,serial=vol-0a1b2c3d"; then
    must cloud "$common"'
        modprobe -r virtio_scsi || exit
        printf "label: gpt\n,100M\n,\n" | sfdisk -q /dev/vdb && udevadm settle && mkfs.ext4 -q /dev/vdb1 && mkdir -p /srv/data && mount /dev/vdb1 /srv/data &&
            mkswap -q /dev/vdb2 >/dev/null && swapon /dev/vdb2 && udevadm settle'
    capture cloud cloud '"transport":"virtio"'
    guest_ends cloud
fi

if wanted sas --qemu -device --qemu mptsas1068,id=sas --qemu -drive --qemu file=null-co://,file.size=64M,file.read-zeroes=on,format=raw,if=none,id=sas0 \
    --qemu -drive --qemu file=null-co://,file.size=64M,file.read-zeroes=on,format=raw,if=none,id=sas1 \
    --qemu -device --qemu scsi-hd,bus=sas.0,drive=sas0,serial=SAS0001,wwn=0x5000c500a0b0c001 \
    --qemu -device --qemu scsi-hd,bus=sas.0,drive=sas1,serial=SAS0002,wwn=0x5000c500a0b0c002; then
    must sas "$common"'modprobe mptsas; until_true "[ -e /sys/block/sdb ]" && udevadm settle'
    capture sas sas '"transport":"sas"'
    guest_ends sas
fi

finish_scenario
