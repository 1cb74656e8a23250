# shellcheck shell=bash
# The daemon for a day on a host with DISKS disks (4000): memory, threads and open files at the start and at the end, and what it costs. Its clock is not
# turned: it makes the ROUNDS rounds (1440) of 24 hours at an interval of one minute one after the other, at an interval of one second. Then EVENTS
# hot-plug events (10000): disks that come and go, while it runs.
# Only on request: it takes hours where the processor is emulated; DISKS=200 ROUNDS=100 EVENTS=1000 took 8 minutes there.
# shellcheck source-path=SCRIPTDIR/..
source "$LAB/lab.sh"

disks=${DISKS:-4000} rounds=${ROUNDS:-1440} events=${EVENTS:-10000}
export MUST_LIMIT=${LIMIT:-28800}
cp "$LAB/hosts.sh" "$WORK/share/"
guest host --memory $((1536 + disks / 2))
guests_ready
in_guest='. /lab/share/hosts.sh; export QUARTERMASTER_SOCKET=/run/controller.sock; '

must host 'cp /lab/share/bin/* /usr/local/bin/ && quartermaster init --data-directory /var/lib/controller --format json'
key=$(jq -r .fingerprint "$WORK/out")
must host "$in_guest"'
    setsid quartermaster server --data-directory /var/lib/controller --socket /run/controller.sock >/dev/null 2>/var/log/controller.log </dev/null &
    until_true "quartermaster account list" >/dev/null && quartermaster account create --name lab --format json'
account=$(jq -r .accountID "$WORK/out")
echo "    $disks disks …" >&2
must host "$in_guest debug_disks $disks"
must host "$in_guest umask 077; echo planted-password-7 >/root/password; umask 022
    mkdir -p /srv && quartermaster domain create --account $account --name web &&
    quartermaster user create --account $account --domain web --name alice --role server-admin --password-file /root/password &&
    quartermaster pad create /srv/pad --account $account --interval 1s || exit
    printf '[registration]\ntimeout = 10m\n[reporting]\ninterval = 1s\nfree-space-interval = 1d\nfree-space-threshold = 100%%\n[metrics]\ntextfile = /run/agent.prom\n' \\
        >/root/agent.conf
    quartermaster-agent register --config /root/agent.conf --state-directory /var/lib/agent --pad /srv/pad --account $account --domain web --user alice \\
        --password-file /root/password --controller-key $key || exit
    setsid quartermaster-agent run --config /root/agent.conf --state-directory /var/lib/agent >/dev/null 2>/var/log/agent.log </dev/null &
    echo \$! >/run/agent.pid
    until_true '[ -e /run/agent.prom ]'"

metrics='
    value() { sed -n "s/^quartermaster_agent_$1 //p" /run/agent.prom | cut -d . -f 1; }
    messages() { sed -n "s/^quartermaster_agent_published_total{.*} //p" /run/agent.prom | cut -d . -f 1; }
    p=$(cat /run/agent.pid)
    # Rounds, events, messages, resident KiB, threads, descriptors, processor time in hundredths of a second. Just after a round, when it rests: the least of
    # ten looks, since a round that has begun meanwhile has files open and threads of its own.
    state() {
        local first memory= threads= files= n m t f
        first=$(value rounds_total)
        until [ "$(value rounds_total)" -gt "$first" ]; do sleep 0.05; kill -0 $p || return; done
        for n in 1 2 3 4 5 6 7 8 9 10; do
            m=$(sed -n "s/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p" /proc/$p/status) t=$(sed -n "s/^Threads:[^0-9]*//p" /proc/$p/status) f=$(ls /proc/$p/fd | wc -l)
            [ "$m" -ge "${memory:-$m}" ] || memory=$m
            [ "$t" -ge "${threads:-$t}" ] || threads=$t
            [ "$f" -ge "${files:-$f}" ] || files=$f
            memory=${memory:-$m} threads=${threads:-$t} files=${files:-$f}
        done
        echo "$(value rounds_total) $(value device_events_total) $(messages) $memory $threads $files $(sed "s/.*) //" /proc/$p/stat | cut -d " " -f 12,13 | tr " " + | xargs -I {} sh -c "echo \$(({}))")"
    }
    # later N: N rounds later.
    later() {
        local first
        first=$(value rounds_total)
        until [ $(($(value rounds_total) - first)) -ge $1 ]; do sleep 1; kill -0 $p || return; done
    }'
