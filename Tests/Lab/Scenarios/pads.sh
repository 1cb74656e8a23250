# shellcheck shell=bash
# Pads on shared storage: OCFS2 on a disk that two hosts share, and NFS, from either side. The guest `provider` runs the controller, the guest
# `customer` the agents; nothing but the storage lies between the programs. Each pad is of an account of its own, each agent of a state directory
# of its own. PADS="ocfs2 hard" takes only some of them, STEPS="full foreign" only some of what is done.
#
#   ocfs2     one disk, mounted by both
#   squash    exported by provider with root_squash, mounted soft by customer
#   hard      exported by provider with no_root_squash, mounted hard by customer
#   remote    exported by customer: the controller works over NFS, the agent on the file system under the export
# shellcheck source-path=SCRIPTDIR/..
source "$LAB/lab.sh"

truncate -s 300M "$WORK/shared.img"
guest provider --processors 1 --wire "$WORK:1" --disk "$WORK/shared.img,shared,serial=shared" --disk ":48M,serial=first" --disk ":48M,serial=second"
guest customer --processors 1 --wire "$WORK:2" --disk "$WORK/shared.img,shared,serial=shared" --disk ":48M,serial=first"
guests_ready
echo "    guests are up after $SECONDS s" >&2

export ON_LIMIT=60
read -r -a pads <<<"${PADS:-ocfs2 squash hard remote}"
# A pad that does not hang while the one named does.
neighbour() { if has ocfs2; then echo ocfs2; else echo "$1"; fi; }
has() { [[ " ${pads[*]} " == *" $1 "* ]]; }
socket="export QUARTERMASTER_SOCKET=/run/controller.sock"
provider_address=10.77.0.1
customer_address=10.77.0.2

