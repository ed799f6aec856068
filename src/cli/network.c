/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The host's network interfaces.
 */

#include "cli/network.h"

#include <limits.h>
#include <net/if.h>
#include <stdio.h>

#include "cli/json.h"
#include "cli/remote.h"
#include "util/util.h"

/* The index of the interface: on this host, or as the remote service knows it.  0: there is none. */
static int find_index(Listing *l, const char *name) {
        unsigned ifindex;

        if (remote_host())
                return (int) json_number(listing_find_network(l, name), "ifindex");
        ifindex = if_nametoindex(name);
        return ifindex <= INT_MAX ? (int) ifindex : 0;
}

int network_index(Listing *l, const char *text) {
        int ifindex = find_index(l, text);
        char *end;

        if (ifindex > 0)
                return ifindex;
        if (text[0] >= '1' && text[0] <= '9') {
                unsigned long n;

                errno = 0;
                n = strtoul(text, &end, 10);
                if (errno == 0 && *end == '\0' && n <= INT_MAX)
                        return (int) n;
        }
        if (listing_find_network(l, text))
                fprintf(stderr,
                                "libvirt-resolve: The bridge '%s' isn't there now, as its network isn't "
                                "active; "
                                "without -i its leases are found.\n",
                                text);
        else
                fprintf(stderr, "libvirt-resolve: There is no network interface '%s'.\n", text);
        return -ENODEV;
}

int network_set(json_t *object, int ifindex) {
        char name[IF_NAMESIZE];

        /* Only the remote service knows the names of a remote host's indices. */
        if (ifindex > 0 && !remote_host() && if_indextoname((unsigned) ifindex, name) &&
                        json_object_set_new(object, "interface", json_string(name)) < 0)
                return -ENOMEM;
        return json_object_set_new(object, "ifindex", json_integer(ifindex)) < 0 ? -ENOMEM : 0;
}
