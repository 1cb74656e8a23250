#!/usr/bin/env bash
# The inventory of a guest of the lab with DISKS disks of scsi_debug (1000 and 4000), beside lsblk -J -O and beside a C loop that opens and reads the
# files that the agent opened, in the same guest: wall time, processor time, memory. And what a look of the daemon with nothing changed costs: what
# it reads, what it writes, its processor time.
#
# Needs root, and the lab's image, which takes some minutes to build for the first time. ROUNDS=N runs each command so often (5). DISKS="100" is a quick try.
# LSBLK=0 leaves lsblk out, which takes minutes for each run with thousands of disks where the processor is emulated; LOOK=0 the daemon.
set -uo pipefail
[ "$(id -u)" -eq 0 ] || {
    echo "only root can run the lab" >&2
    exit 77
}
export LAB=$TOP/Tests/Lab LIMIT=${LIMIT:-1500} MUST_LIMIT=900
rounds=${ROUNDS:-5}
# shellcheck source=../Lab/lab.sh
source "$LAB/lab.sh"
"$LAB/build-image" || exit 69
mkdir -p "$WORK/share"
for program in quartermaster-agent quartermaster; do strip -o "$WORK/share/$program" "$BIN/$program"; done
gcc -O2 -Wall -static -o "$WORK/share/peer" "$TOP/Tests/Benchmarks/peers/inventory.c" || exit
cp "$LAB/hosts.sh" "$LAB/daemon.sh" "$WORK/share/"
in_guest=". /lab/share/hosts.sh; . /lab/share/daemon.sh; "

set_up='
    cp /lab/share/quartermaster-agent /lab/share/quartermaster /lab/share/peer /usr/local/bin/
    cd /tmp || exit
    debug_disks $disks || exit
    # The files that the agent opens, and the directories that it lists.
    strace -f --seccomp-bpf -y -e trace=openat,openat2 -o trace quartermaster-agent inventory --format json >inventory.json || exit
    grep -E " = [0-9]+<" trace | grep -v O_PATH | sed -n "s/.* = [0-9]*<\([^>]*\)>.*/\1/p" | grep -E "^/(sys|proc|run|etc|usr/lib/os-release|var)" >opened
    while read -r path; do if [ -d "$path" ]; then echo "$path/"; else echo "$path"; fi; done <opened >files'

# A registered daemon that looks every second, and a controller that is stopped once all is answered.
register='
    controller "" 1s && steady_configuration | agent || exit
    answered || exit
    # What has no answer yet would be put onto the pad again and again.
    later 3
    until [ "$(metric unanswered_messages)" = 0 ]; do sleep 0.2; agent_runs || exit; done
    kill $(cat $place/controller.pid) && wait $(cat $place/controller.pid)'

# Rounds, processor time in hundredths of a second, bytes and system calls that read and write, messages: before, and some rounds later. Then, without the
# metrics file, what two rounds changed of files (an open that makes one or empties it, but for the lock that is there already; a new name, a removal, a
# sync), and how often they wrote to one.
look='
    cd /tmp; p=$(cat $place/agent.pid)
    cost() {
        local fields counts
        fields=$(sed "s/.*) //" /proc/$p/stat)
        read -r -a fields <<<"$fields"
        counts=$(cut -d " " -f 2 /proc/$p/io | head -n 4 | tr "\n" " ")
        echo "$(metric rounds_total) $((fields[11] + fields[12])) $counts $(metric published_total)"
    }
    later 3; cost; later 10; cost
    sed -i "/metrics/d; /textfile/d" $place/agent.conf
    kill -HUP $p && sleep 5
    strace -f -q -y -e trace=openat,openat2,write,pwrite64,writev,rename,renameat,renameat2,fsync,fdatasync,syncfs,unlink,unlinkat,mkdirat -o trace.look -p $p &
    tracer=$!
    until [ "$(grep -c "sys/dev/block\"" trace.look)" -ge 3 ]; do sleep 0.2; done
    kill $tracer; wait $tracer 2>/dev/null
    # From the first listing of the devices to the third: two looks.
    awk "/sys\/dev\/block\"/ { n++ } n == 1 || n == 2" trace.look >trace.rounds
    grep -E "O_(TRUNC|EXCL|CREAT|TMPFILE)|rename|sync|unlink|mkdir" trace.rounds | grep -v "/lock\"" >changes
    grep -E "write(64|v)?\(" trace.rounds | grep -v "<anon_inode:" >>changes
    wc -l <changes
    head changes >&2
    kill $p'

