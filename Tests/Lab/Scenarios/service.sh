# shellcheck shell=bash
# The agent as an administrator has it: its Debian package under systemd, in one guest with the controller: installation, first start, the sandbox's score, the helper
# by socket activation, registration by a dropped file, a device event told once (`events` has the others), a bad configuration, a daemon that hangs, or has too
# much memory, secrets that come to light nowhere, removal.
# shellcheck source-path=SCRIPTDIR/..
source "$LAB/lab.sh"

export ON_LIMIT=300
cp "$LAB/hosts.sh" "$LAB/daemon.sh" "$WORK/share/"
gcc -shared -fPIC -O2 -Wall -o "$WORK/share/leak.so" "$LAB/leak.c" || exit
if [ -n "${PACKAGE:-}" ]; then
    cp "$PACKAGE" "$WORK/share/agent.deb" || exit
else
    # With programs that are linked for older hosts: not with those of BIN.
    echo "    the package …" >&2
    (cd "$LAB/../.." && OUTPUT=$WORK/packages FORMATS=deb QUICK=1 agent-packaging/tools/build agent) >"$WORK/packages.log" 2>&1 || {
        tail -n 5 "$WORK/packages.log" >&2
        exit 1
    }
    cp "$WORK"/packages/quartermaster-agent_*.deb "$WORK/share/agent.deb"
fi

# Containers' services take half a minute of an emulated processor, and nobody here has a container.
masked=
for unit in podman.service podman.socket podman-restart.service podman-auto-update.service podman-auto-update.timer; do masked+=" systemd.mask=$unit"; done
guest host --systemd --memory 1536 --kernel "$masked"
guests_ready
in_guest='. /lab/share/hosts.sh; . /lab/share/daemon.sh; '
step() { check service "$1" "$2" host "$in_guest$3" "${4:-}"; }
later() { settle service "$1" host "$in_guest$2" "${3:-60}"; }

# --- Storage with something that only root may read, and a controller ---------------------------------------------------------------------------------
must host "chmod 600 /etc/iscsi/initiatorname.iscsi"
must host "$in_guest cp /lab/share/bin/quartermaster /usr/local/bin/ && controller /srv/pads/lab >/dev/null && cat \$place/account \$place/key"
{ read -r account && read -r key; } <"$WORK/out"

# --- Installation -----------------------------------------------------------------------------------------------------------------------------------------
step "install the package" 0 "dpkg -i /lab/share/agent.deb"
step "its user is there, without a shell" 0 "getent passwd quartermaster-agent" "nologin|false"
later "the daemon runs, and says so" "systemctl is-active quartermaster-agent.service"
step "it runs as its own user, with no capability" 0 \
    'p=$(systemctl show -P MainPID quartermaster-agent); stat -c %U /proc/$p; grep CapEff /proc/$p/status' "CapEff:.0000000000000000"
step "the helper's socket listens" 0 "systemctl is-active quartermaster-agent-helper.socket"
step "systemd-analyze security: at most 2.0" 0 "systemd-analyze security --no-pager --threshold=20 quartermaster-agent.service | tail -n 1" "exposure level"
row service "$(grep -o 'exposure level.*' "$WORK/out" | sed 's/[^[:print:]]//g')" 0 "" ok
step "systemd-analyze security of the helper" 0 "systemd-analyze security --no-pager quartermaster-agent-helper@x.service | tail -n 1" "exposure level"
row service "the helper's $(grep -o 'exposure level.*' "$WORK/out" | sed 's/[^[:print:]]//g')" 0 "" ok
step "the unit has no fault" 0 "systemd-analyze verify --man=no /lib/systemd/system/quartermaster-agent*.service /lib/systemd/system/quartermaster-agent*.socket"
step "check-config" 0 "quartermaster-agent check-config"

# --- Registration by a dropped file ----------------------------------------------------------------------------------------------------------------------
must host "umask 077; printf '[reporting]\ninterval = 15s\nsettle = 3s\nsettle-limit = 4m\nfree-space-interval = 1d\nfree-space-threshold = 100%%\n' >/etc/quartermaster/agent.conf; chmod 644 /etc/quartermaster/agent.conf
    systemctl reload quartermaster-agent
    echo planted-password-7 >/etc/quartermaster/password
    printf '%s\n' '[registration]' 'pad = /srv/pads/lab' 'account = $account' 'domain = web' 'user = alice' 'password-file = /etc/quartermaster/password' \
        'controller-key = $key' >/etc/quartermaster/register.conf
    chmod 644 /etc/quartermaster/register.conf"
later "the host registers by itself" "quartermaster-agent status --format json | jq -e '.registrations[0].hostID'" 120
later "the password's file is gone" "[ ! -e /etc/quartermaster/password ]" 30
later "the first report is answered" \
    "quartermaster-agent status --format json | jq -e '.registrations[0] | .counters.answered >= 2 and (.unanswered | length) == 0'" 60
must host "$in_guest quartermaster host list --format json"
host_id=$(jq -r '.hosts[0].hostID' "$WORK/out")
shown="quartermaster host show $host_id --format json"
later "the controller knows the initiator name, which only root may read" "$shown | jq -e '.inventory.initiators[] | select(.iqn == \"iqn.1993-08.org.debian:01:host\")'"
must host "$in_guest alua_pairs 2"
must host "$in_guest multipath_for yes 2"
later "and the paths' states, which the device mapper tells root" "$shown | jq -e '[.inventory.blockDevices[] | select(.pathGroups)] | length == 2'" 180
step "the helper was started by its socket" 0 "systemctl show -P NAccepted quartermaster-agent-helper.socket" '^[1-9]'
step "status says that all is well" 0 "quartermaster-agent status"

