# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the tests do on their throw-away machine: leases come and go, names are
# looked up, the service is asked and disturbed.

set -u
. ./paths.sh
. ./tap.sh

UNIT=libvirt-resolved.service
INDEX=$RUNTIME_DIRECTORY/names.cdb
BUS=(org.libvirt.Resolve1 /org/libvirt/Resolve1 org.libvirt.Resolve1)

# The names of nobody else but the guests, and after them a source that always
# answers: what falls through is seen in it.
nsswitch_setup() {
    sed -i '/^hosts:/d' /etc/nsswitch.conf
    echo 'hosts: libvirt libvirt_guest files' >> /etc/nsswitch.conf
}

# lease_set BRIDGE (NAME ADDRESS)...: the bridge's whole lease file, put in place as
# libvirt's helper does it.  The MAC addresses follow from the places.
lease_set() {
    local file=$LEASE_DIRECTORY/$1.status comma='' n=0
    shift
    {
        echo '['
        while [ $# -gt 0 ]; do
            n=$((n + 1))
            printf '%s  { "ip-address": "%s", "mac-address": "52:54:00:00:00:%02x", "hostname": "%s", "expiry-time": %d }' \
                "$comma" "$2" $n "$1" $((EPOCHSECONDS + 3600))
            comma=$',\n'
            shift 2
        done
        printf '\n]\n'
    } > "$file.new"
    mv "$file.new" "$file"
}

# As an unprivileged user of the host.
as_nobody() {
    setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "$@"
}

as_service_user() {
    setpriv --reuid="$SERVICE_USER" --regid="$SERVICE_USER" --clear-groups "$@"
}

# The address that the host's resolver gives for a name; fails where none does.
address_of() {
    local line
    line=$(getent ahosts "$1") || return
    echo "${line%% *}"
}

resolves() {
    prints "$2" address_of "$1"
}

property() {
    systemctl show --property="$1" --value "$UNIT"
}

main_pid() {
    property MainPID
}

active() {
    systemctl is-active --quiet "$UNIT"
}

# Another process than before is up.
replaced() {
    local state
    state=$(systemctl show --property=MainPID --property=ActiveState "$UNIT")
    [[ $state == *ActiveState=active* && $state != *MainPID=0* && ! $state =~ MainPID=$1($|[^0-9]) ]]
}

# The index is there, as a live one whose stamps are the directory's.
published() {
    [ -e "$INDEX" ] && [ "$(stat -c %y "$INDEX")" = "$(stat -c %y "$LEASE_DIRECTORY")" ]
}

# call MEMBER [SIGNATURE ARGUMENT...]
call() {
    busctl call "${BUS[@]}" "$@"
}

resolve_hostname() {
    call ResolveHostname isit 0 "$1" 0 0
}

# Starting over, as after a boot: no service, no index.
cold() {
    systemctl stop "$UNIT"
    rm -f "$INDEX"
}

# messages [JOURNALCTL OPTION...]: what the service itself said.
messages() {
    journalctl --sync > /dev/null 2>&1 || true
    journalctl --quiet --no-pager _SYSTEMD_UNIT="$UNIT" "$@"
}
