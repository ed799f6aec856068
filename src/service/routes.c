/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The next hops of the host's routes.  The kernel is asked for the routes of one interface only: a router may
 * have a million others.
 */

#include "service/routes.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/array.h"
#include "util/util.h"

#define DUMP_TRIES 5
#define DUMP_BUFFER 65536

typedef struct Request {
        struct nlmsghdr header;
        struct rtmsg route;
        struct rtattr oif_header;
        uint32_t oif;
} Request;

/* ---- messages ---- */

static int add_gateway(HostAddresses *addresses, int family, const void *bytes, size_t n) {
        Address *grown;

        if (address_length(family) == 0 || n < address_length(family))
                return 0;
        if (addresses->n_gateways >= GATEWAYS_MAX)
                return -E2BIG;
        grown = array_grow(addresses->gateways, addresses->n_gateways, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        addresses->gateways = grown;
        grown += addresses->n_gateways++;
        *grown = (Address) { .family = (uint8_t) family };
        memcpy(grown->bytes, bytes, address_length(family));
        return 0;
}

/* A pointer to n bytes after p; the kernel's own macros cast to types with stricter alignment. */
static const void *after(const void *p, size_t n) {
        return (const char *) p + n;
}

static int take_attributes(HostAddresses *addresses, int family, const struct rtattr *a, int length);

static int take_next_hops(HostAddresses *addresses, int family, const struct rtnexthop *hop, int length) {
        int r = 0;

        while (r >= 0 && length >= (int) sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) &&
                        hop->rtnh_len <= length) {
                r = take_attributes(addresses, family, after(hop, RTNH_LENGTH(0)),
                                hop->rtnh_len - (int) sizeof(*hop));
                length -= (int) RTNH_ALIGN(hop->rtnh_len);
                hop = after(hop, RTNH_ALIGN(hop->rtnh_len));
        }
        return r;
}

/* Adds a next hop whose family differs from the route's: 2 bytes of family, then the address. */
static int take_via(HostAddresses *addresses, const void *data, size_t n) {
        uint16_t family;

        if (n < sizeof(family))
                return 0;
        memcpy(&family, data, sizeof(family));
        return add_gateway(addresses, family, (const char *) data + sizeof(family), n - sizeof(family));
}

static int take_attributes(HostAddresses *addresses, int family, const struct rtattr *a, int length) {
        int r = 0;

        while (r >= 0 && RTA_OK(a, length)) {
                if (a->rta_type == RTA_GATEWAY)
                        r = add_gateway(addresses, family, RTA_DATA(a), RTA_PAYLOAD(a));
                else if (a->rta_type == RTA_VIA)
                        r = take_via(addresses, RTA_DATA(a), RTA_PAYLOAD(a));
                else if (a->rta_type == RTA_MULTIPATH)
                        r = take_next_hops(addresses, family, RTA_DATA(a), (int) RTA_PAYLOAD(a));
                length -= (int) RTA_ALIGN(a->rta_len);
                a = after(a, RTA_ALIGN(a->rta_len));
        }
        return r;
}

/* Handles one datagram.  Returns 1 if the dump goes on, 0 at its end, or a negative errno. */
static int take_messages(HostAddresses *addresses, const struct nlmsghdr *m, size_t n) {
        for (; NLMSG_OK(m, n);
                        n -= MIN2(n, NLMSG_ALIGN(m->nlmsg_len)), m = after(m, NLMSG_ALIGN(m->nlmsg_len))) {
                const struct rtmsg *route = NLMSG_DATA(m);
                int r;

                if (m->nlmsg_flags & NLM_F_DUMP_INTR)
                        return -EAGAIN;
                if (m->nlmsg_type == NLMSG_DONE)
                        return 0;
                if (m->nlmsg_type == NLMSG_ERROR)
                        return MIN2(((const struct nlmsgerr *) NLMSG_DATA(m))->error, -EIO);
                if (m->nlmsg_type != RTM_NEWROUTE || m->nlmsg_len < NLMSG_LENGTH(sizeof(*route)))
                        continue;
                r = take_attributes(addresses, route->rtm_family, after(route, NLMSG_ALIGN(sizeof(*route))),
                                (int) RTM_PAYLOAD(m));
                if (r < 0)
                        return r;
        }
        return 1;
}

/* ---- dumps ---- */

static int dump_request(int fd, int family, uint32_t ifindex) {
        const Request request = {
                .header = {
                        .nlmsg_len = sizeof(request),
                        .nlmsg_type = RTM_GETROUTE,
                        .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                },
                .route.rtm_family = (unsigned char) family,
                .oif_header = { .rta_len = RTA_LENGTH(sizeof(uint32_t)), .rta_type = RTA_OIF },
                .oif = ifindex,
        };

        return send(fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

/* The kernel makes each part of a dump when the previous one is read, so recv() never waits. */
static int dump_receive(int fd, HostAddresses *addresses) {
        _cleanup_(freep) char *buffer = malloc(DUMP_BUFFER);
        int r = 1;

        if (!buffer)
                return -ENOMEM;
        while (r > 0) {
                ssize_t n = recv(fd, buffer, DUMP_BUFFER, MSG_DONTWAIT | MSG_TRUNC);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return errno == EAGAIN ? -EIO : -errno;
                if (n > DUMP_BUFFER)
                        return -EMSGSIZE;
                r = take_messages(addresses, (const struct nlmsghdr *) (const void *) buffer, (size_t) n);
        }
        return r;
}

static int dump(int family, uint32_t ifindex, HostAddresses *addresses) {
        _cleanup_(closep) int fd = -1;
        const int on = 1;
        int r;

        fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
        if (fd < 0)
                return -errno;
        /* Without this, and in a kernel older than 4.20, the dump has all routes: that refuses more addresses
         * than necessary, but never too few. */
        (void) setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
        r = dump_request(fd, family, ifindex);
        return r < 0 ? r : dump_receive(fd, addresses);
}

int routes_read_gateways(const char *interface, HostAddresses *addresses) {
        static const int families[] = { AF_INET, AF_INET6 };
        uint32_t ifindex = if_nametoindex(interface);

        for (size_t i = 0; ifindex > 0 && i < ELEMENTS(families); i++) {
                int r, tries = 0;

                do
                        r = dump(families[i], ifindex, addresses);
                while (r == -EAGAIN && ++tries < DUMP_TRIES);
                if (r < 0)
                        return r;
        }
        return 0;
}
