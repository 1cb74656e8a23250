#!/usr/bin/env bash
# A page of `host list` and of `association list`, p99, with 100,000 hosts beside 1,000.   MANY (100000)
set -euo pipefail
export PATH="$BIN:/usr/sbin:/sbin:$PATH"
many=${MANY:-100000}
server=
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true' EXIT

measure() { # hosts: prints p99 of both lists
    local data=$WORK/pages-$1 socket=$WORK/pages-$1.sock
    quartermaster init --data-directory "$data" --format json >/dev/null
    # One account with that many hosts, each with one initiator and one association; written past the controller, which is not running.
    sqlite3 "$data/controller.db" >/dev/null <<SQL
PRAGMA foreign_keys = ON;
BEGIN;
INSERT INTO accounts (id, name, state, created_at) VALUES ('account-bench', 'bench', 'open', 1);
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1)
INSERT INTO hosts (id, account_id, domain_id, registered_by, machine_id, host_name, level, agent_version, state, initiators, registered_at, last_report_at)
SELECT printf('host-%08d', i), 'account-bench', NULL, 'certificate', printf('%032x', i), printf('host%d.example', i), 3, 'bench', 'registered',
       printf('[{"transport":"iscsi","iqn":"iqn.2026-11.example:%d"}]', i), 1, 1 FROM n;
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1)
INSERT INTO associations (initiator, host_id, account_id, system_id, volume_id, volume_name, wwid, lun, size_bytes, state, evidence, since)
SELECT printf('iqn.2026-11.example:%d', i), printf('host-%08d', i), 'account-bench', 'system-bench', printf('volume-%d', i), 'bench',
       printf('naa.6001405%025x', i), 1, 1073741824, 'confirmed', '[{"kind":"claim","at":"2026-11-21T07:30:00Z","source":"message-1"},{"kind":"masking","at":"2026-11-21T07:30:00Z","source":"system-bench"}]', 1 FROM n;
COMMIT;
ANALYZE;
SQL
    quartermaster server --data-directory "$data" --socket "$socket" 2>"$WORK/pages-$1.log" &
    server=$!
    for _ in $(seq 200); do grep -q ready "$WORK/pages-$1.log" && break; sleep 0.05; done
    hosts=$(python3 "$TOP/Tests/Benchmarks/peers/pages.py" "$socket" /v1/hosts hosts 800)
    associations=$(python3 "$TOP/Tests/Benchmarks/peers/pages.py" "$socket" /v1/associations associations 800)
    kill "$server" && wait "$server"
    server=
}
measure 1000
few_hosts=$hosts few_associations=$associations
measure "$many"
row() { awk -v what="$1" -v ours="$2" -v peer="$3" 'BEGIN { printf "%s | %.2f ms | %.2f ms | %.2f | <= 2\n", what, ours, peer, ours / peer }'; }
row "host list page of 100, p99, $many hosts / 1000" "$hosts" "$few_hosts"
row "association list page of 100, p99, $many hosts / 1000" "$associations" "$few_associations"
