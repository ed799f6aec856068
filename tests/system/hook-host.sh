# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the tests of the resolve hook do on their throw-away machine, beside what all do: the world's DNS,
# a container, clients that look names up all the time, and what happens to the service meanwhile.

. ./host.sh

SOCKET=libvirt-resolved-hook.socket
HOOK=/run/systemd/resolve.hook/org.libvirt.Resolve1
LONGEST_MS=$((6000 * ${TEST_BUSY:+10*}1))
OPTIONS='LIBVIRT_RESOLVED_OPTIONS=--domain=lab.example'

# The checks' output goes where it is kept for the case that they fail; what was measured goes here.
exec 3>&1

# ---- what it takes ----

skip() {
    echo "1..0 # SKIP $*"
    exit 0
}

version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
[ -e "$UNIT_DIRECTORY/$SOCKET" ] || skip "built without the hook"
[ "$version" -ge 259 ] || skip "needs systemd 259 or later; this is $version"
for program in resolvectl dig jq dnsmasq musl-gcc python3 ip; do
    command -v $program > /dev/null || skip "needs $program"
done

# ---- the machine ----

# The world's DNS server.  Nothing is cached, so that each lookup goes all the way.
upstream_start() {
    systemd-run --quiet --unit=upstream dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
        --port=5354 --listen-address=127.0.0.1 --bind-interfaces --local=/lab.example/ --address=/world.example/192.0.2.80
}

# resolved_setup [SEARCH]: with a search domain, or none.
resolved_setup() {
    mkdir -p /etc/systemd/resolved.conf.d
    cat > /etc/systemd/resolved.conf.d/test.conf <<EOF
[Resolve]
DNS=127.0.0.1:5354
Domains=${1:-}
Cache=no
LLMNR=no
MulticastDNS=no
DNSStubListenerExtra=192.168.122.1
EOF
    resolved_restart
}

# As often as one likes.
resolved_restart() {
    systemctl reset-failed systemd-resolved
    systemctl restart systemd-resolved
}

# A container on the guests' bridge.
container_setup() {
    ip link set lo up
    ip netns add container
    ip link add virbr0 type veth peer name eth0 netns container
    ip address add 192.168.122.1/24 dev virbr0
    ip link set virbr0 up
    ip -n container link set lo up
    ip -n container address add 192.168.122.200/24 dev eth0
    ip -n container link set eth0 up
}

in_container() {
    ip netns exec container "$@"
}

socket_on() {
    systemctl enable --quiet $SOCKET && systemctl restart "$UNIT" && listening && within 2 published
}

socket_off() {
    systemctl disable --quiet --now $SOCKET && systemctl restart "$UNIT" && not listening
}

# Whether anybody takes connections.
listening() {
    varlinkctl info $HOOK
}

# The machine, the service, and the socket with it.
hook_setup() {
    echo "$OPTIONS" > /etc/default/libvirt-resolved
    ln -sfn /run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
    mkdir -p "$LEASE_DIRECTORY"
    lease_set virbr0 web1 192.168.122.11 web1 fd00:122::11 four 192.168.122.12
    container_setup
    upstream_start
    resolved_setup
    check "a static program of musl is built" musl-gcc -static -O -o musl-lookup musl-lookup.c
    check "it starts" systemctl enable --now "$UNIT"
}

# ---- lookups ----

# A packet that got lost is told from a hook that hangs: systemd-resolved waits 30 s for that.
DIG=(dig +tries=1 +time=45)

short() {
    "${DIG[@]}" +short "$@"
}

status_of() {
    "${DIG[@]}" "$@" | sed -n 's/.*status: \([A-Z]*\).*/\1/p'
}

