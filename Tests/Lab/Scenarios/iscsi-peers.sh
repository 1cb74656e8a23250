# shellcheck shell=bash
# What storage systems may do otherwise than the one of scenario `iscsi`, with the kernel's own target (LIO) and tgt, in one guest: EUI and NAA names, several
# sessions, digests, sessions bound to interfaces, a login that is sent on, to its end and in a circle, a target that goes and comes back, a map that
# grows. PARTS="names redirect" takes only some of it.
#
# Programs: quartermaster-agent
# shellcheck source-path=SCRIPTDIR/..
source "$LAB/lab.sh"

read -r -a parts <<<"${PARTS:-names sessions digests interface redirect away resize}"
export ON_LIMIT=240

cp "$LAB/hosts.sh" "$LAB/initiator.sh" "$WORK/share/"
guest host --memory 1536 --processors 1
guests_ready
echo "    the guest is up after $SECONDS s" >&2

in_guest='. /lab/share/hosts.sh; . /lab/share/initiator.sh; '
step() { check "$part" "$1" "$2" host "${TARGET:+TARGET=$TARGET; }$in_guest$3" "${4:-}"; }
goes() { step "disconnect and forget: all is as before" 0 "agent disconnect \$target && agent forget \$target && as_before"; }
must host "$in_guest
    cp /lab/share/bin/* /usr/local/bin/
    modprobe -a iscsi_tcp
    for n in 1 2 3 4; do ip address add 10.99.0.\$n/32 dev lo || exit; done
    array 10.99.0.1 10.99.0.2 && secrets || exit
    mkdir -p -m 700 /etc/iscsi/nodes /etc/iscsi/static /etc/iscsi/ifaces
    sed -i 's/^node.session.timeo.replacement_timeout = .*/node.session.timeo.replacement_timeout = 5/; s/noop_out_\(interval\|timeout\) = .*/noop_out_\1 = 2/' /etc/iscsi/iscsid.conf
    start_iscsid; picture >/run/picture"

names() {
    local name
    for name in eui.02004567A425678D naa.52004567BA64678D naa.62004567ba64678d0123456789abcdef; do
        must host "TARGET=$name; $in_guest served 10.99.0.1"
        step "connect $name" 0 "agent connect ${name,,} --portal 10.99.0.1 --format json | jq -e '.outcome == \"connected\" and (.devices[0].wwid | startswith(\"naa.6001405\"))' &&
            [ -e /etc/iscsi/nodes/$name/10.99.0.1,3260,1/default ] && cat /sys/class/iscsi_session/*/targetname" "^$name"
        step "sessions and targets know it" 0 "agent sessions && agent targets" "$name .*automatic"
        TARGET=$name step "disconnect and forget: all is as before" 0 "agent disconnect $name && agent forget $name && as_before"
    done
}

several_sessions() {
    step "three sessions to one portal" 0 "agent connect \$target --portal 10.99.0.1 --sessions 3 --no-multipath --format json |
        jq -e '.outcome == \"connected\" and (.sessions | length) == 3 and ([.devices[].wwid] | unique | length) == 1' && [ \$(sessions) = 3 ]"
    step "connect again" 1 "agent connect \$target --portal 10.99.0.1 --sessions 3" already-connected
    goes
}

# digests_are H D: of every connection, and data written and read through them is the same.
digests_are() {
    step "$1" 0 "set -- $2; [ \"\$(cat /sys/class/iscsi_connection/*/header_digest)\" = \$1 ] && [ \"\$(cat /sys/class/iscsi_connection/*/data_digest)\" = \$2 ] || exit
        disk=/dev/\$(disks iscsi) && head -c 8388608 /dev/urandom >/run/data && dd if=/run/data of=\$disk bs=1M oflag=direct status=none &&
        dd if=\$disk bs=1M count=8 iflag=direct status=none | cmp - /run/data"
}
digests() {
    step "header and data digests" 0 "agent connect \$target --portal 10.99.0.1 --header-digest crc32c --data-digest crc32c && grep Digest /etc/iscsi/nodes/\$target/*/default" "HeaderDigest = CRC32C"
    digests_are "the kernel computes both, and data goes to and fro" "1 1"
    goes
    must host "$in_guest for key in Header Data; do echo None >\$group/param/\${key}Digest || exit; done"
    step "preferred, with a target that has none" 0 "agent connect \$target --portal 10.99.0.1 --header-digest preferred --data-digest preferred"
    digests_are "there are none" "0 0"
    goes
    step "wanted, with a target that has none: refused" 77 "agent connect \$target --portal 10.99.0.1 --header-digest crc32c --format json" '"rolledBack":true'
    step "all is as before" 0 as_before
    must host "$in_guest for key in Header Data; do echo CRC32C,None >\$group/param/\${key}Digest || exit; done"
}