# state NAME: into the variables NAME_rounds and so on.
state() {
    must host "$metrics
        state"
    read -r "$1_rounds" "$1_events" "$1_messages" "$1_memory" "$1_threads" "$1_files" "$1_time" <"$WORK/out"
    echo "    $1: $(cat "$WORK/out")  (rounds, events, messages, KiB, threads, descriptors, 1/100 s)" >&2
}
# within WHAT BEFORE AFTER PERCENT
within() {
    local verdict
    verdict=$(awk -v a="$2" -v b="$3" -v p="$4" 'BEGIN { d = 100 * (b - a) / a; print (d <= p ? "ok" : "FAILED"), sprintf("%+.1f %%", d) }')
    row soak "$1: $2, then $3" 0 "" "$verdict"
}

# --- A day of rounds --------------------------------------------------------------------------------------------------------------------------------------
warm=$((rounds / 10 < 20 ? rounds / 10 : 20))
must host "$metrics
    later $warm"
state before
began=$(now)
must host "$metrics
    later $rounds"
state after
made=$((after_rounds - before_rounds))
row soak "$made rounds with $disks disks: $(awk -v t=$((after_time - before_time)) -v n="$made" 'BEGIN {
    printf "%.1f s of processor time, %.0f ms each; a day of 1440: %.0f s", t / 100, t * 10 / n, t * 14.4 / n }')" 0 "$(since "$began")" ok
within "resident memory in KiB" "$before_memory" "$after_memory" 5
within "threads" "$before_threads" "$after_threads" 0
within "descriptors" "$before_files" "$after_files" 0
messages=$((after_messages - before_messages))
row soak "messages of $made rounds with nothing changed: $messages" 0 "" "$([ "$messages" -eq 0 ] && echo ok || echo FAILED)"

# --- Disks that come and go -----------------------------------------------------------------------------------------------------------------------------
began=$(now)
must host "$metrics
    changes=0
    # Hosts that are added from here on have one disk each.
    echo 1 >/sys/bus/pseudo/drivers/scsi_debug/max_luns
    first=\$(value device_events_total)
    while [ \$((\$(value device_events_total) - first)) -lt $events ]; do
        for _ in 1 2 3 4 5; do echo 4 >/sys/bus/pseudo/drivers/scsi_debug/add_host; echo -4 >/sys/bus/pseudo/drivers/scsi_debug/add_host; done
        kill -0 \$p || exit
        # What udev has yet to do is not let grow without end: the daemon counts when it looks, which is some seconds later. Those that came and went
        # meanwhile it never sees; the next stay until it has told of them.
        udevadm settle --timeout=600
        for hosts in 4 -4; do
            before=\$(messages)
            echo \$hosts >/sys/bus/pseudo/drivers/scsi_debug/add_host; udevadm settle --timeout=600
            until [ \$(messages) -gt \$before ]; do sleep 1; kill -0 \$p || exit; done
            changes=\$((changes + 1))
        done
    done
    later 5
    echo \$changes"
changes=$(cat "$WORK/out")
state end
messages=$((end_messages - after_messages))
row soak "$((end_events - after_events)) device events in $((end_rounds - after_rounds)) rounds, $messages messages of $changes changes that stayed" 0 "$(since "$began")" \
    "$([ "$messages" -le $((2 * changes)) ] && echo ok || echo FAILED)"
within "resident memory in KiB, before and after the events" "$after_memory" "$end_memory" 5
within "threads" "$after_threads" "$end_threads" 0
within "descriptors" "$after_files" "$end_files" 0
must host "grep -vc 'sent ' /var/log/agent.log || true"
lines=$(cat "$WORK/out")
row soak "lines in its log besides what it sent: $lines" 0 "" "$([ "$lines" -le 5 ] && echo ok || echo FAILED)"
[ "$lines" -le 5 ] || { on host "grep -v 'sent ' /var/log/agent.log | tail -n 20" >&2; }
finish_scenario
