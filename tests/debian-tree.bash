# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Trees of Debian releases, made by debootstrap from the mirror that this machine's apt uses.  Sourced.

# The mirror of Debian proper that apt has, whatever else it has.
debian_mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | sed -n 1p
}

# debian_tree_make RELEASE TREE [DEBOOTSTRAP-OPTION…]: makes the tree if it isn't there.  Fails with the reason on
# standard error.
debian_tree_make() {
    local release=$1 tree=$2 mirror
    shift 2

    [ ! -d "$tree" ] || return 0
    mirror=$(debian_mirror)
    [ -n "$mirror" ] || { echo "apt knows no mirror of Debian" >&2; return 1; }
    rm -rf --one-file-system "$tree.part"
    debootstrap --variant=minbase "$@" "$release" "$tree.part" "$mirror" > "$tree.log" 2>&1 ||
        { tail -n 20 "$tree.log" >&2; echo "debootstrap failed" >&2; return 1; }
    # As this machine reaches its mirror, which may be one of the past.
    {
        apt-config dump | grep -i '^Acquire::[a-z]*::Proxy' || true
        echo 'Acquire::Check-Valid-Until "false";'
    } > "$tree.part/etc/apt/apt.conf.d/99host"
    mv "$tree.part" "$tree"
    rm -f "$tree.log"
}