# loop NAME COMMAND...: runs it again and again; notes how often, how often it failed, and the longest, ms; in
# "slow" when those took place that took too long.
loop() {
    local file=$1 n=0 failures=0 longest=0 start ms
    shift
    while [ ! -e enough ]; do
        start=${EPOCHREALTIME/./}
        "$@" > /dev/null 2>&1 || failures=$((failures + 1))
        ms=$(((${EPOCHREALTIME/./} - start) / 1000))
        [ $ms -le $longest ] || longest=$ms
        [ $ms -le $LONGEST_MS ] || printf '%s: %(%T)T, %i ms\n' "$file" ${start::-6} $ms >> slow
        n=$((n + 1))
        sleep 0.01
    done
    echo "$n $failures $longest" > "loop.$file"
}

found() {
    short "$@" | grep -q '^[0-9.]*$'
}

# disturb COMMAND...: runs it while all kinds of clients look names up; leaves what they saw in loop.*.
disturb() {
    local jobs=()
    rm -f enough loop.*
    loop dig found @127.0.0.53 web1 & jobs+=($!)
    loop dig-tcp found +tcp @127.0.0.53 web1 & jobs+=($!)
    loop resolvectl resolvectl query web1 & jobs+=($!)
    loop getent getent -s resolve ahosts web1 & jobs+=($!)
    loop musl ./musl-lookup web1.lab.example & jobs+=($!)
    loop world found @127.0.0.53 world.example & jobs+=($!)
    "$@"
    touch enough
    wait "${jobs[@]}"
}

# undisturbed WHAT COMMAND...: while it runs nobody waits for too long, and the world goes on.
undisturbed() {
    local what=$1 file n failures longest
    shift
    disturb "$@"
    for file in loop.*; do
        read -r n failures longest < "$file"
        diag "$what, ${file#loop.}: $n lookups, $failures failed, the longest took $longest ms" >&3
        [ "$n" -ge 3 ] && [ "$longest" -le $LONGEST_MS ] || return 1
        [ "$file" != loop.world ] || [ "$failures" = 0 ] || return 1
    done
}

# What the doctor finds of the hook, whatever it finds of the rest.
doctor() {
    libvirt-resolve doctor --json=short | jq -r '.[] | select(.check == "hook") | .verdict + ": " + .text'
}

# How many lookups came to the service for nothing.
passed_on() {
    libvirt-resolve statistics --json=short | jq '.[]["hook-lookups-passed-on"]'
}

# ---- faults ----

freeze() {
    local pid
    sleep 0.5
    pid=$(main_pid)
    kill -STOP "$pid"
    within 8 replaced "$pid"
    sleep 0.5
}

kill_often() {
    local n pid
    for ((n = 0; n < 10; n++)); do
        pid=$(main_pid)
        kill -KILL "$pid"
        within 5 replaced "$pid" > /dev/null || return
        sleep 0.1
    done
}

restart_often() {
    local n
    for ((n = 0; n < 10; n++)); do
        systemctl restart "$UNIT" || return
        sleep 0.1
    done
}

stop_and_start() {
    sleep 0.3
    systemctl stop "$UNIT"
    sleep 1
    systemctl start "$UNIT"
}

wrong_option() {
    sleep 0.3
    echo 'LIBVIRT_RESOLVED_OPTIONS=--no-such-option' > /etc/default/libvirt-resolved
    systemctl restart "$UNIT"
    sleep 4
    echo "$OPTIONS" > /etc/default/libvirt-resolved
    sleep 9 # the socket may have been given up, and could be again
    systemctl restart "$UNIT"
}

# Nothing can tell those who wait in the socket that it won't come.
not_there() {
    sleep 0.3
    mv "$SBINDIR/libvirt-resolved" "$SBINDIR/away"
    systemctl restart "$UNIT"
    sleep 8
    doctor > doctor.not-there
    mv "$SBINDIR/away" "$SBINDIR/libvirt-resolved"
    sleep 9
    systemctl restart "$UNIT"
}

# ---- that, and more of it ----

