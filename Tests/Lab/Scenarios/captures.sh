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
# Programs: quartermaster-agent
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

# In the guests.
common='. /lab/share/hosts.sh; '
cp "$LAB/hosts.sh" "$WORK/share/"

if wanted fibre-channel; then
    must fibre-channel "$common fibre_channel && fibre_channel_file_systems"
    capture fibre-channel fibre-channel '"wwpn":"20:00:02:00:00:00:0a:01"'
    must fibre-channel "$common fibre_channel_link_down"
    capture fibre-channel fibre-channel-link-down '"portState":"Linkdown"'
    guest_ends fibre-channel
fi

if wanted iscsi --memory 1536; then
    must iscsi "$common iscsi && multipath_for no 2 && iscsi_file_systems"
    capture iscsi iscsi-multipath-lvm '"kind":"multipath"'
    must iscsi "$common iscsi_path_loss"
    capture iscsi iscsi-path-loss '"state":"transport-offline"'
    for archive in "$WORK"/share/captures/iscsi-*.tar.xz; do
        planted=$(tar -xOf "$archive" | grep -c planted)
        row iscsi "planted secrets and names in ${archive##*/}: $planted" 0 "" "$([ "$planted" -eq 0 ] && echo ok || echo FAILED)"
    done
    guest_ends iscsi
fi

if wanted nvme --disk ":64M,bus=nvme,serial=LABDRIVE1"; then
    must nvme "$common nvme_tcp"'
        mkfs.ext4 -q -F /dev/nvme0n1 && mkfs.ext4 -q /dev/nvme1n1 && mkdir -p /srv/local /srv/remote && mount /dev/nvme0n1 /srv/local &&
            mount /dev/nvme1n1 /srv/remote && udevadm settle'
    capture nvme nvme-and-nvme-tcp '"transport":"nvme"'
    guest_ends nvme
fi

if wanted alua; then
    must alua "$common alua_pairs 2 && multipath_for yes 2"
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