interface() {
    must host "$in_guest ip link add nowhere type dummy && ip link set nowhere up &&
        iscsiadm -m iface -I second -o new && iscsiadm -m iface -I second -o update -n iface.net_ifacename -v lo && chmod 600 /etc/iscsi/ifaces/second && picture >/run/picture"
    step "through no interface in particular" 0 "agent connect \$target --portal 10.99.0.1"
    step "beside it through a record that binds to a device" 0 "agent connect \$target --portal 10.99.0.1 --interface second --no-multipath && [ \$(sessions) = 2 ] && cat /sys/class/iscsi_session/*/ifacename" "^second"
    step "sessions tells them apart" 0 "agent sessions --format json | jq -e '[.sessions[].interface] | sort == [\"default\", \"second\"]'"
    goes
    step "a device without a record: one is made" 0 "agent connect \$target --portal 10.99.0.1 --interface lo && cat /etc/iscsi/ifaces/lo && stat -c %a /etc/iscsi/ifaces/lo" "iface.net_ifacename = lo"
    step "disconnect and forget" 0 "agent disconnect \$target && agent forget \$target && rm -f /etc/iscsi/ifaces/lo && as_before"
    step "a device that does not lead there" 69,75 "agent connect \$target --portal 10.99.0.1 --interface nowhere" "unreachable|timed-out"
    step "nothing of it stays" 0 as_before
    must host "$in_guest ip link delete nowhere; rm -f /etc/iscsi/ifaces/second; picture >/run/picture"
}

# Two instances of tgt, at 10.99.0.3 and 10.99.0.4.
redirect() {
    local reason tgt=iqn.2003-01.org.lab:tgt
    must host "$in_guest tgtd_at 3 $tgt 2>/dev/null && tgtd_at 4 $tgt 2>/dev/null"
    for reason in Temporary Permanent; do
        must host "$in_guest sends_on 3 4 $reason"
        step "a login that is sent on (${reason,,}) ends at the other portal" 0 "agent connect $tgt --portal 10.99.0.3 --format json | tee /run/connected.json;
            cat /sys/class/iscsi_connection/*/address /sys/class/iscsi_connection/*/persistent_address; jq -e '.outcome == \"connected\" and .devices[0].wwid == \"naa.6001405abcdefabcdefabcdefabcdef0\"' /run/connected.json" "^10.99.0.4"
        step "it is known as connected" 1 "agent connect $tgt --portal 10.99.0.3" already-connected
        step "repair finds nothing" 0 "agent repair" "nothing is to be repaired"
        step "disconnect and forget: all is as before" 0 "agent disconnect $tgt && agent forget $tgt && as_before"
    done
    must host "$in_guest sends_on 4 3 Temporary"
    step "portals that send it to one another" 69 "agent connect $tgt --portal 10.99.0.3" redirected-in-a-circle
    step "nothing of it stays" 0 as_before
    must host "pkill -KILL -x tgtd"
}

away() {
    must host "$in_guest agent connect \$target --portal 10.99.0.1 && disk=/dev/\$(disks iscsi) && mkfs.ext4 -q \$disk && mkdir -p /mnt/e && mount \$disk /mnt/e && echo 0 >\$group/enable &&
        until_true '! grep -q LOGGED_IN /sys/class/iscsi_session/*/state'"
    step "the target is away: sessions says so" 0 "agent sessions" "FAILED|FREE"
    step "repair leaves the session to iscsid, and says what the target says" 69,75,77 "agent repair" "comes back by itself"
    must host "$in_guest echo 1 >\$group/enable"
    settle "$part" "it comes back, and with it the session" host "$in_guest grep -q LOGGED_IN /sys/class/iscsi_session/*/state" 90
    settle "$part" "repair: all works" host "$in_guest agent repair" 60
    step "its disk can be written to" 0 "umount /mnt/e; disk=/dev/\$(disks iscsi); e2fsck -fp \$disk >/dev/null; [ \$? -le 1 ] && mount \$disk /mnt/e && echo back >/mnt/e/file && sync -f /mnt/e/file && umount /mnt/e"
    must host "$in_guest echo 0 >\$group/enable && until_true '! grep -q LOGGED_IN /sys/class/iscsi_session/*/state'"
    step "away, and nobody uses it: likewise" 69,75,77 "agent repair" "comes back by itself"
    must host "$in_guest iscsiadm -m session -u >/dev/null; [ \$(sessions) = 0 ]"
    step "a record without its session: repair says what the target says" 69,75,77 "agent repair" "has no session"
    must host "$in_guest echo 1 >\$group/enable"
    settle "$part" "it is back: repair makes the session" host "$in_guest agent repair && grep -q LOGGED_IN /sys/class/iscsi_session/*/state" 90
    goes
}

resize() {
    must host "$in_guest start_multipathd && agent connect \$target --portal 10.99.0.1 --all-portals --format json | tee /run/connected.json | jq -e '.devices[0].multipath'"
    step "the volume grows, and the map with it" 0 "grow first 300 && agent rescan --format json | jq -e '[.changes[] | select(.kind == \"size\" and .sizeBytes == 314572800)] | length == 2' &&
        blockdev --getsize64 /dev/mapper/\$(jq -r '.devices[0].multipath' /run/connected.json)" "^314572800"
    step "once more: nothing is other" 0 "agent rescan" "nothing is other"
    step "disconnect, the map too" 0 "agent disconnect \$target --flush-multipath && agent forget \$target && as_before"
    must host "$in_guest stop_multipathd"
}

for part in "${parts[@]}"; do
    case $part in
    names) names ;;
    sessions) several_sessions ;;
    digests) digests ;;
    interface) interface ;;
    redirect) redirect ;;
    away) away ;;
    resize) resize ;;
    *) echo "iscsi-peers: there is no part '$part'" >&2 && exit 64 ;;
    esac
done
finish_scenario
