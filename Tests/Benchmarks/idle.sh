#!/usr/bin/env bash
# The agent's daemon when nothing happens, beside prometheus-node-exporter after one scrape: memory, and wake-ups in 60 s (SECONDS_IDLE).
set -euo pipefail
export PATH="$BIN:/usr/sbin:/sbin:$PATH"
seconds=${SECONDS_IDLE:-60}

pids=()
stop() { for pid in "${pids[@]}"; do { kill "$pid" && wait "$pid"; } 2>/dev/null || true; done; }
trap stop EXIT

# A controller to register with. It is stopped before anything is measured.
export QUARTERMASTER_SOCKET=$WORK/idle.sock
data=$WORK/idle
key=$(quartermaster init --data-directory "$data" --format json | jq -r .fingerprint)
quartermaster server --data-directory "$data" --socket "$QUARTERMASTER_SOCKET" 2>"$WORK/idle.log" &
server=$!
pids+=("$server")
for _ in $(seq 200); do grep -q ready "$WORK/idle.log" && break; sleep 0.05; done
account=$(quartermaster account create --name idle --format json | jq -r .accountID)
quartermaster domain create --account "$account" --name idle >/dev/null
(umask 077 && echo "idle password" >"$WORK/idle.password")
quartermaster user create --account "$account" --domain idle --name idle --role server-admin --password-file "$WORK/idle.password" >/dev/null
mkdir -p "$WORK/idle.pad"
quartermaster pad create "$WORK/idle.pad" --account "$account" --interval 200ms >/dev/null
# Ticks further apart than the measurement: what is counted is between them.
printf '[reporting]\ninterval = 1h\n' >"$WORK/idle.conf"
run() { quartermaster-agent "$1" --config "$WORK/idle.conf" --state-directory "$WORK/idle.agent" "${@:2}"; }
run register --pad "$WORK/idle.pad" --account "$account" --domain idle --user idle \
    --password-file "$WORK/idle.password" --controller-key "$key" >/dev/null 2>&1
quartermaster-agent run --config "$WORK/idle.conf" --state-directory "$WORK/idle.agent" >/dev/null 2>&1 &
daemon=$!
pids+=("$daemon")
# The registration and the daemon's first report are answered.
answered() { run status --format json | jq '.registrations[0] | .counters.answered >= 2 and (.unanswered | length) == 0'; }
for _ in $(seq 200); do [ "$(answered)" = true ] && break; sleep 0.1; done
kill "$server"
wait "$server" 2>/dev/null || true

prometheus-node-exporter --web.listen-address=127.0.0.1:19463 >/dev/null 2>&1 &
exporter=$!
pids+=("$exporter")
for _ in $(seq 100); do curl -fs http://127.0.0.1:19463/metrics >/dev/null && break; sleep 0.1; done
sleep 5

rss() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
private() { awk '/^Private/ { sum += $2 } END { print sum }' "/proc/$1/smaps_rollup"; }
wakeups() { cat /proc/"$1"/task/*/status | awk '/^voluntary_ctxt_switches/ { sum += $2 } END { print sum }'; }
ours=$(wakeups "$daemon")
peer=$(wakeups "$exporter")
sleep "$seconds"
ours=$(($(wakeups "$daemon") - ours))
peer=$(($(wakeups "$exporter") - peer))
row() { awk -v what="$1" -v ours="$2" -v peer="$3" -v to="$4" 'BEGIN { printf "%s | %.1f MB | %.1f MB | %.2f | %s\n", what, ours / 1024, peer / 1024, ours / peer, to }'; }
row "agent idle: RSS beside node exporter" "$(rss "$daemon")" "$(rss "$exporter")" "<= 0.8"
row "agent idle: private memory beside node exporter" "$(private "$daemon")" "$(private "$exporter")" "<= 0.4"
printf 'agent idle: wake-ups in %s s between ticks | %s | %s | %s | 0\n' "$seconds" "$ours" "$peer" \
    "$(awk -v a="$ours" -v b="$peer" 'BEGIN { if (b > 0) printf "%.2f", a / b; else print "-" }')"