row() { # WHAT OURS PEER UNIT DIVISOR TO-REACH
    awk -v what="$1" -v ours="$2" -v peer="$3" -v unit="$4" -v divisor="$5" -v reach="$6" 'BEGIN {
        printf "%s | %.1f %s | %.1f %s | %.2f | %s\n", what, ours / divisor, unit, peer / divisor, unit, ours / peer, reach }'
}

for disks in ${DISKS:-1000 4000}; do
    guest "disks$disks" --memory $((1024 + disks / 2))
    guests_ready
    began=$(now)
    must "disks$disks" "${in_guest}disks=$disks; $set_up"
    echo "$disks disks: set up in $(since "$began")" >&2
    must "disks$disks" "cd /tmp
        wc -l <files; grep -o '\"name\":\"sd' inventory.json | wc -l
        peer measure $rounds quartermaster-agent inventory --format json -- peer replay files $([ "${LSBLK:-1}" = 0 ] || echo -- lsblk -J -O)"
    {
        read -r files
        read -r found
        read -r wall processor memory
        read -r loop_wall loop_processor _
        read -r lsblk_wall lsblk_processor lsblk_memory
    } <"$WORK/out"
    echo "$disks disks: $found in the inventory, $files files and directories opened" >&2
    [ "$found" -eq "$disks" ] || exit 1
    echo "$disks disks: ${processor} µs of processor time, $memory KiB" >&2
    if [ -n "$lsblk_wall" ]; then
        row "guest, $disks disks: inventory / lsblk -J -O" "$wall" "$lsblk_wall" ms 1000 "<= 0.5"
        row "guest, $disks disks: processor time / lsblk's" "$processor" "$lsblk_processor" ms 1000 -
        row "guest, $disks disks: memory / lsblk's" "$memory" "$lsblk_memory" MB 1024 -
    fi
    row "guest, $disks disks: inventory / a C loop over the same files" "$wall" "$loop_wall" ms 1000 "<= 1.5"
    row "guest, $disks disks: processor time / the C loop's" "$processor" "$loop_processor" ms 1000 -
    if [ -n "${small:-}" ]; then row "guest: $disks disks / so many times 1,000 disks" "$wall" "$((small * disks / 1000))" ms 1000 "<= 1.1"; fi
    [ "$disks" != 1000 ] || small=$wall

    if [ "${LOOK:-1}" = 0 ]; then
        guest_ends "disks$disks"
        continue
    fi
    must "disks$disks" "$in_guest$register"
    must "disks$disks" "$in_guest$look"
    {
        read -r rounds_a time_a read_a written_a reads_a _ published_a
        read -r rounds_b time_b read_b written_b reads_b _ published_b
        read -r changed
    } <"$WORK/out"
    cat "$WORK/err" >&2
    looks=$((rounds_b - rounds_a))
    awk -v n="$looks" -v disks="$disks" -v t=$((time_b - time_a)) -v r=$((read_b - read_a)) -v c=$((reads_b - reads_a)) -v w=$((written_b - written_a)) -v m=$((published_b - published_a)) 'BEGIN {
        printf "%d disks: a look of the daemon with nothing changed, the mean of %d: %.0f ms of processor time, %.0f reads, %.0f KiB read; %d messages, %.0f bytes written (the metrics file)\n",
            disks, n, t * 10 / n, c / n, r / n / 1024, m, w / n }' >&2
    row "guest, $disks disks: a look with nothing changed, processor time / inventory's" "$((time_b - time_a))" "$((looks * processor / 10000))" ms "$(awk -v n="$looks" 'BEGIN { print n / 10 }')" -
    echo "guest, $disks disks: changes of files and writes in two looks with nothing changed | $changed | - | - | 0"
    guest_ends "disks$disks"
done
