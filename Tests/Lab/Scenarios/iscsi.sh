# shellcheck shell=bash
# The initiator's set-up against the kernel's own target (LIO) and open-iscsi's iscsid, in one guest: one and two portals, CHAP in both directions and
# with wrong secrets, multipath, LVM, another volume behind a number, a resized volume, a portal that goes and comes back, and a kill at each call that
# changes a file. After whatever fails, records and sessions are as they were. PARTS="plain kill" takes only some of it.
#
# Programs: quartermaster-agent
# shellcheck source-path=SCRIPTDIR/..
source "$LAB/lab.sh"

read -r -a parts <<<"${PARTS:-plain chap wizard multipath wwid resize path kill secrets}"
wanted() { [[ " ${parts[*]} " == *" $1 "* ]]; }
export ON_LIMIT=180

cp "$LAB/hosts.sh" "$LAB/initiator.sh" "$WORK/share/"
cc -shared -fPIC -O1 -o "$WORK/share/kill-switch.so" "$LAB/../KillSwitch/kill-switch.c" || exit 1
guest host --memory 1536 --processors 1
guests_ready
echo "    the guest is up after $SECONDS s" >&2

in_guest='. /lab/share/hosts.sh; . /lab/share/initiator.sh; '
must host "$in_guest
    cp /lab/share/bin/* /usr/local/bin/
    modprobe -a iscsi_tcp
    ip link set lo up; ip address add 10.99.0.1/32 dev lo && ip address add 10.99.0.2/32 dev lo && array 10.99.0.1 10.99.0.2 && secrets || exit
    mkdir -p -m 700 /etc/iscsi/nodes /etc/iscsi/static
    # The target's own disks are in this guest too: LVM is to see them through the sessions alone.
    echo 'devices { global_filter = [ \"r|^/dev/loop|\" ] }' >/etc/lvm/lvm.conf
    start_iscsid; picture >/run/picture"

if wanted plain; then
    check plain "the initiator: name, service" 0 host "$in_guest quartermaster-agent iscsi initiator show" "running"
    check plain "a dry run says what would be written" 0 host "$in_guest agent connect \$target --portal 10.99.0.1 --dry-run" "create /etc/iscsi/nodes/"
    check plain "and changes nothing" 0 host "$in_guest as_before"
    check plain "a target that is not there" 66 host "$in_guest agent connect iqn.2003-01.org.lab:nobody --portal 10.99.0.1" target-not-found
    check plain "a port where nobody listens" 69 host "$in_guest agent connect \$target --portal 10.99.0.1:3999" refused
    check plain "nothing of it stays" 0 host "$in_guest as_before"
    check plain "connect to one portal" 0 host "$in_guest agent connect \$target --portal 10.99.0.1 --format json | tee /run/connected.json" '"outcome":"connected"'
    check plain "one session, one disk, with its WWID" 0 host "jq -e '(.sessions | length) == 1 and (.devices | length) == 1 and (.devices[0].wwid | startswith(\"naa.6001405\")) and .rolledBack == false' /run/connected.json"
    check plain "the record is as iscsiadm would have written it" 0 host "$in_guest
        iscsiadm -m node -T iqn.2003-01.org.lab:other -p 10.99.0.1:3260,1 -o new >/dev/null &&
        diff <(sed 's/:array1/:other/; s/\(startup = \)automatic/\1manual/' /etc/iscsi/nodes/\$target/10.99.0.1,3260,1/default) /etc/iscsi/nodes/iqn.2003-01.org.lab:other/10.99.0.1,3260,1/default &&
        [ \"\$(stat -c %a /etc/iscsi/nodes/\$target/10.99.0.1,3260,1/default)\" = 600 ] && iscsiadm -m node -T iqn.2003-01.org.lab:other -o delete"
    check plain "connect again" 1 host "$in_guest agent connect \$target --portal 10.99.0.1" already-connected
    check plain "sessions" 0 host "$in_guest agent sessions" LOGGED_IN
    check plain "targets" 0 host "$in_guest agent targets" "10.99.0.1:3260 .*static .*automatic"
    check plain "forget refuses while connected" 1 host "$in_guest agent forget \$target" in-use
    check plain "another name for this host, while it is connected" 1 host "$in_guest quartermaster-agent iscsi initiator set-name --state-directory /var/lib/agent iqn.2003-01.org.lab:other" in-use
    check plain "a file system is mounted: disconnect refuses, and names it" 1 host "$in_guest
        disk=\$(jq -r '.devices[0].name' /run/connected.json); mkfs.ext4 -q /dev/\$disk && mkdir -p /mnt/e && mount /dev/\$disk /mnt/e && agent disconnect \$target" "mounted on /mnt/e"
    check plain "disconnect" 0 host "$in_guest umount /mnt/e; agent disconnect \$target && [ \$(sessions) = 0 ]"
    check plain "connect by the record alone" 0 host "$in_guest agent connect \$target && agent disconnect \$target"
    check plain "forget" 0 host "$in_guest agent forget \$target && ! find /etc/iscsi/nodes /etc/iscsi/static -mindepth 1 | grep ."
    must host "$in_guest picture >/run/picture; echo \$initiator >/run/initiator
        mkdir -p \$group/acls/iqn.2003-01.org.lab:other/lun_0 && ln -s \$group/lun/lun_0 \$group/acls/iqn.2003-01.org.lab:other/lun_0/lun"
    check plain "another name for this host: iscsid is to be started anew" 0 host "$in_guest quartermaster-agent iscsi initiator set-name --state-directory /var/lib/agent iqn.2003-01.org.lab:other" "systemctl restart iscsid"
    check plain "it is shown" 0 host "$in_guest quartermaster-agent iscsi initiator show --format json" '"initiatorName":"iqn.2003-01.org.lab:other"'
    must host "$in_guest pkill -x iscsid; sleep 1; start_iscsid"
    check plain "sessions are made under it" 0 host "$in_guest agent connect \$target --portal 10.99.0.1 && cat /sys/class/iscsi_session/*/initiatorname; agent disconnect \$target && agent forget \$target" "^iqn.2003-01.org.lab:other"
    check plain "the old name: all is as before" 0 host "$in_guest quartermaster-agent iscsi initiator set-name --state-directory /var/lib/agent \$(cat /run/initiator) && as_before"
    must host "$in_guest rm \$group/acls/iqn.2003-01.org.lab:other/lun_0/lun; rmdir \$group/acls/iqn.2003-01.org.lab:other/lun_0 \$group/acls/iqn.2003-01.org.lab:other"
    check plain "iscsid does not run" 69 host "$in_guest pkill -x iscsid; sleep 1; agent connect \$target --portal 10.99.0.1" service-down
    must host "$in_guest start_iscsid"
    check plain "nothing of it stays" 0 host "$in_guest as_before"
