# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the system's package manager has to bring, for ./run and ./check.  Sourced.

# What building and trying takes: how it is found, and the package by package manager.
needed_packages() {
        cat <<'EOF_TABLE'
tool:meson          meson            meson                  meson                  meson
tool:ninja          ninja-build      ninja-build            ninja                  ninja
tool:pkg-config     pkg-config       pkgconf-pkg-config     pkgconf-pkg-config     pkgconf
tool:cc             gcc              gcc                    gcc                    gcc
header:stdio.h      libc6-dev        glibc-devel            glibc-devel            glibc
lib:libsystemd      libsystemd-dev   pkgconfig(libsystemd)  pkgconfig(libsystemd)  systemd-libs
lib:jansson         libjansson-dev   pkgconfig(jansson)     pkgconfig(jansson)     jansson
lib:libcdb          libcdb-dev       tinycdb-devel          pkgconfig(libcdb)      tinycdb
lib:libidn2         libidn2-dev      pkgconfig(libidn2)     pkgconfig(libidn2)     libidn2
lib:smartcols       libsmartcols-dev pkgconfig(smartcols)   pkgconfig(smartcols)   util-linux-libs
tool:rst2man        python3-docutils python3-docutils       python3-docutils       python-docutils
tool:dbus-daemon    dbus             dbus-daemon            dbus-1                 dbus
tool:dbus-send      dbus             dbus-tools             dbus-1                 dbus
EOF_TABLE
}

is_there() {
        local what=${1#*:}

        case $1 in
        tool:rst2man) command -v rst2man || command -v rst2man.py ;;
        tool:*) command -v "$what" ;;
        lib:*) pkg-config --exists "$what" ;;
        header:*) cc -fsyntax-only -include "$what" -x c /dev/null ;;
        esac >/dev/null 2>&1
}

package_manager() {
        local manager

        for manager in apt-get dnf zypper pacman; do
                if command -v $manager >/dev/null; then
                        echo $manager
                        return
                fi
        done
}

# Prints the packages that building takes and that aren't there; arguments are more lines
# of the table.
missing_packages() {
        local what deb fedora suse arch

        while read -r what deb fedora suse arch; do
                if [[ -z $what ]] || is_there "$what"; then continue; fi
                case $(package_manager) in
                apt-get) echo "$deb" ;;
                dnf) echo "$fedora" ;;
                zypper) echo "$suse" ;;
                pacman) echo "$arch" ;;
                *) echo "$what" ;;
                esac
        done < <(needed_packages; printf '%s\n' "$@") | sort -u
}

# Prints those of the Debian packages in the lists that aren't installed.
missing_debian_packages() {
        local list=() file

        for file in "$@"; do
                [[ -e $file ]] && mapfile -t -O ${#list[@]} list < <(sed 's/#.*//' "$file" | xargs -n 1 echo)
        done
        [[ ${#list[@]} -gt 0 ]] || return 0
        comm -23 <(printf '%s\n' "${list[@]}" | sort -u) \
                <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${list[@]}" 2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

# Runs a command that installs Debian packages, and starts none of the servers among them.
# shellcheck disable=SC2016
without_starting='
        export DEBIAN_FRONTEND=noninteractive
        [ -d /var/lib/dpkg ] && [ ! -e /usr/sbin/policy-rc.d ] || exec "$@"
        trap "rm -f /usr/sbin/policy-rc.d" EXIT INT TERM
        printf "#!/bin/sh\nexit 101\n" > /usr/sbin/policy-rc.d
        chmod 755 /usr/sbin/policy-rc.d
        "$@"'

# Installs packages; says which, and how, before it does.
install_packages() {
        local update=(true) install sudo=() log

        [[ $# -gt 0 ]] || return 0
        case $(package_manager) in
        apt-get)
                update=(apt-get update)
                install=(apt-get install --yes --no-install-recommends "$@")
                ;;
        dnf) install=(dnf install --assumeyes "$@") ;;
        zypper) install=(zypper --non-interactive install "$@") ;;
        pacman) install=(pacman --sync --needed --noconfirm "$@") ;;
        *)
                echo "There is no package manager known here; install these, and try again: $*" >&2
                return 1
                ;;
        esac

        if [[ $(id -u) != 0 ]]; then
                sudo=(sudo)
                if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [[ -t 0 && -t 2 ]]; }; then
                        printf 'Packages are missing; type this as root, and try again:\n\n    %s\n\n' "${install[*]}" >&2
                        return 1
                fi
        fi

        printf 'Installing what is missing:\n\n    %s\n\n' "${sudo:+sudo }${install[*]}" >&2
        log=$(mktemp)
        trap 'rm -f "$log"; echo "Interrupted." >&2; exit 130' INT
        if "${sudo[@]}" "${update[@]}" &>"$log" </dev/null &&
                "${sudo[@]}" sh -c "$without_starting" sh "${install[@]}" &>>"$log" </dev/null; then
                rm "$log"
        else
                tail -n 5 "$log" >&2
                rm "$log"
                printf 'The packages could not be installed; is there a network?  To see all: %s\n' "${sudo:+sudo }${install[*]}" >&2
                return 1
        fi
        trap - INT
}
