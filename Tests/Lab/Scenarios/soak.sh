# shellcheck shell=bash
# Hot-plug events for a host with DISKS disks (4000): after ROUNDS rounds of the daemon with nothing changed (100; `day` has those of a whole day), EVENTS device
# events (10000) of disks that come and go, BATCH (20) at once, while it runs: memory, threads and open files stay as they were, and each change that stays is
# told once. udev's rules for what lies on a disk are left out then: they are half of the time of an emulated processor, which sees about 20 events a second.
# With SETTLE_LIMIT=30s, the default of agent.conf, what udev needs longer for than that is told in parts.
# Only on request: it takes hours with 4000 disks where the processor is emulated; DISKS=200 takes half an hour there.
# shellcheck source-path=SCRIPTDIR/..
source "$LAB/lab.sh"

disks=${DISKS:-4000} rounds=${ROUNDS:-100} events=${EVENTS:-10000} batch=${BATCH:-20}
source "$LAB/endurance.sh"
export MUST_LIMIT=${LIMIT:-28800}
cp "$LAB/hosts.sh" "$LAB/daemon.sh" "$WORK/share/"
guest host --memory $((1536 + disks / 2))
guests_ready
beside() { must host ". /lab/share/hosts.sh; . /lab/share/daemon.sh; $1"; }

echo "    $disks disks …" >&2
beside "cp /lab/share/bin/* /usr/local/bin/ && debug_disks $disks"
beside "controller '' 1s && steady_configuration ${SETTLE_LIMIT:-10m} | agent && answered"

# --- Rounds with nothing changed --------------------------------------------------------------------------------------------------------------------------
rounds_of_a_day soak "$disks" "$rounds"

# --- Disks that come and go -----------------------------------------------------------------------------------------------------------------------------
began=$(now)
beside "
    mkdir -p /etc/udev/rules.d
    for rules in 55-scsi-sg3_id 56-lvm 58-scsi-sg3_symlink 60-block 60-kpartx 60-multipath 60-persistent-storage 63-md-raid-arrays 64-btrfs 64-md-raid-assembly 69-lvm; do
        ln -s /dev/null /etc/udev/rules.d/\$rules.rules
    done
    udevadm control --reload
    driver=/sys/bus/pseudo/drivers/scsi_debug changes=0 at_first=\$(metric answered_total)
    # The hosts that are added from here on share the disks of a batch.
    echo $((batch / 4)) >\$driver/max_luns
    settled() { udevadm settle --timeout=600; }
    first=\$(metric device_events_total)
    while [ \$((\$(metric device_events_total) - first)) -lt $events ]; do
        # What udev has yet to do is not let grow without end. Those that came and went before the daemon looked it never sees; the next stay until it has
        # told of them.
        for _ in 1 2 3 4 5 6 7 8; do echo 4 >\$driver/add_host; echo -4 >\$driver/add_host; done
        settled
        agent_runs || exit
        for hosts in 4 -4; do
            before=\$(metric answered_total)
            echo \$hosts >\$driver/add_host; settled
            until [ \$(metric answered_total) -gt \$before ]; do sleep 0.5; agent_runs || exit; done
            changes=\$((changes + 1))
        done
        echo \$changes changes, \$((\$(metric answered_total) - at_first)) told, \$(state) >&2
    done
    later 5
    echo \$changes \$((\$(metric answered_total) - at_first))"
read -r changes told <"$WORK/out"
grep changes "$WORK/err" | sed 's/^/    /' >&2
take_state end
# shellcheck disable=SC2154
row soak "$((end_events - after_events)) device events in $((end_rounds - after_rounds)) rounds; $changes changes that stayed were told in $told messages" 0 "$(since "$began")" \
    "$([ "$told" -eq "$changes" ] && echo ok || echo FAILED)"
no_more soak "before and after the events" after end
few_lines soak
finish_scenario
