/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Messages about neighbours.
 */

#include "seen/neighbour.h"

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* Since Linux 5.0: learning doesn't move the entry. */
#ifndef NTF_STICKY
#define NTF_STICKY (1 << 6)
#endif

/* The states of entries that weren't learned: the host's own, and the administrator's. */
#define NUD_CONFIGURED (NUD_PERMANENT | NUD_NOARP)

static const struct ndmsg *header_read(const struct nlmsghdr *message) {
        const struct ndmsg *header = mnl_nlmsg_get_payload(message);

        if (message->nlmsg_type != RTM_NEWNEIGH && message->nlmsg_type != RTM_DELNEIGH)
                return NULL;
        return mnl_nlmsg_get_payload_len(message) >= sizeof(*header) ? header : NULL;
}

static bool mac_read(const struct nlattr *a, MacAddress *ret) {
        if (mnl_attr_get_payload_len(a) != sizeof(*ret))
                return false;
        memcpy(ret, mnl_attr_get_payload(a), sizeof(*ret));
        return true;
}

bool fdb_entry_read(const struct nlmsghdr *message, FdbEntry *ret) {
        const struct ndmsg *header = header_read(message);
        const struct nlattr *a;
        bool has_mac = false;
        FdbEntry entry;

        if (!header || header->ndm_family != AF_BRIDGE)
                return false;
        entry = (FdbEntry) {
                .port = header->ndm_ifindex,
                .learned = !(header->ndm_state & NUD_CONFIGURED) && !(header->ndm_flags & NTF_STICKY),
                .removed = message->nlmsg_type == RTM_DELNEIGH,
        };
        mnl_attr_for_each(a, message, sizeof(*header)) {
                uint16_t type = mnl_attr_get_type(a);

                if (type == NDA_LLADDR)
                        has_mac = mac_read(a, &entry.mac);
                else if (type == NDA_MASTER && mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
                        entry.bridge = (int) mnl_attr_get_u32(a);
                else if (type == NDA_VLAN && mnl_attr_validate(a, MNL_TYPE_U16) >= 0)
                        entry.vlan = mnl_attr_get_u16(a);
        }
        /* Without a master, the entry is an address filter of the port itself. */
        if (!has_mac || entry.bridge <= 0)
                return false;
        *ret = entry;
        return true;
}

bool neighbour_read(const struct nlmsghdr *message, Neighbour *ret) {
        const struct ndmsg *header = header_read(message);
        Neighbour neighbour;
        const struct nlattr *a;
        bool has_address = false, has_mac = false;

        if (!header || message->nlmsg_type != RTM_NEWNEIGH || address_length(header->ndm_family) == 0)
                return false;
        neighbour = (Neighbour) {
                .interface = header->ndm_ifindex,
                .address.family = header->ndm_family,
                .failed = header->ndm_state & NUD_FAILED,
        };
        mnl_attr_for_each(a, message, sizeof(*header)) {
                if (mnl_attr_get_type(a) == NDA_DST &&
                                mnl_attr_get_payload_len(a) == address_length(header->ndm_family)) {
                        memcpy(neighbour.address.bytes, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
                        has_address = true;
                } else if (mnl_attr_get_type(a) == NDA_LLADDR)
                        has_mac = mac_read(a, &neighbour.mac);
        }
        if (!has_address || (!neighbour.failed && (!has_mac || !(header->ndm_state & NUD_REACHABLE))))
                return false;
        *ret = neighbour;
        return true;
}
