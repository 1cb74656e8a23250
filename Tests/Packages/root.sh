# What the trials in a clean root share; sourced, with `root` set.

fail() {
    echo "FAILED: $*" >&2
    exit 1
}
prepare_root() {
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount --rbind --make-rslave /sys "$root/sys"
    mount -t tmpfs -o mode=755 tmpfs "$root/run"
    mount -t tmpfs tmpfs "$root/tmp"
    mknod -m 666 "$root/dev/null" c 1 3 2>/dev/null || :
}
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

# Every file of the root with type, mode, owner and where it points, but what package managers keep for themselves and logs.
listing() {
    inside find / -xdev \( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /var/lib/dpkg -o -path /var/lib/rpm -o -path /var/log \
        -o -path /var/cache \) -prune -o ! -path '/etc/*-' ! -path /etc/.pwd.lock -printf '%y %m %u:%g %p %l\n' | LC_ALL=C sort
}
# What a program of its own user leaves for years.
plant_state() {
    for directory in $state; do
        inside [ -d "$directory" ] || fail "$directory was not made by the installation"
        inside sh -c "echo kept >$directory/planted; chmod 600 $directory/planted; chown --reference=$directory $directory/planted"
    done
    inside sh -c "echo '# edited' >>$configuration"
    for file in $state_files; do
        # As the example for cloud-init writes it.
        sed -n '/^ *\[registration\]/,/^$/ s/^ *//p' agent-packaging/examples/cloud-init.yml >"$root$file"
        secret=$(sed -n 's/^token-file *= *//p' "$root$file")
        (umask 077 && echo planted >"$root$secret")
    done
}
# What a daemon that was killed left, and what somebody else wrote.
plant_metrics() {
    inside sh -c "mkdir /srv/metrics; echo 'quartermaster_agent_up 1' >'/srv/metrics/the agent.prom'; echo 'other 1' >/srv/metrics/other.prom
        printf '%s\\n' '[metrics]' 'textfile = /srv/metrics/the agent.prom' ' textfile=/srv/metrics/other.prom ' 'textfile = /srv/metrics/none.prom' >>$configuration"
}
metrics_are_gone() {
    [ "$(inside ls /srv/metrics)" = other.prom ] || fail "$1 left metrics, or took another's: $(inside ls /srv/metrics)"
    inside rm -r /srv/metrics
}
state_is_kept() {
    for directory in $state; do
        [ "$(inside cat "$directory/planted")" = kept ] || fail "$1 lost the state in $directory"
        [ "$(inside stat -c %a%U "$directory/planted")" = "600$(inside stat -c %U "$directory")" ] || fail "$1 changed the state's owner or mode"
    done
    inside grep -q '^# edited' "$configuration" || fail "$1 lost the administrator's edit of $configuration"
}
modes_are_right() {
    for directory in $state; do
        [ "$(inside stat -c %a "$directory")" = 700 ] || fail "$directory is not of mode 0700 but $(inside stat -c %a "$directory")"
    done
    inside id -u "$user" >/dev/null || fail "there is no user $user"
    case " $(inside stat -c %U $state) " in *"$user"*) ;; *) fail "$user does not own its state" ;; esac
}
# The first start of the program, as far as that goes without a pad.
starts() {
    [ "$(inside "$program" --version)" = "$version" ] || fail "$program says that it is $(inside "$program" --version), not $version"
    case $part in
    agent)
        inside "$program" inventory --format json | python3 -c 'import json, sys; assert json.load(sys.stdin)["format"] == "quartermaster-inventory/1"' ||
            fail "$program inventory"
        inside "$program" check-config || fail "$program check-config finds a fault in the packaged configuration"
        ;;
    controller) inside "$program" server --check || fail "$program server --check finds a fault in the packaged configuration" ;;
    esac
    for tool in $(inside sh -c "ls /usr/share/bash-completion/completions | grep ^quartermaster"); do
        inside sh -c "ls /usr/share/man/man[18]/$tool.[18].gz" >/dev/null || fail "$tool has no manual page"
    done
}
units_are_right() {
    for unit in $units; do
        case $unit in
        *.service)
            # In tenths: at most 2.0.
            inside systemd-analyze security --offline=true --threshold=20 --no-pager "/usr/lib/systemd/system/$unit" >"$root/tmp/security" ||
                fail "$unit is exposed more than 2.0: $(tail -n 1 "$root/tmp/security")"
            ;;
        esac
        inside sh -c "ls /etc/systemd/system/*.wants/$unit" >/dev/null || fail "$unit is not enabled"
    done
    # It knows no running systemd here; what it says is of the files.
    inside sh -c "systemd-analyze verify --man=no --recursive-errors=no $(printf '/usr/lib/systemd/system/%s ' $units)" || fail "systemd finds a fault in the units"
}
