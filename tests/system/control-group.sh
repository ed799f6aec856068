# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A control group for a container, where no systemd makes one.  Sourced.

# A control group for the machine, where no systemd gives it a scope: prints its
# directory, in the unified hierarchy.
control_group_make() {
    local root

    [ ! -d /run/systemd/system ] || return 0
    for root in /sys/fs/cgroup/unified /sys/fs/cgroup; do
        [ -e $root/cgroup.procs ] || continue
        mkdir "$root/$1" 2>/dev/null || continue
        echo "$root/$1"
        return 0
    done
    return 1
}

# Whatever is still in it dies.  systemd-nspawn made a group of the same name in
# systemd's own hierarchy, where there is one.
control_group_remove() {
    local group=$1 twin=${1/unified/systemd}

    echo 1 > "$group/cgroup.kill"
    for _ in {1..50}; do
        find "$group" "$twin" -depth -type d -exec rmdir {} \; 2>/dev/null || true
        [ -d "$group" ] || [ -d "$twin" ] || return 0
        sleep 0.1
    done
    echo "control group $group is still in use" >&2
}

# Enters the group, in a mount namespace of our own; $group is its directory from then on.  systemd-nspawn wants
# the unified hierarchy at the usual place.
control_group_enter() {
    group=''
    [ -n "$1" ] || return 0
    group=/sys/fs/cgroup/${1##*/}
    echo $$ > "$1/cgroup.procs"
    case $1 in
        /sys/fs/cgroup/unified/*)
            umount --recursive /sys/fs/cgroup
            mount -t cgroup2 cgroup2 /sys/fs/cgroup
            ;;
    esac
}