fi

if wanted chap || wanted wizard || wanted multipath || wanted wwid || wanted resize || wanted path || wanted kill; then
    must host "$in_guest chap_wanted"
fi
if wanted chap; then
    check chap "without credentials" 77 host "$in_guest agent connect \$target --portal 10.99.0.1" authentication-wanted
    check chap "with a wrong secret" 77 host "$in_guest agent connect \$target --portal 10.99.0.1 --chap-user planted-user-1 --chap-secret-file /root/wrong" wrong-user-or-secret
    check chap "with a wrong mutual secret" 77 host "$in_guest agent connect \$target --portal 10.99.0.1 --chap-user planted-user-1 --chap-secret-file /root/secret1 --mutual-user planted-user-2 --mutual-secret-file /root/wrong" mutual-authentication-failed
    check chap "a secret in a file that others may read" 77 host "$in_guest cp /root/secret1 /root/open; chmod 644 /root/open; agent connect \$target --portal 10.99.0.1 --chap-user planted-user-1 --chap-secret-file /root/open" "chmod 600"
    check chap "the same secret in both directions" 64 host "$in_guest agent connect \$target --portal 10.99.0.1 --chap-user planted-user-1 --chap-secret-file /root/secret1 --mutual-user planted-user-2 --mutual-secret-file /root/secret1" invalid-parameter
    check chap "chap check: the same" 64 host "$in_guest quartermaster-agent iscsi chap check --chap-user planted-user-1 --chap-secret-file /root/secret1 --mutual-user planted-user-2 --mutual-secret-file /root/secret1" invalid-parameter
    check chap "chap check: secrets that may be used" 0 host "$in_guest quartermaster-agent iscsi chap check \$chap" "mutual secret +128 bits"
    check chap "nothing of it stays" 0 host "$in_guest as_before"
    check chap "CHAP in both directions" 0 host "$in_guest strace -v -f -s 4096 -e trace=execve -o /run/exec.log quartermaster-agent iscsi connect --state-directory /var/lib/agent \$target --portal 10.99.0.1 \$chap" connected
    check chap "the strongest algorithm is recorded" 0 host "$in_guest grep chap_algs /etc/iscsi/nodes/\$target/*/default" "SHA3-256"
    check chap "the sessions tell of it" 0 host "$in_guest agent sessions --format json" '"authentication":"mutual-chap"'
    check chap "other credentials are tried before they are recorded" 77 host "$in_guest quartermaster-agent iscsi chap set --state-directory /var/lib/agent \$target --chap-user planted-user-1 --chap-secret-file /root/wrong" wrong-user-or-secret
    must host "$in_guest printf planted-secret-3 >\$access/auth/password"
    check chap "those that the target has got meanwhile are recorded" 0 host "$in_guest quartermaster-agent iscsi chap set --state-directory /var/lib/agent \$target \${chap/secret1/secret3}" "1 record changed"
    check chap "and sessions are made with them" 0 host "$in_guest agent disconnect \$target && agent connect \$target && [ \$(sessions) = 1 ]"
    check chap "show: the record's settings, but for secrets" 0 host "$in_guest agent show \$target >/run/out 2>&1 && cat /run/out && ! grep -q planted-secre[t] /run/out" "node.session.auth.username.*planted-user-1"
    must host "$in_guest printf planted-secret-1 >\$access/auth/password"
    check chap "disconnect and forget" 0 host "$in_guest agent disconnect \$target && agent forget \$target && as_before"
