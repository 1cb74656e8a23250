# shellcheck shell=bash
# What `soak` and `day` have in common: the daemon's rounds of a day, and what is asked of its memory, threads and files. A scenario that sources it, after
# lab.sh, defines `beside SCRIPT`, which runs a script where the daemon is (daemon.sh sourced), leaves its output in $WORK/out, and ends the scenario where it fails.

# state NAME: as `state` of daemon.sh, into the variables NAME_rounds and so on.
take_state() {
    beside state
    read -r "$1_rounds" "$1_events" "$1_messages" "$1_memory" "$1_threads" "$1_files" "$1_time" <"$WORK/out"
    echo "    $1: $(cat "$WORK/out")  (rounds, events, messages, KiB, threads, descriptors, 1/100 s)" >&2
}

# within SUBJECT WHAT BEFORE AFTER PERCENT: it did not grow by more. One row.
within() {
    local verdict
    verdict=$(awk -v a="$3" -v b="$4" -v p="$5" 'BEGIN { d = 100 * (b - a) / a; print (d <= p ? "ok" : "FAILED"), sprintf("%+.1f %%", d) }')
    row "$1" "$2: $3, then $4" 0 "" "$verdict"
}

# no_more SUBJECT WHEN BEFORE AFTER: memory, threads and descriptors of one state beside those of another.
no_more() {
    local what limit a b
    for what in memory:5 threads:0 files:0; do
        limit=${what#*:} what=${what%:*}
        a=$3_$what b=$4_$what
        within "$1" "$what $2" "${!a}" "${!b}" "$limit"
    done
}

# rounds_of_a_day SUBJECT DISKS ROUNDS: after twenty to warm up. The states before_* and after_* are there then.
rounds_of_a_day() {
    local began made messages
    beside "later 20"
    take_state before
    began=$(now)
    # With some states between, which tell growth from chance.
    for _ in 1 2 3 4 5 6 7 8; do
        beside "later $(($3 / 8))"
        take_state after
    done
    # shellcheck disable=SC2154
    made=$((after_rounds - before_rounds)) messages=$((after_messages - before_messages))
    # shellcheck disable=SC2154
    row "$1" "$made rounds with $2 disks: $(awk -v t=$((after_time - before_time)) -v n="$made" 'BEGIN {
        printf "%.1f s of processor time, %.0f ms each; a day of 1440: %.0f s", t / 100, t * 10 / n, t * 14.4 / n }')" 0 "$(since "$began")" ok
    no_more "$1" "before and after them" before after
    row "$1" "messages of $made rounds with nothing changed: $messages" 0 "" "$([ "$messages" -eq 0 ] && echo ok || echo FAILED)"
}

# few_lines SUBJECT: it logs what it sends, and little else.
few_lines() {
    local lines
    beside "grep -vc 'sent ' \$place/agent.log || true"
    lines=$(cat "$WORK/out")
    row "$1" "lines in its log besides what it sent: $lines" 0 "" "$([ "$lines" -le 5 ] && echo ok || echo FAILED)"
    [ "$lines" -le 5 ] || { beside "grep -v 'sent ' \$place/agent.log | tail -n 20" && cat "$WORK/out" >&2; }
}
