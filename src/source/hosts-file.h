/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * NETWORK.hostsfile and NETWORK.addnhosts: names and addresses that the administrator gave a network in
 * libvirt's XML (<host> in <dhcp>, and in <dns>), as libvirt writes them for dnsmasq, one entry a line.
 */

#include <stddef.h>

#include "source/binding.h"

/*
 * Parse a document of size bytes.  Blank lines and comments are ignored; an invalid line is skipped and
 * counted in (*ret)->problems, by the number of the line, from 0.
 *
 * hosts_file_parse(): "MAC,IP,NAME,TIME", "MAC,IP,NAME", "MAC,IP", "NAME,IP", "NAME,[IP]" and
 * "id:DUID,NAME,[IP]". Gives the entries that have a MAC address (that of a DUID, too, if it has one), an
 * address and a name; others say nothing about a guest before it has a lease.
 *
 * addn_hosts_parse(): "IP NAME...", separated by blanks or tabs.  Gives a binding without a MAC address for
 * each name.
 *
 * Return 0 and the list, owned by the caller; or -ENOMEM.  On failure *ret is untouched.
 */
int hosts_file_parse(const char *data, size_t size, BindingList **ret, DocumentError *error);
int addn_hosts_parse(const char *data, size_t size, BindingList **ret, DocumentError *error);