fi

if wanted wizard; then
    # A question for each line; the user's and the secret's are asked again after the wrong one, and no other.
    wizard="printf '%s\\n' iscsi address 10.99.0.1 \$target 10.99.0.1:3260 default planted-user-1 \$first yes planted-user-2 /root/secret2 automatic none \$more | quartermaster-agent iscsi wizard --state-directory /var/lib/agent"
    check wizard "a wrong secret: nothing more is answered, and nothing was changed" 77 host "$in_guest first=/root/wrong more=; $wizard 2>/run/out; status=\$?; cat /run/out; as_before && exit \$status" "Stopped at .*chap-user"
    check wizard "back to user and secret alone, then the plan, confirmed and verified" 0 host "$in_guest first=/root/wrong more='planted-user-1 /root/secret1 yes'; $wizard --write-answers /run/answers --format json >/run/connected.json; status=\$?; cat /run/connected.json; exit \$status" '"outcome":"connected"'
    check wizard "one session, one disk, with its WWID" 0 host "jq -e '(.sessions | length) == 1 and (.devices | length) == 1 and (.devices[0].wwid | startswith(\"naa.6001405\")) and .rolledBack == false' /run/connected.json"
    check wizard "the answers are written, mode 600, without a secret" 0 host "[ \$(stat -c %a /run/answers) = 600 ] && ! grep -q planted-secre[t] /run/answers && cat /run/answers" "chap-secret-file = /root/secret1"
    check wizard "disconnect and forget" 0 host "$in_guest agent disconnect \$target && agent forget \$target && as_before"
    check wizard "the same by the file of answers" 0 host "$in_guest quartermaster-agent iscsi wizard --state-directory /var/lib/agent --answers /run/answers --format json" '"outcome":"connected"'
    check wizard "once more: it is connected" 1 host "$in_guest quartermaster-agent iscsi wizard --state-directory /var/lib/agent --answers /run/answers" already-connected
    check wizard "disconnect and forget" 0 host "$in_guest agent disconnect \$target && agent forget \$target && as_before"
    must host "rm -f /run/answers"