# --- A device event, told once ----------------------------------------------------------------------------------------------------------------------------
told="told() { quartermaster-agent status --format json | jq '.registrations[0].counters.answered'; }
    # udev has no work, and for two intervals nothing was told.
    quiet() {
        local before after
        for _ in \$(seq 8); do
            udevadm settle; before=\$(told); sleep 35; udevadm settle; after=\$(told)
            [ \"\$before\" = \"\$after\" ] && return
        done
        return 1
    }
    "
step "nothing is under way" 0 "$told quiet && told"
before=$(tail -n 1 "$WORK/out")
must host "echo 2 >/sys/bus/pseudo/drivers/scsi_debug/add_host"
later "four disks come: the sandboxed daemon tells the controller" "$shown | jq -e '[.inventory.blockDevices[] | select(.vendor == \"Linux\")] | length == 8'" 300
step "and in one message" 0 "$told quiet && echo \$((\$(told) - $before)) message" '^1 message'

# --- A bad configuration, a daemon that hangs -------------------------------------------------------------------------------------------------------------
must host "cp /etc/quartermaster/agent.conf /root/; printf '[reporting]\nintervall = 15s\n' >/etc/quartermaster/agent.conf"
step "check-config names the fault" 78 "quartermaster-agent check-config" 'agent.conf.*2|line 2'
step "a reload with it changes nothing" 0 "p=\$(systemctl show -P MainPID quartermaster-agent); systemctl reload quartermaster-agent; sleep 3
    [ \$p = \$(systemctl show -P MainPID quartermaster-agent) ] && systemctl is-active quartermaster-agent"
later "and is told in the journal" "journalctl -u quartermaster-agent -o cat | grep -q intervall" 20
must host "cp /root/agent.conf /etc/quartermaster/; systemctl reload quartermaster-agent"
must host "mkdir -p /run/systemd/system/quartermaster-agent.service.d
    printf '[Service]\nWatchdogSec=10s\n' >/run/systemd/system/quartermaster-agent.service.d/watchdog.conf; systemctl daemon-reload; systemctl restart quartermaster-agent"
later "it runs under a watchdog of 10 s" "systemctl is-active quartermaster-agent; sleep 25; [ \$(systemctl show -P NRestarts quartermaster-agent) = 0 ]"
must host "kill -STOP \$(systemctl show -P MainPID quartermaster-agent)"
later "a daemon that hangs is started anew" "[ \$(systemctl show -P NRestarts quartermaster-agent) = 1 ] && systemctl is-active quartermaster-agent" 150

# --- More memory than it may have -------------------------------------------------------------------------------------------------------------------------
must host "kept=/run/systemd/system/quartermaster-agent.service.d; rm \$kept/watchdog.conf; cp /lab/share/leak.so /usr/local/lib/ && touch /run/leak
    printf '[Service]\nEnvironment=LD_PRELOAD=/usr/local/lib/leak.so\nRestartSec=3s\n' >\$kept/leak.conf; printf '[limits]\nmemory = 64MiB\n' >>/etc/quartermaster/agent.conf
    systemctl daemon-reload; systemctl restart quartermaster-agent"
later "a daemon above its ceiling of memory says so, and ends with 75" "journalctl -u quartermaster-agent -o cat >/run/journal
    grep -q 'in memory, and may have 64' /run/journal && grep -q 'exited, status=75' /run/journal" 90
must host "rm /run/leak"
later "its unit starts it anew, and it stays" "p=\$(systemctl show -P MainPID quartermaster-agent); [ \$(systemctl show -P NRestarts quartermaster-agent) -ge 1 ] && sleep 40 &&
    [ \$p != 0 ] && [ \$p = \$(systemctl show -P MainPID quartermaster-agent) ] && systemctl is-active quartermaster-agent" 180
step "nothing is lost: it is registered as before" 0 "quartermaster-agent status --format json | jq -er '.registrations[0].hostID'" "$host_id"
must host "rm /run/systemd/system/quartermaster-agent.service.d/leak.conf; cp /root/agent.conf /etc/quartermaster/; systemctl daemon-reload; systemctl restart quartermaster-agent"

# --- Secrets ----------------------------------------------------------------------------------------------------------------------------------------------
# (In parts, lest this request be found.)
step "the password is nowhere: journal, state, pad, configuration, processes" 1 'w=planted; w=$w-password
    # Each pattern on standard input: a search finds no other search.
    { journalctl -o export --no-pager >/run/journal.export; grep -alF -f - /run/journal.export <<<"$w"
      grep -rlF -f - /var/lib/quartermaster-agent /var/lib/quartermaster-agent-helper /srv/pads /etc/quartermaster /var/log /run/quartermaster-agent <<<"$w"
      grep -alF -f - /proc/[0-9]*/cmdline /proc/[0-9]*/environ <<<"$w"; } 2>/dev/null >/run/found
    cat /run/found; [ -s /run/found ]'
[ ! -s "$WORK/out" ] || row service "found in: $(tr '\n' ' ' <"$WORK/out")" 1 "" FAILED
step "memory, threads and descriptors of the daemon" 0 'p=$(systemctl show -P MainPID quartermaster-agent)
    grep -E "VmRSS|Threads" /proc/$p/status; ls /proc/$p/fd | wc -l' VmRSS
sed 's/^/        /' "$WORK/out" >&2

# --- Removal ----------------------------------------------------------------------------------------------------------------------------------------------
step "remove: the service ends, the state stays" 0 "dpkg -r quartermaster-agent; ! systemctl is-active quartermaster-agent && ls /var/lib/quartermaster-agent | grep ."
step "purge: the state goes" 0 "dpkg -P quartermaster-agent; [ ! -e /var/lib/quartermaster-agent ] && [ ! -e /etc/quartermaster/agent.conf ]"
finish_scenario
