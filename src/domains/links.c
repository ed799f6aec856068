/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The host's network interfaces, by rtnetlink.
 */

#include "domains/links.h"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <time.h>

#include "util/array.h"

#define DUMP_TRIES 5

/* Enough for the events of a thousand guests that start at once. */
#define RECEIVE_BUFFER (4 * 1024 * 1024)

static Link *find_index(const Links *links, int index) {
        for (size_t i = 0; i < links->n_links; i++)
                if (links->links[i].index == index)
                        return &links->links[i];
        return NULL;
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

/* ---- messages ---- */

static bool kind_is_bridge(const struct nlattr *linkinfo) {
        const struct nlattr *a;

        mnl_attr_for_each_nested(a, linkinfo) if (mnl_attr_get_type(a) == IFLA_INFO_KIND) return strcmp(
                        mnl_attr_get_str(a), "bridge") == 0;
        return false;
}

static void link_read(const struct nlmsghdr *message, Link *ret) {
        const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
        const struct nlattr *a;

        *ret = (Link) { .index = info->ifi_index, .is_current = true };
        mnl_attr_for_each(a, message, sizeof(*info)) {
                switch (mnl_attr_get_type(a)) {
                case IFLA_IFNAME:
                        if (mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0 &&
                                        mnl_attr_get_payload_len(a) <= sizeof(ret->name))
                                memcpy(ret->name, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
                        break;
                case IFLA_MASTER:
                        if (mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
                                ret->master = (int) mnl_attr_get_u32(a);
                        break;
                case IFLA_LINKINFO:
                        ret->is_bridge = kind_is_bridge(a);
                        break;
                default:
                        break;
                }
        }
}

static void links_remove(Links *links, int index) {
        Link *link = find_index(links, index);

        if (!link)
                return;
        *link = links->links[--links->n_links];
        links->changed = true;
}

static int links_set(Links *links, const Link *link) {
        Link *old = find_index(links, link->index), *grown;

        if (old) {
                links->changed = links->changed || old->master != link->master ||
                                 old->is_bridge != link->is_bridge || strcmp(old->name, link->name) != 0;
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

int links_take(Links *links, const struct nlmsghdr *message) {
        const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
        Link link;

        if ((message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK) ||
                        mnl_nlmsg_get_payload_len(message) < sizeof(*info))
                return 0;
        /* The bridge's own messages on a port (AF_BRIDGE): RTM_DELLINK means only that it left the bridge,
         * which an RTM_NEWLINK of the link itself tells, too. */
        if (info->ifi_family != AF_UNSPEC)
                return 0;
        if (message->nlmsg_type == RTM_DELLINK) {
                links_remove(links, info->ifi_index);
                return 0;
        }
        link_read(message, &link);
        return links_set(links, &link);
}

static int on_message(const struct nlmsghdr *message, void *userdata) {
        return links_take(userdata, message) < 0 ? MNL_CB_ERROR : MNL_CB_OK;
}

/* ---- the socket ---- */

/* Reads one datagram.  Returns MNL_CB_OK, MNL_CB_STOP at the end of a dump, or a negative errno: -EAGAIN if
 * there is none, -ENOBUFS if events were lost, -EINTR if the dump has to be repeated. */
static int links_receive(Links *links, unsigned sequence) {
        _Alignas(struct nlmsghdr) char buffer[32 * 1024];
        ssize_t n;
        int r;

        n = mnl_socket_recvfrom(links->socket, buffer, sizeof(buffer));
        if (n < 0)
                return -errno;
        r = mnl_cb_run(buffer, (size_t) n, sequence, 0, on_message, links);
        return r < 0 ? -errno : r;
}

static int links_request(Links *links, unsigned sequence) {
        char buffer[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct ifinfomsg))];
        struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

        message->nlmsg_type = RTM_GETLINK;
        message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        message->nlmsg_seq = sequence;
        (void) mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
        return mnl_socket_sendto(links->socket, message, message->nlmsg_len) < 0 ? -errno : 0;
}

/* The kernel answers a dump while it is read, so there is always something to read until its end.  Sequence
 * 0: events are in between, and libmnl takes those, and the dump's messages, for ours. */
static int links_dump_once(Links *links) {
        int r;

        for (size_t i = 0; i < links->n_links; i++)
                links->links[i].is_current = false;
        r = links_request(links, 0);
        if (r < 0)
                return r;
        do
                r = links_receive(links, 0);
        while (r > MNL_CB_STOP);
        if (r < 0)
                return r;
        for (size_t i = links->n_links; i-- > 0;)
                if (!links->links[i].is_current)
                        links_remove(links, links->links[i].index);
        return 0;
}

static int links_dump(Links *links) {
        int r = -EINTR;

        for (unsigned i = 0; i < DUMP_TRIES && (r == -EINTR || r == -ENOBUFS); i++)
                r = links_dump_once(links);
        return r;
}

int links_open(Links *links) {
        const int size = RECEIVE_BUFFER;
        int group = RTNLGRP_LINK;

        links->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (!links->socket)
                return -errno;
        (void) setsockopt(links_fd(links), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
        if (mnl_socket_bind(links->socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
                        mnl_socket_setsockopt(links->socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) <
                                        0)
                return -errno;
        return links_dump(links);
}

void links_done(Links *links) {
        free(links->links);
        if (links->socket)
                (void) mnl_socket_close(links->socket);
        *links = (Links) { 0 };
}

int links_fd(const Links *links) {
        return mnl_socket_get_fd(links->socket);
}

int links_drain(Links *links) {
        int r;

        links->changed = false;
        do {
                r = links_receive(links, 0);
                if (r == -ENOBUFS)
                        r = links_dump(links);
        } while (r >= 0);
        return r == -EAGAIN ? links->changed : r;
}