fi

if wanted multipath; then
    must host "$in_guest start_multipathd"
    check multipath "connect at all portals: two sessions, one map" 0 host "$in_guest agent connect \$target --portal 10.99.0.1 --all-portals \$chap --timeout 120s --format json | tee /run/connected.json |
        jq -e '.outcome == \"connected\" and (.sessions | length) == 2 and ([.devices[].multipath] | unique | length) == 1 and .devices[0].multipath != null'"
    must host "map=/dev/mapper/\$(jq -r '.devices[0].multipath' /run/connected.json); wipefs -qa \$map; pvcreate -qq -ffy \$map && vgcreate -qq labvg \$map && lvcreate -qq -y -n data -L 40M labvg && mkfs.ext4 -q /dev/labvg/data && mkdir -p /mnt/e && mount /dev/labvg/data /mnt/e && udevadm settle --timeout=60"
    check multipath "disconnect refuses: file system" 1 host "$in_guest agent disconnect \$target" "mounted on /mnt/e"
    check multipath "disconnect refuses: LVM" 1 host "$in_guest umount /mnt/e; agent disconnect \$target" "logical volume labvg/data"
    check multipath "disconnect refuses: the map" 1 host "$in_guest vgchange -qq -an labvg; agent disconnect \$target" "multipath map"
    must host "vgremove -qq -ffy labvg && pvremove -qq -ffy /dev/mapper/\$(jq -r '.devices[0].multipath' /run/connected.json) && udevadm settle --timeout=60"
    check multipath "disconnect, the map too" 0 host "$in_guest agent disconnect \$target --flush-multipath && [ \$(sessions) = 0 ] && agent forget \$target && as_before"
    must host "$in_guest stop_multipathd"
fi

if wanted wwid; then
    must host "$in_guest agent connect \$target --portal 10.99.0.1 \$chap --format json >/run/first.json && agent disconnect \$target && agent forget \$target && as_before"
    check wwid "the WWID as expected" 0 host "$in_guest agent connect \$target --portal 10.99.0.1 \$chap --expect-wwid \$(jq -r '.devices[0].wwid' /run/first.json) && agent disconnect \$target && agent forget \$target"
    must host "$in_guest unmap && map second"
    check wwid "another volume behind the number" 77 host "$in_guest agent connect \$target --portal 10.99.0.1 \$chap --expect-wwid \$(jq -r '.devices[0].wwid' /run/first.json) --timeout 20s --format json" '"outcome":"wwid-not-as-expected".*"rolledBack":true'
    check wwid "records and sessions are as before" 0 host "$in_guest as_before"
    must host "$in_guest unmap && map first"
fi

if wanted resize; then
    must host "$in_guest agent connect \$target --portal 10.99.0.1 \$chap --format json >/run/connected.json"
    check resize "rescan: nothing is other than before" 0 host "$in_guest agent rescan" "nothing is other"
    check resize "a volume grows" 0 host "$in_guest grow first 300 && agent rescan --format json |
        tee /run/out | jq -e '.changes[0] | .kind == \"size\" and .sizeBytes == 314572800'"
    check resize "another volume comes" 0 host "$in_guest map second 1 &&
        agent rescan" "new, LUN 1"
    check resize "disconnect and forget" 0 host "$in_guest agent disconnect \$target && agent forget \$target && as_before"
    must host "$in_guest unmap 1"
fi

