# shellcheck shell=bash
# A controller and a registered daemon, all of it under $place, and what is to be seen of the daemon while it runs. A scenario's requests source this in a
# guest, after hosts.sh; `day` sources both on this machine.
place=${PLACE:-/run/lab}
export QUARTERMASTER_SOCKET=$place/controller.sock
agent_options=(--config "$place/agent.conf" --state-directory "$place/agent")

# controller [PAD [INTERVAL]]: one that runs, with the account `lab`, the domain `web`, the user `alice`, whose password is planted, and a pad ($place/pad), which
# it looks at so often (500ms). $place/account and $place/key tell what an agent asks for.
controller() {
    local pad=${1:-$place/pad} account
    mkdir -p "$place" "${pad%/*}" && (umask 077 && echo planted-password-7 >"$place/password") &&
        quartermaster init --data-directory "$place/controller" --format json | jq -er .fingerprint >"$place/key" || return
    quartermaster server --data-directory "$place/controller" --socket "$QUARTERMASTER_SOCKET" >/dev/null 2>"$place/controller.log" </dev/null &
    echo $! >"$place/controller.pid"
    until_true "quartermaster account list" >/dev/null 2>&1 &&
        account=$(quartermaster account create --name lab --format json | jq -er .accountID) && echo "$account" >"$place/account" &&
        quartermaster domain create --account "$account" --name web &&
        quartermaster user create --account "$account" --domain web --name alice --role server-admin --password-file "$place/password" &&
        quartermaster pad create "$pad" --account "$account" --interval "${2:-500ms}"
}

# agent [--sysroot DIRECTORY]: registers with that controller by the configuration on standard input, and starts the daemon.
agent() {
    cat >"$place/agent.conf"
    quartermaster-agent register "${agent_options[@]}" "$@" --pad "$place/pad" --account "$(cat "$place/account")" --domain web --user alice \
        --password-file "$place/password" --controller-key "$(cat "$place/key")" || return
    quartermaster-agent run "${agent_options[@]}" "$@" >/dev/null 2>"$place/agent.log" </dev/null &
    echo $! >"$place/agent.pid"
}
# steady_configuration [LIMIT]: for a daemon that looks each second, to which free space is no news; it gathers events as long as it may (settle-limit 10m), for udev
# takes its time in a guest.
steady_configuration() {
    printf '%s\n' '[registration]' 'timeout = 10m' '[reporting]' 'interval = 1s' 'settle = 3s' "settle-limit = ${1:-10m}" \
        'free-space-interval = 1d' 'free-space-threshold = 100%' '[metrics]' "textfile = $place/agent.prom"
}
agent_runs() { kill -0 "$(cat "$place/agent.pid")"; }

# metric NAME: a number of the metrics file, whose labels are of no account ([metrics] textfile = $place/agent.prom).
metric() { sed -n "s/^quartermaster_agent_$1\({.*}\)\? //p" "$place/agent.prom" | cut -d . -f 1; }

# Once the registration and the first inventory are answered; that of thousands of disks takes minutes on an emulated processor.
answered() {
    for _ in $(seq 1800); do
        if [ -e "$place/agent.prom" ] && [ "$(metric answered_total)" -ge 2 ]; then return; fi
        agent_runs || return
        sleep 0.5
    done
    echo "the first inventory was not answered" >&2
    return 1
}

# later N: N rounds later.
later() {
    local first
    first=$(metric rounds_total)
    until [ $(($(metric rounds_total) - first)) -ge "$1" ]; do
        sleep 0.5
        agent_runs || return
    done
}

# Rounds, device events, messages (one that was put onto the pad again counts once), resident KiB, threads, descriptors, processor time in hundredths of a second.
# When the daemon rests: the least of many looks, for the time of four rounds, since a round has memory, files and threads of its own, and gives the memory back
# some time after it has written its metrics.
state() {
    local pid rounds memory='' threads='' files='' fields now
    pid=$(cat "$place/agent.pid")
    rounds=$(metric rounds_total)
    until [ $(($(metric rounds_total) - rounds)) -ge 4 ]; do
        agent_runs || return
        now=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status")
        [ "$now" -ge "${memory:-$((now + 1))}" ] || memory=$now
        now=$(sed -n 's/^Threads:[^0-9]*//p' "/proc/$pid/status")
        [ "$now" -ge "${threads:-$((now + 1))}" ] || threads=$now
        now=$(find "/proc/$pid/fd" -type l | wc -l)
        [ "$now" -ge "${files:-$((now + 1))}" ] || files=$now
        sleep 0.05
    done
    fields=$(sed 's/.*) //' "/proc/$pid/stat")
    read -r -a fields <<<"$fields"
    echo "$(metric rounds_total) $(metric device_events_total) $(metric answered_total) $memory $threads $files $((fields[11] + fields[12]))"
}