# --- Storage ----------------------------------------------------------------------------------------------------------------------------
common='
    cp /lab/share/bin/* /usr/local/bin/
    disk() { readlink -f "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_$1"; }
    modprobe -a ocfs2 ocfs2_stack_o2cb ocfs2_dlmfs nfs nfsv4 nfsd
    mkdir -p /mnt/{ocfs2,squash,hard,remote} /srv/{squash,hard,remote} /etc/ocfs2 /etc/quartermaster
    printf "[registration]\ntimeout = 40s\n[reporting]\ninterval = 2s\n" >/etc/quartermaster/agent.conf
    cat >/etc/ocfs2/cluster.conf <<CLUSTER
cluster:
	node_count = 2
	name = lab
node:
	ip_port = 7777
	ip_address = 10.77.0.1
	number = 0
	name = provider
	cluster = lab
node:
	ip_port = 7777
	ip_address = 10.77.0.2
	number = 1
	name = customer
	cluster = lab
CLUSTER
    o2cb register-cluster lab || exit
    mkdir -p /var/lib/nfs/v4recovery /run/rpc_pipefs && mount -t nfsd nfsd /proc/fs/nfsd || exit
    echo 10 >/proc/fs/nfsd/nfsv4leasetime && echo 10 >/proc/fs/nfsd/nfsv4gracetime
    : >/etc/exports
    export_disk() {
        mkfs.ext4 -q -F -m 0 "$(disk "$1")" && mount "$(disk "$1")" "$2" && echo "$2 $3" >>/etc/exports
    }
'
serve_nfs='rpcbind; exportfs -ra && rpc.mountd -N 2 -N 3 && rpc.nfsd -N 3 4'
must provider "$common
    export_disk first /srv/squash '$customer_address(rw,sync,no_subtree_check,root_squash)' || exit
    export_disk second /srv/hard '$customer_address(rw,sync,no_subtree_check,no_root_squash)' || exit
    $serve_nfs"
must customer "$common
    export_disk first /srv/remote '$provider_address(rw,sync,no_subtree_check,no_root_squash)' || exit
    $serve_nfs"

shared=/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_shared
declare -A mount_there=(
    [ocfs2]="mount -t ocfs2 $shared /mnt/ocfs2"
    [squash]="mount -t nfs4 -o soft,timeo=30,retrans=1 $provider_address:/srv/squash /mnt/squash"
    [hard]="mount -t nfs4 -o hard $provider_address:/srv/hard /mnt/hard"
    [remote]="mount -t nfs4 -o hard $customer_address:/srv/remote /mnt/remote"
)
if has ocfs2; then
    must provider "mkfs.ocfs2 -q -F -N 2 -L pads -J size=8M --cluster-stack=o2cb --cluster-name=lab $shared && ${mount_there[ocfs2]}"
    must customer "${mount_there[ocfs2]}"
fi
must customer "${mount_there[squash]} && ${mount_there[hard]}"
must provider "${mount_there[remote]}"
echo "    storage is up after $SECONDS s" >&2

# Where each side has the file system; the pad is the directory `pad` in it.
declare -A at_provider=([ocfs2]=/mnt/ocfs2 [squash]=/srv/squash [hard]=/srv/hard [remote]=/mnt/remote)
declare -A at_customer=([ocfs2]=/mnt/ocfs2 [squash]=/mnt/squash [hard]=/mnt/hard [remote]=/srv/remote)

# --- The controller and what every pad needs -----------------------------------------------------------------------------------------------
start_controller='
    setsid quartermaster server --data-directory /var/lib/controller --socket /run/controller.sock >/dev/null 2>>/var/log/controller.log </dev/null &
    echo $! >/run/controller.pid
    for _ in $(seq 300); do quartermaster account list >/dev/null 2>&1 && exit 0; sleep 0.2; done
    cat /var/log/controller.log >&2
    exit 1'
must provider "quartermaster init --data-directory /var/lib/controller --format json"
key=$(jq -r .fingerprint "$WORK/out")
must provider "$socket; $start_controller"
must customer 'umask 077; echo correct-horse-battery >/root/password; echo wrong-horse-battery >/root/wrong'
must provider 'umask 077; echo correct-horse-battery >/root/password'

declare -A account host pad
agent() { echo "quartermaster-agent $1 --state-directory /var/lib/agents/$2"; }
start_agent() {
    echo "mkdir -p /var/lib/agents; setsid $(agent run "$1") >/dev/null 2>>/var/log/$1.log </dev/null & echo \$! >/run/$1.pid"
}
is_json() { jq -e "$1" "$WORK/out" >/dev/null; }

# --- What is done on every pad -------------------------------------------------------------------------------------------------------------
set_up() {
    local p=$1
    must provider "$socket; quartermaster account create --name 'Customer of $p' --format json"
    account[$p]=$(jq -r .accountID "$WORK/out")
    must provider "$socket; quartermaster domain create --account ${account[$p]} --name web &&
        quartermaster user create --account ${account[$p]} --domain web --name alice --role server-admin --password-file /root/password"
    check "$p" "pad create" 0 provider "$socket; quartermaster pad create ${at_provider[$p]}/pad --account ${account[$p]} --interval 500ms --format json"
    pad[$p]=$(jq -r .padID "$WORK/out")
    check "$p" "pad check" 0 provider "$socket; quartermaster pad check ${pad[$p]}"
    # A client of NFS remembers for thirty seconds and more that a name was not there: answers must be seen before.
    local register="--timeout 25s --pad ${at_customer[$p]}/pad --account ${account[$p]} --domain web --user alice --controller-key $key --format json"
    check "$p" "register with a wrong password" 77 customer "$(agent register "$p-wrong") $register --password-file /root/wrong" bad-credentials
    check "$p" "register" 0 customer "$(agent register "$p") $register --password-file /root/password" accepted
    host[$p]=$(jq -r .hostID "$WORK/out")
    check "$p" "report --wait" 0 customer "$(agent report "$p") --wait"
    must customer "$(start_agent "$p")"
    check "$p" "an instruction, carried out by the daemon" 0 provider "$socket; quartermaster instruction send ${host[$p]} rescan --wait" "done"
}

kills() {
    local p=$1
    must customer "kill -9 \$(cat /run/$p.pid) && $(start_agent "$p")"
    check "$p" "agent killed (-9) and started: an instruction" 0 provider \
        "$socket; quartermaster instruction send ${host[$p]} set-interval --interval 2s --wait" "done"
    must provider 'kill -9 $(cat /run/controller.pid)'
    check "$p" "controller killed (-9): report --wait has no answer" 75 customer "$(agent report "$p") --wait --timeout 3s"
    must provider "$socket; $start_controller"
    check "$p" "controller started: the same is answered" 0 customer "$(agent report "$p") --wait"
    check "$p" "each message once: audit verify" 0 provider "$socket; quartermaster audit verify"
}

foreign() {
    local p=$1 in=${at_customer[$1]}/pad/in stranger='setpriv --reuid 4242 --regid 4242 --clear-groups'
    check "$p" "another user plants a file, a FIFO, a link, a folder, 20 MiB" 0 customer "cd $in && $stranger bash -c '
        echo junk >0000000000000000.0000000000000000.0000000000000000.p7m && mkfifo fifo && ln -s /etc/shadow link && mkdir -p folder/below &&
        truncate -s 20M huge'"
    settle "$p" "what was planted is in quarantine" provider \
        "cd ${at_provider[$p]}/pad/in && ! ls | grep -qE '^(0000000000000000|fifo|link|folder|huge)' && [ \$(ls ../bad | wc -l) -ge 3 ]"
    check "$p" "another user may not write header, replies, quarantine" 0 customer "cd ${at_customer[$p]}/pad && $stranger bash -c '
        ! touch pad.p7s && ! touch out/x && ! rmdir out && ! rm pad.p7s && ! ls bad && ! touch bad/x' 2>/dev/null"
    must provider "kill -STOP \$(cat /run/controller.pid)"
    must customer "kill -9 \$(cat /run/$p.pid)"
    check "$p" "report, with the controller stopped" 0 customer "$(agent report "$p")"
    check "$p" "another user may not remove or rename what waits there" 0 customer "cd $in && ls -ln && [ -n \"\$(ls)\" ] && $stranger bash -c '
        for name in *; do ! rm -f \$name && ! mv \$name x || exit 1; done'"
    must provider "kill -CONT \$(cat /run/controller.pid)"
    must customer "$(start_agent "$p")"
    check "$p" "report --wait, after that" 0 customer "$(agent report "$p") --wait"
    check "$p" "pad check, after that" 0 provider "$socket; quartermaster pad check ${pad[$p]}"
    check "$p" "pad purge" 0 provider "$socket; quartermaster pad purge ${pad[$p]} --yes"
}

full() {
    local p=$1
    # On OCFS2 each host has free space of its own set aside, and what was removed becomes free some seconds later.
    local side
    for side in provider customer provider customer; do
        local place=at_${side}[$p]
        must $side "cd ${!place} && for size in 1M 64k 4k; do dd if=/dev/zero of=filler.$side.$RANDOM.\$size bs=\$size; sync -f .; done 2>/dev/null; true"
    done
    check "$p" "file system full: report says so" 73 customer "$(agent report "$p")" "No space left on device"
    check "$p" "file system full: status says so" 0 customer "$(agent status "$p")" "No space left on device"
    check "$p" "file system full: pad check says so" 1 provider "$socket; quartermaster pad check ${pad[$p]}" "No space left on device"
    must provider "rm -f ${at_provider[$p]}/filler.*; sync -f ${at_provider[$p]}"
    check "$p" "room again: report --wait" 0 customer "$(agent report "$p") --wait"
    check "$p" "room again: an instruction, by the daemon" 0 provider "$socket; quartermaster instruction send ${host[$p]} rescan --wait" "done"
    check "$p" "room again: pad check" 0 provider "$socket; quartermaster pad check ${pad[$p]}"
}

unmounted_at_customer() {
    local p=$1
    settle "$p" "customer takes the mount away (the daemon runs on)" customer "umount /mnt/$p"
    check "$p" "mount away: report" 69 customer "$(agent report "$p")" "mounted"
    settle "$p" "mount away: status says so" customer "$(agent status "$p"); $(agent status "$p") | grep -q 'mounted'" 10
    must customer "${mount_there[$p]}"
    check "$p" "mount back: report --wait" 0 customer "$(agent report "$p") --wait"
    check "$p" "mount back: an instruction, by the daemon" 0 provider "$socket; quartermaster instruction send ${host[$p]} rescan --wait" "done"
}

unmounted_at_provider() {
    local p=$1
    settle "$p" "provider takes the mount away (the controller runs on)" provider "umount /mnt/$p"
    check "$p" "mount away: pad check says so" 1 provider "$socket; quartermaster pad check ${pad[$p]}" "mount"
    check "$p" "mount away: nothing is made in the mount point" 0 provider "[ -z \"\$(ls -A /mnt/$p)\" ]"
    check "$p" "mount away: report --wait has no answer" 75 customer "$(agent report "$p") --wait --timeout 3s"
    must provider "${mount_there[$p]}"
    check "$p" "mount back: report --wait" 0 customer "$(agent report "$p") --wait"
    check "$p" "mount back: pad check" 0 provider "$socket; quartermaster pad check ${pad[$p]}"
}

# The NFS server of `provider` stops: agents on its pads wait, and nothing else does.
server_stopped_at_provider() {
    local other
    other=$(neighbour remote)
    must provider 'rpc.nfsd 0'
    check hard "NFS server stopped: report gives up" 75 customer "$(agent report hard)" "does not answer|hangs"
    check squash "NFS server stopped (soft): report gives up" 69,75 customer "$(agent report squash)"
    check hard "NFS server stopped: status answers" 0 customer "$(agent status hard)"
    check "$other" "NFS server stopped: report --wait on another pad" 0 customer "$(agent report "$other") --wait"
    check hard "NFS server stopped: SIGTERM ends the daemon" 0 customer \
        "kill -TERM \$(cat /run/hard.pid); for _ in \$(seq 100); do kill -0 \$(cat /run/hard.pid) 2>/dev/null || exit 0; sleep 0.1; done; exit 1"
    must provider 'rpc.nfsd -N 3 4'
    must customer "$(start_agent hard)"
    settle hard "NFS server back: report --wait" customer "$(agent report hard) --wait --timeout 20s" 45
    settle squash "NFS server back (soft): report --wait" customer "$(agent report squash) --wait --timeout 20s" 45
    check squash "NFS server back: an instruction, by the daemon" 0 provider "$socket; quartermaster instruction send ${host[squash]} rescan --wait" "done"
}

# The NFS server of `customer` stops: the controller's call on that pad hangs, and nothing else does.
server_stopped_at_customer() {
    local other
    other=$(neighbour squash)
    must customer 'rpc.nfsd 0'
    check remote "NFS server stopped: pad check gives up" 75 provider "$socket; quartermaster pad check ${pad[remote]}" "did not answer"
    check "$other" "NFS server stopped: report --wait on another pad" 0 customer "$(agent report "$other") --wait"
    check remote "NFS server stopped: report --wait has no answer" 75 customer "$(agent report remote) --wait --timeout 3s"
    check remote "NFS server stopped: SIGTERM ends the controller" 0 provider \
        "kill -TERM \$(cat /run/controller.pid); for _ in \$(seq 110); do kill -0 \$(cat /run/controller.pid) 2>/dev/null || exit 0; sleep 0.1; done; exit 1"
    must provider "$socket; $start_controller"
    check "$other" "controller started with that pad hanging: report --wait" 0 customer "$(agent report "$other") --wait"
    must customer 'rpc.nfsd -N 3 4'
    settle remote "NFS server back: report --wait" customer "$(agent report remote) --wait --timeout 20s" 45
    settle remote "NFS server back: pad check" provider "$socket; quartermaster pad check ${pad[remote]}" 30
}

# The controller's own machine is root-squashed: it is `nobody` on the pad.
controller_squashed() {
    local p=$1
    must customer "mkdir -m 755 -p /srv/squashed && exportfs -o rw,sync,no_subtree_check,root_squash $provider_address:/srv/squashed"
    must provider "mkdir -p /mnt/squashed && mount -t nfs4 -o hard $customer_address:/srv/squashed /mnt/squashed"
    check "$p" "root-squashed controller, directory of root's: pad create refuses" 73,77 provider \
        "$socket; quartermaster pad create /mnt/squashed/pad --account ${account[$p]}" "Permission denied"
    must customer "chown 65534:65534 /srv/squashed"
    check "$p" "root-squashed controller, directory of nobody's: pad create" 0 provider \
        "$socket; quartermaster pad create /mnt/squashed/pad --account ${account[$p]} --format json"
    local other
    other=$(jq -r .padID "$WORK/out")
    check "$p" "root-squashed controller, directory of nobody's: pad check" 0 provider "$socket; quartermaster pad check $other"
    check "$p" "root-squashed controller, directory of nobody's: pad remove" 0 provider "$socket; quartermaster pad remove $other --yes"
}

# The customer's host loses its power right after it published a message, and the cluster has to find out.
power_cut() {
    local p=$1 again=${at_provider[$1]}/again
    must provider "$socket; quartermaster pad create $again --account ${account[$p]} --interval 500ms --format json"
    pad[$p]=$(jq -r .padID "$WORK/out")
    check "$p" "register again, on another pad" 0 customer "$(agent register again) --pad $again --account ${account[$p]} --domain web \
        --user alice --controller-key $key --format json --password-file /root/password" accepted
    must provider 'kill -STOP $(cat /run/controller.pid)'
    check "$p" "report, with the controller stopped" 0 customer "$(agent report again)"
    must provider "[ -n \"\$(ls $again/in)\" ]"
    power_off customer
    must provider 'kill -CONT $(cat /run/controller.pid)'
    settle "$p" "the host's power is cut: what it had published is taken" provider "cd $again/in && [ -z \"\$(ls)\" ]" 200
    settle "$p" "the host's power is cut: pad check" provider "$socket; quartermaster pad check ${pad[$p]}" 60
    check "$p" "the host's power is cut: pad remove" 0 provider "$socket; quartermaster pad remove ${pad[$p]} --yes"
}

leave() {
    local p=$1
    check "$p" "SIGTERM ends the daemon" 0 customer \
        "kill -TERM \$(cat /run/$p.pid); for _ in \$(seq 100); do kill -0 \$(cat /run/$p.pid) 2>/dev/null || exit 0; sleep 0.1; done; exit 1"
    check "$p" "unregister" 0 customer "$(agent unregister "$p")"
    check "$p" "the host is unregistered" 0 provider "$socket; quartermaster host show ${host[$p]} --format json | grep -q '\"state\" *: *\"unregistered\"'"
    check "$p" "pad remove" 0 provider "$socket; quartermaster pad remove ${pad[$p]} --yes"
    check "$p" "nothing of the pad is left" 0 provider "cd ${at_provider[$p]} && [ -z \"\$(ls -A pad 2>/dev/null)\" ] || { ls -lA pad; exit 1; }"
}

each() { # STEP PAD…: the step, for those pads that are wanted
    local step=$1 p
    shift
    [[ $step == set_up || " ${STEPS:-$step} " == *" $step "* ]] || return
    for p in "$@"; do if has "$p"; then "$step" "$p"; fi; done
}
each set_up ocfs2 squash hard remote
each kills ocfs2 squash remote
each foreign ocfs2 squash hard remote
each full ocfs2 squash hard remote
each unmounted_at_customer ocfs2 squash hard
each unmounted_at_provider ocfs2 remote
if has squash; then each server_stopped_at_provider hard; fi
each server_stopped_at_customer remote
each controller_squashed remote
each leave ocfs2 squash hard remote
on customer 'tail -n 100 /var/log/*.log' >"$WORK/agents.log" 2>&1
each power_cut ocfs2
on provider 'cat /var/log/controller.log' >"$WORK/controller.log" 2>&1
finish_scenario
