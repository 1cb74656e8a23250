#!/usr/bin/env bash
# The inventory of a guest of the lab with DISKS disks of scsi_debug (1000 and 4000), beside lsblk -J -O and beside a C loop that opens and reads the
# files that the agent opened, in the same guest: wall time, processor time, memory. And what a report with nothing changed reads and writes.
#
# Needs root, and the lab's image, which takes some minutes to build for the first time. ROUNDS=N runs each command so often (5).
set -uo pipefail
[ "$(id -u)" -eq 0 ] || {
    echo "only root can run the lab" >&2
    exit 77
}
export LAB=$TOP/Tests/Lab LIMIT=${LIMIT:-1500}
rounds=${ROUNDS:-5}
# shellcheck source=../Lab/lab.sh
source "$LAB/lab.sh"
"$LAB/build-image" || exit 69
mkdir -p "$WORK/share"
strip -o "$WORK/share/quartermaster-agent" "$BIN/quartermaster-agent"
gcc -O2 -Wall -static -o "$WORK/share/peer" "$TOP/Tests/Benchmarks/peers/inventory.c" || exit

set_up='
    cp /lab/share/quartermaster-agent /lab/share/peer /usr/local/bin/
    cd /tmp || exit
    # What udev records of such a disk, once: doing it for thousands takes an emulated processor many minutes, and is not what is measured.
    modprobe scsi_debug dev_size_mb=8 delay=0 && udevadm settle
    template=$(cat /run/udev/data/b8:0) && serial=$(echo "$template" | sed -n "s/^E:ID_SCSI_SERIAL=//p")
    rmmod scsi_debug && udevadm settle && udevadm control --stop-exec-queue || exit
    modprobe scsi_debug dev_size_mb=8 delay=0 fake_rw=1 max_luns=$disks || exit
    until [ $(ls -d /sys/block/sd* | wc -l) = $disks ]; do sleep 0.5; done
    number=0
    for device in /sys/block/sd*; do
        number=$((number + 1))
        read -r name <$device/dev
        printf "%s\n" "${template//$serial/$((100000 + number))}" >/run/udev/data/b$name
    done
    # The files that the agent opens, and the directories that it lists.
    strace -f -y -e trace=openat,openat2 -o trace quartermaster-agent inventory --format json >inventory.json || exit
    grep -E " = [0-9]+<" trace | grep -v O_PATH | sed -n "s/.*\(O_DIRECTORY\|\).* = [0-9]*<\([^>]*\)>.*/\2/p" | grep -E "^/(sys|proc|run|etc|usr/lib/os-release|var)" >opened
    while read -r path; do if [ -d "$path" ]; then echo "$path/"; else echo "$path"; fi; done <opened >files'
row() { # WHAT OURS PEER UNIT DIVISOR TO-REACH
    awk -v what="$1" -v ours="$2" -v peer="$3" -v unit="$4" -v divisor="$5" -v reach="$6" 'BEGIN {
        printf "%s | %.1f %s | %.1f %s | %.2f | %s\n", what, ours / divisor, unit, peer / divisor, unit, ours / peer, reach }'
}

for disks in ${DISKS:-1000 4000}; do
    guest "disks$disks" --memory $((1024 + disks / 2))
    guests_ready
    ON_LIMIT=900 must "disks$disks" "disks=$disks; $set_up"
    ON_LIMIT=900 must "disks$disks" "cd /tmp
        wc -l <files; grep -o '\"name\":\"sd' inventory.json | wc -l
        peer measure $rounds quartermaster-agent inventory --format json; peer measure $rounds lsblk -J -O; peer measure $rounds peer replay files"
    {
        read -r files
        read -r found
        read -r wall processor memory
        read -r lsblk_wall lsblk_processor lsblk_memory
        read -r loop_wall loop_processor loop_memory
    } <"$WORK/out"
    echo "$disks disks: $found in the inventory, $files files and directories opened" >&2
    [ "$found" -eq "$disks" ] || exit 1
    row "guest, $disks disks: inventory / lsblk -J -O" "$wall" "$lsblk_wall" ms 1000 "<= 0.5"
    row "guest, $disks disks: processor time / lsblk's" "$processor" "$lsblk_processor" ms 1000 "<= 0.5"
    row "guest, $disks disks: memory / lsblk's" "$memory" "$lsblk_memory" MB 1024 "<= 1.0"
    row "guest, $disks disks: inventory / a C loop over the same files" "$wall" "$loop_wall" ms 1000 "<= 1.5"
    row "guest, $disks disks: processor time / the C loop's" "$processor" "$loop_processor" ms 1000 "<= 1.5"
    if [ -n "${small:-}" ]; then row "guest: $disks disks / so many times 1,000 disks" "$wall" "$((small * disks / 1000))" ms 1000 "<= 1.1"; fi
    [ "$disks" != 1000 ] || small=$wall
    guest_ends "disks$disks"
done