if wanted path; then
    must host "$in_guest sed -i 's/^node.session.timeo.replacement_timeout = .*/node.session.timeo.replacement_timeout = 5/; s/noop_out_\(interval\|timeout\) = .*/noop_out_\1 = 2/' /etc/iscsi/iscsid.conf; picture >/run/picture
        agent connect \$target --portal 10.99.0.2 \$chap"
    check path "repair: all works" 0 host "$in_guest agent repair" "nothing is to be repaired"
    must host "$in_guest ip address delete 10.99.0.2/32 dev lo; until_true '! grep -q LOGGED_IN /sys/class/iscsi_session/*/state'"
    check path "repair while the portal is away" 69 host "$in_guest agent repair" unreachable
    must host "ip address add 10.99.0.2/32 dev lo"
    check path "repair when it is back" 0 host "$in_guest agent repair --format json" '"outcome":"done"'
    settle path "the session is logged in, its disk runs" host "$in_guest grep -q LOGGED_IN /sys/class/iscsi_session/*/state && agent sessions --format json | jq -e '.sessions[0].devices[0].state == \"running\"'" 60
    check path "a record without its session" 0 host "$in_guest iscsiadm -m session -u >/dev/null; agent repair && [ \$(sessions) = 1 ]" "logged in"
    check path "disconnect and forget" 0 host "$in_guest agent disconnect \$target && agent forget \$target && as_before"
fi

if wanted kill; then
    # Each call of the agent that changes a file, from the first on: killed before it, and the next command puts all in order.
    number=0 killed=0
    while :; do
        number=$((number + 1))
        ON_LIMIT=120 on host "$in_guest
            rm -f /run/calls; LD_PRELOAD=/lab/share/kill-switch.so KILL_SWITCH_AT=$number KILL_SWITCH_LOG=/run/calls \\
                quartermaster-agent iscsi connect --state-directory /var/lib/agent \$target --portal 10.99.0.1 \$chap >/run/out 2>&1
            status=\$?; tail -n 1 /run/calls; [ \$status = 137 ] || { cat /run/out; exit 3; }
            agent forget \$target >/run/out 2>&1; status=\$?
            if [ \$status = 1 ]; then agent disconnect \$target && agent forget \$target; fi >>/run/out 2>&1
            as_before && [ ! -e /var/lib/agent/iscsi/journal ] && [ ! -e /run/lock/iscsi/lock.write ] || { cat /run/out; ls -la /var/lib/agent/iscsi /run/lock/iscsi; exit 4; }" \
            >"$WORK/out" 2>&1
        status=$?
        [ "$status" -eq 3 ] && break
        killed=$((killed + 1))
        if [ "$status" -ne 0 ]; then
            row kill "killed at call $number ($(head -n 1 "$WORK/out"))" "$status" "" "FAILED: not as before"
            tail -n 20 "$WORK/out" >&2
            break
        fi
        [ "$number" -lt 200 ] || break
    done
    row kill "killed at each of $killed calls that change a file; the next command put all in order" "$status" "" "$([ "$status" -eq 3 ] && [ "$killed" -gt 10 ] && echo ok || echo FAILED)"
    check kill "what was not killed is connected" 0 host "$in_guest agent sessions" LOGGED_IN
    check kill "disconnect and forget" 0 host "$in_guest agent disconnect \$target && agent forget \$target && as_before"
fi

if wanted secrets; then
    # The pattern is none that matches itself: it stands in the arguments of what searches.
    check secrets "planted secrets in logs, arguments, environments and the state directory" 0 host "found=\$(grep -rlE 'planted-secre[t]' /var/log /run/*.log /run/*.json /run/out /var/lib/agent /etc/iscsi /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null)
        [ -z \"\$found\" ] || { echo \"\$found\"; false; }"
    # Of every command of this scenario.
    found=$(grep -lE 'planted-secret' "$WORK"/share/host/*.out "$WORK"/share/host/*.err | head -n 3)
    row secrets "planted secrets in what $(cat "$WORK"/share/host/*.status | wc -l) commands printed" 0 "" "$([ -z "$found" ] && echo ok || echo "FAILED: $found")"
    check secrets "the journal's directory is root's alone" 0 host "[ \"\$(stat -c %a /var/lib/agent/iscsi)\" = 700 ]"
fi
finish_scenario
