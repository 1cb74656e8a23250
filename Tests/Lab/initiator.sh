# shellcheck shell=bash
# What the initiator's scenarios need in their guests, beside hosts.sh: the kernel's target (LIO) with volumes whose size can change, and pictures of open-iscsi's
# files, which a set-up that failed leaves as they were.
target=${TARGET:-iqn.2003-01.org.lab:array1}
group=$T/iscsi/$target/tpgt_1
initiator=$(sed -n 's/^InitiatorName=//p' /etc/iscsi/initiatorname.iscsi)
access=$group/acls/$initiator
export LD_LIBRARY_PATH=/lab/share/lib
chap="--chap-user planted-user-1 --chap-secret-file /root/secret1 --mutual-user planted-user-2 --mutual-secret-file /root/secret2"

agent() {
    local verb=$1
    shift
    quartermaster-agent iscsi "$verb" --state-directory /var/lib/agent "$@"
}

# Everything below /etc/iscsi: names, modes, bytes; and the sessions.
picture() { (cd /etc/iscsi && find . -printf "%p %y %m %l\n" | sort; find . -type f | sort | xargs sha256sum; ls /sys/class/iscsi_session 2>/dev/null) | sha256sum; }
sessions() { ls /sys/class/iscsi_session 2>/dev/null | wc -l; }
as_before() { [ "$(picture)" = "$(cat /run/picture)" ] || { echo "not as before:"; find /etc/iscsi; ls /sys/class/iscsi_session; false; }; }

secrets() (
    umask 077
    mkdir -p /var/lib/agent
    for n in 1 2 3; do echo "planted-secret-$n" >"/root/secret$n"; done
    echo wrong-secret-00 >/root/wrong
)
# Of the group's one list entry, that of this host or of $access.
chap_wanted() {
    echo 1 >"$group/attrib/authentication"
    printf planted-user-1 >"$access/auth/userid" && printf planted-secret-1 >"$access/auth/password" &&
        printf planted-user-2 >"$access/auth/userid_mutual" && printf planted-secret-2 >"$access/auth/password_mutual"
}

# volume NAME MEBIBYTES SERIAL: on a loop device, whose size can change.
volume() {
    local b=$T/core/iblock_0/$1 loop
    truncate -s "$2M" "/run/$1.img" && loop=$(losetup -f --show "/run/$1.img") && mkdir -p "$b" && echo "udev_path=$loop" >"$b/control" &&
        echo "$3" >"$b/wwn/vpd_unit_serial" && echo 1 >"$b/enable" && echo "$loop" >"/run/$1.loop"
}
grow() { truncate -s "$2M" "/run/$1.img" && losetup -c "$(cat "/run/$1.loop")"; }
# map VOLUME [NUMBER]: behind number 0, or that one.
map() {
    local n=lun_${2:-0}
    mkdir -p "$group/lun/$n" && ln -s "$T/core/iblock_0/$1" "$group/lun/$n/d" && mkdir -p "$access/$n" && ln -s "$group/lun/$n" "$access/$n/lun"
}
unmap() {
    local n=lun_${1:-0}
    rm -f "$access/$n/lun"
    rmdir "$access/$n"
    rm -f "$group/lun/$n/d"
    rmdir "$group/lun/$n"
}
# served PORTAL…: the target, with the first volume behind number 0, at each of these addresses.
served() {
    local portal
    mkdir -p "$group" && mkdir -p "$access" && map first || return
    for portal in "$@"; do mkdir -p "$group/np/$portal:3260" || return; done
    echo 0 >"$group/attrib/authentication" && echo 1 >"$group/enable"
}
# array PORTAL…: two volumes, and the target.
array() {
    modprobe -a iscsi_target_mod target_core_iblock loop
    volume first 200 lab-volume-1 && volume second 240 lab-volume-2 && served "$@"
}

start_iscsid() {
    mkdir -p /run/lock/iscsi
    setsid iscsid -f >>/var/log/iscsid.log 2>&1 </dev/null &
    sleep 1
}
start_multipathd() {
    printf '%s\n' 'defaults {' ' user_friendly_names no' ' find_multipaths no' ' polling_interval 2' '}' 'blacklist {' ' devnode "^(vd|nvme|loop|md|zram)"' '}' \
        >/etc/multipath.conf
    modprobe -a dm_multipath dm_service_time
    setsid multipathd -d -s >/var/log/multipathd.log 2>&1 </dev/null &
    sleep 2
}
stop_multipathd() {
    pkill -x multipathd
    sleep 1
    rm -f /run/multipathd.pid
}

# tgt N …: asks tgtd number N, which is at 10.99.0.N.
tgt() {
    local n=$1
    shift
    tgtadm -C "$n" --lld iscsi "$@"
}
# tgtd_at N NAME: one with a target, that of another number by its WWID too.
tgtd_at() {
    mkdir -p /run/tgtd && truncate -s 64M /run/tgt.img
    setsid tgtd -f -C "$1" -t 1 --iscsi "portal=10.99.0.$1:3260" >"/var/log/tgtd$1.log" 2>&1 </dev/null &
    until_true "tgt $1 --mode target --op new --tid 1 --targetname $2" &&
        tgt "$1" --mode logicalunit --op new --tid 1 --lun 1 --backing-store /run/tgt.img &&
        tgt "$1" --mode logicalunit --op update --tid 1 --lun 1 --params scsi_id=naa.6001405abcdefabcdefabcdefabcdef0,scsi_sn=lab-tgt &&
        tgt "$1" --mode target --op bind --tid 1 --initiator-address ALL
}
# sends_on N OTHER REASON: N has logins go to the other number; Temporary or Permanent.
sends_on() {
    tgt "$1" --mode target --op update --tid 1 --name RedirectAddress --value "10.99.0.$2" &&
        tgt "$1" --mode target --op update --tid 1 --name RedirectPort --value 3260 &&
        tgt "$1" --mode target --op update --tid 1 --name RedirectReason --value "$3"
}