# As on a machine that stands still for a moment.
freeze_shortly() {
    local n pid
    for ((n = 0; n < 4; n++)); do
        pid=$(main_pid)
        kill -STOP "$pid"
        sleep 0.$((RANDOM % 10))
        kill -CONT "$pid"
        sleep 0.2
    done
}

# hold PID: as if in a system call that doesn't end: it hears no signal but SIGKILL.
hold() {
    exec python3 -c '
import ctypes, os, sys, time
PTRACE_ATTACH = 16
WALL = 0x40000000
pid = int(sys.argv[1])
ctypes.CDLL(None).ptrace(PTRACE_ATTACH, pid, 0, 0)
os.waitpid(pid, WALL)
os.waitpid(pid, WALL)
' "$1"
}

hang() {
    local pid
    pid=$(main_pid)
    hold "$pid" &
    within 8 replaced "$pid"
    sleep 0.5
}

hang_stopping() {
    local pid
    pid=$(main_pid)
    hold "$pid" &
    sleep 0.3
    systemctl restart "$UNIT"
    sleep 0.5
}

# Again and again, often before it is ready.
kill_storm() {
    local n
    for ((n = 0; n < 60; n++)); do
        systemctl kill --signal=KILL "$UNIT" 2> /dev/null
        sleep 0.0$((RANDOM % 10))
    done
    systemctl start "$UNIT"
    sleep 9 # the socket was given up
    systemctl restart "$UNIT"
}

freeze_starting() {
    local n
    sleep 0.5
    for ((n = 0; n < 20; n++)); do
        systemctl restart --no-block "$UNIT"
        sleep 0.0$((RANDOM % 6))
        systemctl kill --signal=STOP "$UNIT" 2> /dev/null
        [ "$(property ActiveState)" != activating ] || break
        systemctl kill --signal=CONT "$UNIT" 2> /dev/null
    done
    within 12 active
    sleep 1
}

stop_often() {
    local n
    for ((n = 0; n < 5; n++)); do
        systemctl stop "$UNIT"
        sleep 0.$((RANDOM % 10))
    done
    systemctl start "$UNIT"
}

daemon_reload_often() {
    local n
    for ((n = 0; n < 5; n++)); do
        systemctl daemon-reload
        sleep 0.2
    done
    systemctl daemon-reexec
    sleep 0.5
}

socket_restart() {
    systemctl stop "$UNIT"
    systemctl restart $SOCKET
    sleep 0.5
    systemctl stop $SOCKET "$UNIT"
    sleep 0.5
    systemctl start "$UNIT"
}

socket_off_and_on() {
    socket_off
    sleep 1
    socket_on
}

bus_frozen() {
    local bus pid
    bus=$(systemctl show --property=MainPID --value dbus.service)
    pid=$(main_pid)
    kill -STOP "$bus"
    kill -KILL "$pid"
    sleep 4
    kill -CONT "$bus"
    sleep 1
}

# What the service waits for takes its time.
mount_slow() {
    local mount
    mount=$(systemd-escape --path --suffix=mount "$LEASE_DIRECTORY")
    systemctl stop $SOCKET "$UNIT"
    printf '[Unit]\nRequires=slow.service\nAfter=slow.service\n[Mount]\nWhat=%s\nWhere=%s\nType=none\nOptions=bind\n' \
        "$LEASE_DIRECTORY" "$LEASE_DIRECTORY" > "/run/systemd/system/$mount"
    printf '[Service]\nType=oneshot\nExecStart=sleep 8\n' > /run/systemd/system/slow.service
    systemctl daemon-reload
    systemctl start "$UNIT"
    systemctl stop "$mount" "$UNIT"
    rm "/run/systemd/system/$mount" /run/systemd/system/slow.service
    systemctl daemon-reload
    systemctl start "$UNIT"
}

change_often() {
    local n
    for ((n = 0; n < 40; n++)); do
        lease_set virbr0 web1 192.168.122.11 web1 fd00:122::11 "other$n" 192.168.122.12
        sleep 0.05
    done
}
