/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An rtnetlink socket, with libmnl.
 */

#include "helper/rtnl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

/* Large enough for the events of a thousand guests starting at once. */
#define RECEIVE_BUFFER (4 * 1024 * 1024)

static int on_message(const struct nlmsghdr *message, void *userdata) {
        const Rtnl *rtnl = userdata;
        int r = rtnl->take(rtnl->userdata, message);

        if (r < 0)
                errno = -r;
        return r < 0 ? MNL_CB_ERROR : MNL_CB_OK;
}

/* Reads one datagram.  Returns MNL_CB_OK, MNL_CB_STOP at the end of a dump, or a negative errno: -EAGAIN if
 * there is none, -ENOBUFS if events were lost, -EINTR if the dump must be repeated.  Sequence 0: events come
 * between a dump's messages, and libmnl must accept both. */
static int rtnl_receive(Rtnl *rtnl) {
        _Alignas(struct nlmsghdr) char buffer[32 * 1024];
        ssize_t n;
        int r;

        n = mnl_socket_recvfrom(rtnl->socket, buffer, sizeof(buffer));
        if (n < 0)
                return -errno;
        r = mnl_cb_run(buffer, (size_t) n, 0, 0, on_message, rtnl);
        return r < 0 ? -errno : r;
}

/* The header that the kernel expects; its first byte is the family. */
static size_t header_size(uint16_t type) {
        if (type == RTM_GETNEIGH)
                return sizeof(struct ndmsg);
        return type == RTM_GETADDR ? sizeof(struct ifaddrmsg) : sizeof(struct ifinfomsg);
}

static int rtnl_request(Rtnl *rtnl, uint16_t type, uint8_t family) {
        _Alignas(struct nlmsghdr) char buffer[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(struct ifinfomsg))];
        struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
        uint8_t *header;

        message->nlmsg_type = type;
        message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        header = mnl_nlmsg_put_extra_header(message, header_size(type));
        header[0] = family;
        return mnl_socket_sendto(rtnl->socket, message, message->nlmsg_len) < 0 ? -errno : 0;
}

/* The kernel makes a dump while it is read, so reading never waits until its end. */
int rtnl_dump(Rtnl *rtnl, uint16_t type, uint8_t family) {
        int r;

        r = rtnl_request(rtnl, type, family);
        if (r < 0)
                return r;
        do
                r = rtnl_receive(rtnl);
        while (r > MNL_CB_STOP);
        return r;
}

int rtnl_drain(Rtnl *rtnl) {
        int r;

        do
                r = rtnl_receive(rtnl);
        while (r >= 0);
        return r == -EAGAIN ? 0 : r;
}

int rtnl_open(Rtnl *rtnl, const int *groups, size_t n_groups, RtnlTake take, void *userdata) {
        const int size = RECEIVE_BUFFER;

        *rtnl = (Rtnl) { .take = take, .userdata = userdata };
        rtnl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (!rtnl->socket)
                return -errno;
        (void) setsockopt(rtnl_fd(rtnl), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
        if (mnl_socket_bind(rtnl->socket, 0, MNL_SOCKET_AUTOPID) < 0)
                return -errno;
        for (size_t i = 0; i < n_groups; i++) {
                int group = groups[i];

                if (mnl_socket_setsockopt(rtnl->socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
                        return -errno;
        }
        return 0;
}

void rtnl_done(Rtnl *rtnl) {
        if (rtnl->socket)
                (void) mnl_socket_close(rtnl->socket);
        *rtnl = (Rtnl) { 0 };
}

int rtnl_fd(const Rtnl *rtnl) {
        return mnl_socket_get_fd(rtnl->socket);
}
