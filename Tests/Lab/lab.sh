# shellcheck shell=bash
# What scenarios share; a scenario sources it. Guests run `serve`; the scenario runs on this machine and asks them one thing after the other, so
# that it reads from top to bottom. `run` gives it LAB (this folder), WORK (an empty directory of its own, short enough for a socket's path) and
# BIN (the programs).
set -uo pipefail

declare -A lab_guests=()
lab_failures=0
: >"$WORK/rows"

# Hundredths of a second since this machine started: its wall clock may be set meanwhile.
now() {
    local since _
    read -r since _ </proc/uptime
    echo "${since/./}"
}
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f s", (b - a) / 100 }'; }

# guest NAME [OPTION of boot …]: starts one. Call `guests_ready` before the first `on`.
guest() {
    local name=$1
    shift
    mkdir -p "$WORK/share/$name"
    rm -f "$WORK/share/$name/"{ready,stop}
    "$LAB/boot" --name "$name" --share "$WORK/share" --timeout "${LIMIT:-1200}" "$@" /usr/local/lib/lab/serve "/lab/share/$name" \
        >"$WORK/$name.log" 2>&1 &
    lab_guests[$name]=$!
}

# Waits until every guest takes requests.
guests_ready() {
    local name deadline=$(($(now) + 60000))
    for name in "${!lab_guests[@]}"; do
        until [ -e "$WORK/share/$name/ready" ]; do
            if [ "$(now)" -ge "$deadline" ] || ! kill -0 "${lab_guests[$name]}" 2>/dev/null; then
                echo "lab: guest $name did not start; its last words:" >&2
                tail -n 20 "$WORK/$name.log" >&2
                exit 125
            fi
            sleep 0.2
        done
    done
}

# Lets a guest end, once its last request is answered.
guest_ends() {
    local deadline=$(($(now) + 3000))
    touch "$WORK/share/$1/stop"
    while kill -0 "${lab_guests[$1]}" 2>/dev/null && [ "$(now)" -lt "$deadline" ]; do sleep 0.1; done
    power_off "$1"
}

# Cuts a guest's power.
power_off() {
    kill "${lab_guests[$1]}" 2>/dev/null
    wait "${lab_guests[$1]}" 2>/dev/null
    unset "lab_guests[$1]"
}

# on NAME SCRIPT: runs a script in a guest and passes on its output and status. Status 124 where it is not done in ON_LIMIT seconds (90);
# it goes on in there.
on() {
    local box=$WORK/share/$1 id status
    id=$(now)-$BASHPID-$RANDOM
    printf '%s\n' "$2" >"$box/$id.new"
    mv "$box/$id.new" "$box/$id.request"
    local deadline=$(($(now) + ${ON_LIMIT:-90} * 100))
    until [ -e "$box/$id.status" ]; do
        [ "$(now)" -lt "$deadline" ] || break
        sleep 0.05
    done
    cat "$box/$id.out" 2>/dev/null
    cat "$box/$id.err" >&2 2>/dev/null
    [ -e "$box/$id.status" ] || return 124
    status=$(cat "$box/$id.status")
    return "$status"
}

# must NAME SCRIPT: a step of the set-up, without which nothing else makes sense. It has MUST_LIMIT seconds (240).
must() {
    local status=0
    ON_LIMIT=${MUST_LIMIT:-240} on "$@" >"$WORK/out" 2>"$WORK/err" || status=$?
    [ "$status" -eq 0 ] && return
    echo "lab: exit code $status on $1: $2" >&2
    cat "$WORK/out" "$WORK/err" >&2
    [ "$status" -ne 124 ] || ON_LIMIT=30 on "$1" 'ps axwwo pid,stat,wchan:20,args | grep -v "\]$"; dmesg | tail -n 20' >&2
    exit 1
}

# check SUBJECT WHAT STATUS NAME SCRIPT [TEXT]: runs it, expects the exit status (several: 0,75), and that its output holds the text (an extended
# regular expression). One row of the table. The output stays in $WORK/out and $WORK/err.
check() {
    local subject=$1 what=$2 expected=$3 name=$4 script=$5 text=${6:-} status=0 verdict=ok began took
    began=$(now)
    on "$name" "$script" >"$WORK/out" 2>"$WORK/err" || status=$?
    took=$(since "$began")
    if [[ ",$expected," != *",$status,"* ]]; then
        verdict="FAILED: exit code $status, expected $expected"
    elif [ -n "$text" ] && ! grep -qE -- "$text" "$WORK/out" "$WORK/err"; then
        verdict="FAILED: its output has no \"$text\""
    fi
    row "$subject" "$what" "$status" "$took" "$verdict"
    [ "$verdict" = ok ] && return
    sed 's/^/        /' "$WORK/out" "$WORK/err" | tail -n 12 >&2
    return 1
}

# settle SUBJECT WHAT NAME SCRIPT [SECONDS]: runs it until it succeeds, for so many seconds (30). One row.
settle() {
    local subject=$1 what=$2 name=$3 script=$4 limit=${5:-30} began deadline verdict=ok status
    began=$(now)
    deadline=$((began + limit * 100))
    while :; do
        status=0
        on "$name" "$script" >"$WORK/out" 2>"$WORK/err" || status=$?
        [ "$status" -eq 0 ] && break
        if [ "$(now)" -ge "$deadline" ]; then
            verdict="FAILED: not so within $limit s (exit code $status)"
            break
        fi
        sleep 0.3
    done
    row "$subject" "$what" "$status" "$(since "$began")" "$verdict"
    [ "$verdict" = ok ] && return
    sed 's/^/        /' "$WORK/out" "$WORK/err" | tail -n 12 >&2
    return 1
}

# row SUBJECT WHAT STATUS TOOK VERDICT: told at once, and in the table at the end.
row() {
    [[ $5 == ok* ]] || lab_failures=$((lab_failures + 1))
    printf '    %-12s %-78s %4s %8s  %s\n' "$@" | tee -a "$WORK/rows" >&2
}

# Ends the guests, and exits: 0 where each row is as expected. `run` prints the table.
finish_scenario() {
    local name deadline=$(($(now) + 2000))
    for name in "${!lab_guests[@]}"; do touch "$WORK/share/$name/stop"; done
    for name in "${!lab_guests[@]}"; do
        while kill -0 "${lab_guests[$name]}" 2>/dev/null && [ "$(now)" -lt "$deadline" ]; do sleep 0.1; done
        kill "${lab_guests[$name]}" 2>/dev/null
        wait "${lab_guests[$name]}" 2>/dev/null
    done
    [ "$lab_failures" -eq 0 ]
    exit
}
