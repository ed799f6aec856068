# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034
#
# Where the packages have their parts, as tests/system/paths.sh.in says of a build.

LEASE_DIRECTORY=/var/lib/libvirt/dnsmasq
RUNTIME_DIRECTORY=/run/libvirt-resolve
SBINDIR=/usr/sbin
SERVICE_USER=libvirt-resolve
