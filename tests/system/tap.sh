# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Test lines in the Test Anything Protocol, for shell scripts: source it, check(),
# and end with done_testing.

tap_count=0 tap_failed=0

# check WHAT COMMAND...: one test, passed if COMMAND succeeds.  Its output is shown
# where it doesn't.
check() {
    local what=$1 output
    shift

    tap_count=$((tap_count + 1))
    if output=$("$@" 2>&1); then
        echo "ok $tap_count - $what"
    else
        echo "not ok $tap_count - $what"
        tap_failed=$((tap_failed + 1))
        printf '# %s\n' "failed: $*"
        [ -z "$output" ] || sed 's/^/# /' <<< "$output"
    fi
}

diag() {
    printf '# %s\n' "$*"
}

done_testing() {
    echo "1..$tap_count"
    exit $((tap_failed > 0))
}

# not COMMAND...: the other way round.
not() {
    ! "$@"
}

# is GOT WANTED: the same text.
is() {
    [ "$1" = "$2" ] || { echo "got '$1', wanted '$2'"; return 1; }
}

# prints WANTED COMMAND...: succeeds with exactly this output.
prints() {
    local wanted=$1 output
    shift
    output=$("$@") || { echo "status $?, output '$output'"; return 1; }
    is "$output" "$wanted"
}

# says PATTERN COMMAND...: whatever its status, the output matches the extended
# regular expression.
says() {
    local pattern=$1 output
    shift
    output=$("$@" 2>&1) || true
    grep -Eq -- "$pattern" <<< "$output" || { echo "'$output' doesn't match '$pattern'"; return 1; }
}

# within SECONDS COMMAND...: succeeds sooner or later, tried again and again.  Ten times as long on a busy machine.
within() {
    local end=$((${EPOCHREALTIME/./} + $1 * 1000000 * ${TEST_BUSY:+10*}1))
    shift
    until "$@" > /dev/null 2>&1; do
        [ "${EPOCHREALTIME/./}" -lt $end ] || { echo "not in time; at last:"; "$@"; return; }
        sleep 0.02
    done
}

# Microseconds that a command takes, whatever its status: the median of so many tries.
median_usec() {
    local n=$1 i start times=()
    shift
    for ((i = 0; i < n; i++)); do
        start=${EPOCHREALTIME/./}
        "$@" > /dev/null 2>&1 || true
        times+=($((${EPOCHREALTIME/./} - start)))
    done
    printf '%s\n' "${times[@]}" | sort -n | sed -n "$(((n + 1) / 2))p"
}

# faster MILLISECONDS COMMAND...: the median of 9 tries.  On a busy machine only printed.
faster() {
    local limit=$1 usec
    shift
    usec=$(median_usec 9 "$@")
    echo "$((usec / 1000)).$(printf %03d $((usec % 1000))) ms"
    [ -n "${TEST_BUSY:-}" ] || [ "$usec" -lt $((limit * 1000)) ]
}
