/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The host's network interfaces.
 */

#include "helper/links.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/array.h"

static Link *find_index(const Links *links, int index) {
        for (size_t i = 0; i < links->n_links; i++)
                if (links->links[i].index == index)
                        return &links->links[i];
        return NULL;
}

const Link *links_find_index(const Links *links, int index) {
        return find_index(links, index);
}

const Link *links_find(const Links *links, const char *name) {
        for (size_t i = 0; i < links->n_links; i++)
                if (strcmp(links->links[i].name, name) == 0)
                        return &links->links[i];
        return NULL;
}

const Link *links_master(const Links *links, const Link *link) {
        return link->master > 0 ? find_index(links, link->master) : NULL;
}

/* ---- one link ---- */

static bool text_is(const struct nlattr *attribute, const char *text) {
        return mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0 &&
               strcmp(mnl_attr_get_str(attribute), text) == 0;
}

/* Reads the attributes of a bridge's port. */
static void port_read(const struct nlattr *port, Link *link) {
        const struct nlattr *a;

        mnl_attr_for_each_nested(a, port)
                if (mnl_attr_get_type(a) == IFLA_BRPORT_LEARNING && mnl_attr_validate(a, MNL_TYPE_U8) >= 0)
                        link->learns_not = mnl_attr_get_u8(a) == 0;
}

/* Reads the attributes of a bridge. */
static void bridge_read(const struct nlattr *bridge, Link *link) {
        const struct nlattr *a;
        bool filters = false;
        uint16_t vlan = 0;

        mnl_attr_for_each_nested(a, bridge) {
                if (mnl_attr_get_type(a) == IFLA_BR_VLAN_FILTERING && mnl_attr_validate(a, MNL_TYPE_U8) >= 0)
                        filters = mnl_attr_get_u8(a) != 0;
                if (mnl_attr_get_type(a) == IFLA_BR_VLAN_DEFAULT_PVID &&
                                mnl_attr_validate(a, MNL_TYPE_U16) >= 0)
                        vlan = mnl_attr_get_u16(a);
        }
        link->vlan = filters ? vlan : 0;
}

static void linkinfo_read(const struct nlattr *linkinfo, Link *link) {
        const struct nlattr *a, *bridge = NULL, *port = NULL;
        bool is_port = false;

        mnl_attr_for_each_nested(a, linkinfo) {
                switch (mnl_attr_get_type(a)) {
                case IFLA_INFO_KIND:
                        link->is_bridge = text_is(a, "bridge");
                        link->is_tap = text_is(a, "tun");
                        break;
                case IFLA_INFO_DATA:
                        bridge = a;
                        break;
                case IFLA_INFO_SLAVE_KIND:
                        is_port = text_is(a, "bridge");
                        break;
                case IFLA_INFO_SLAVE_DATA:
                        port = a;
                        break;
                default:
                        break;
                }
        }
        if (link->is_bridge && bridge)
                bridge_read(bridge, link);
        if (is_port && port)
                port_read(port, link);
}

static void attribute_read(const struct nlattr *a, Link *link) {
        size_t length = mnl_attr_get_payload_len(a);

        switch (mnl_attr_get_type(a)) {
        case IFLA_IFNAME:
                if (mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0 && length <= sizeof(link->name))
                        memcpy(link->name, mnl_attr_get_payload(a), length);
                break;
        case IFLA_ADDRESS:
                if (length == sizeof(link->mac))
                        memcpy(&link->mac, mnl_attr_get_payload(a), length);
                break;
        case IFLA_MASTER:
                if (mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
                        link->master = (int) mnl_attr_get_u32(a);
                break;
        case IFLA_LINKINFO:
                linkinfo_read(a, link);
                break;
        default:
                break;
        }
}

/* ---- all links ---- */

static void links_remove(Links *links, int index) {
        Link *link = find_index(links, index);

        if (!link)
                return;
        *link = links->links[--links->n_links];
        links->changed = true;
}

static bool link_equal(const Link *a, const Link *b) {
        return a->master == b->master && a->is_bridge == b->is_bridge && a->is_tap == b->is_tap &&
               a->vlan == b->vlan && a->learns_not == b->learns_not &&
               memcmp(&a->mac, &b->mac, sizeof(a->mac)) == 0 && strcmp(a->name, b->name) == 0;
}

static int links_set(Links *links, const Link *link) {
        Link *old = find_index(links, link->index), *grown;

        if (old) {
                links->changed = links->changed || !link_equal(old, link);
                *old = *link;
                return 0;
        }
        grown = array_grow(links->links, links->n_links, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        links->links = grown;
        grown[links->n_links++] = *link;
        links->changed = true;
        return 0;
}

/* Handles a bridge's message about a port.  RTM_DELLINK only means that it left the bridge, which an
 * RTM_NEWLINK of the link itself reports, too. */
static void links_take_port(Links *links, const struct nlmsghdr *message, const struct ifinfomsg *info) {
        Link *link = find_index(links, info->ifi_index), old;
        const struct nlattr *a;

        if (!link || message->nlmsg_type == RTM_DELLINK)
                return;
        old = *link;
        mnl_attr_for_each(a, message, sizeof(*info))
                if (mnl_attr_get_type(a) == IFLA_PROTINFO)
                        port_read(a, link);
        links->changed = links->changed || !link_equal(&old, link);
}

int links_take(Links *links, const struct nlmsghdr *message) {
        const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
        const struct nlattr *a;
        Link link;

        if ((message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK) ||
                        mnl_nlmsg_get_payload_len(message) < sizeof(*info))
                return 0;
        if (info->ifi_family == AF_BRIDGE) {
                links_take_port(links, message, info);
                return 0;
        }
        if (info->ifi_family != AF_UNSPEC)
                return 0;
        if (message->nlmsg_type == RTM_DELLINK) {
                links_remove(links, info->ifi_index);
                return 0;
        }
        link = (Link) { .index = info->ifi_index, .is_current = true };
        mnl_attr_for_each(a, message, sizeof(*info))
                attribute_read(a, &link);
        return links_set(links, &link);
}

void links_begin_dump(Links *links) {
        for (size_t i = 0; i < links->n_links; i++)
                links->links[i].is_current = false;
}

void links_end_dump(Links *links) {
        for (size_t i = links->n_links; i-- > 0;)
                if (!links->links[i].is_current)
                        links_remove(links, links->links[i].index);
}

void links_done(Links *links) {
        free(links->links);
        *links = (Links) { 0 };
}
