/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Packet sockets with locked filters.  One for each bridge receives all three protocols, because the kernel
 * takes about 15 ms to close one.
 */

#include "seen/packet-socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "util/util.h"

/* Since Linux 4.20. */
#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

/* The size of a queue, in bytes: about 200 small frames, with the kernel's overhead for each. */
#define RECEIVE_BUFFER (128 * 1024)

/* More than a queue can hold. */
#define DISCARDED_MAX 4096U

#define LOOPBACK_INTERFACE 1

/* ---- the filter ---- */

/* Offsets in a frame. */
#define AT_TYPE 12
#define AT_PAYLOAD 14

#define DHCP_SERVER_PORT 67
#define IP_FRAGMENT 0x3fff /* "more fragments", or an offset */

/* Jump targets in the filter. */
enum {
        ND = 8,
        DHCP = 13,
        ACCEPT = 20,
        REJECT = 21,
};

#define LOAD_AUXILIARY(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t) (SKF_AD_OFF + (offset)))
#define LOAD_8(offset) BPF_STMT(BPF_LD | BPF_B | BPF_ABS, offset)
#define LOAD_16(offset) BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offset)
/* At index "here": jumps to one of two targets. */
#define JUMP(here, test, value, yes, no)                                                                     \
        BPF_JUMP(BPF_JMP | BPF_K | (test), value, (yes) - (here) -1, (no) - (here) -1)

/* Passes frames to this host or to everybody, without a VLAN tag.  Neighbour discovery has no extension
 * headers (RFC 6980). */
static struct sock_filter filter[] = {
        LOAD_AUXILIARY(SKF_AD_PKTTYPE),
        JUMP(1, BPF_JGE, PACKET_OTHERHOST, REJECT, 2),
        LOAD_AUXILIARY(SKF_AD_VLAN_TAG_PRESENT),
        JUMP(3, BPF_JEQ, 0, 4, REJECT),
        LOAD_16(AT_TYPE),
        JUMP(5, BPF_JEQ, ETHERTYPE_ARP, ACCEPT, 6),
        JUMP(6, BPF_JEQ, ETHERTYPE_IPV6, ND, 7),
        JUMP(7, BPF_JEQ, ETHERTYPE_IP, DHCP, REJECT),
        [ND] = LOAD_8(AT_PAYLOAD + 6), /* next header */
        JUMP(9, BPF_JEQ, IPPROTO_ICMPV6, 10, REJECT),
        LOAD_8(AT_PAYLOAD + 40), /* type */
        JUMP(11, BPF_JGE, ND_ROUTER_SOLICIT, 12, REJECT),
        JUMP(12, BPF_JGT, ND_NEIGHBOR_ADVERT, REJECT, ACCEPT),
        [DHCP] = LOAD_8(AT_PAYLOAD + 9), /* protocol */
        JUMP(14, BPF_JEQ, IPPROTO_UDP, 15, REJECT),
        LOAD_16(AT_PAYLOAD + 6),
        JUMP(16, BPF_JSET, IP_FRAGMENT, REJECT, 17),
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, AT_PAYLOAD),    /* the header's length */
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, AT_PAYLOAD + 2), /* destination port */
        JUMP(19, BPF_JEQ, DHCP_SERVER_PORT, ACCEPT, REJECT),
        [ACCEPT] = BPF_STMT(BPF_RET | BPF_K, FRAME_SIZE_MAX),
        [REJECT] = BPF_STMT(BPF_RET | BPF_K, 0),
};

/* ---- the socket ---- */

/* Without a protocol, the socket receives nothing until it is bound. */
int packet_socket_open(PacketSocket *ret) {
        const struct sock_fprog program = { ELEMENTS(filter), filter };
        const int size = RECEIVE_BUFFER, yes = 1;
        _cleanup_(closep) int fd = -1;

        fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ||
                        setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &yes, sizeof(yes)) < 0 ||
                        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0)
                return -errno;
        /* The filter also rejects outgoing frames, but this saves the kernel a copy. */
        (void) setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes));
        *ret = (PacketSocket) { .fd = TAKE_FD(fd) };
        return 0;
}

void packet_socket_close(PacketSocket *s) {
        close_safe(s->fd);
        *s = PACKET_SOCKET_CLOSED;
}

static int packet_socket_bind_to(const PacketSocket *s, uint16_t protocol, int interface) {
        const struct sockaddr_ll address = {
                .sll_family = AF_PACKET,
                .sll_protocol = htons(protocol),
                .sll_ifindex = interface,
        };

        return bind(s->fd, (const struct sockaddr *) &address, sizeof(address)) < 0 ? -errno : 0;
}

int packet_socket_bind(PacketSocket *s, int bridge) {
        int r;

        r = packet_socket_bind_to(s, ETH_P_ALL, bridge);
        if (r >= 0)
                s->bridge = bridge;
        return r;
}

/* A socket can't be unbound, only bound to something else: to an unused protocol on the loopback interface.
 */
void packet_socket_release(PacketSocket *s) {
        (void) packet_socket_bind_to(s, ETH_P_802_EX1, LOOPBACK_INTERFACE);
        s->bridge = 0;
}

/* Returns the frame's size, 0 if it arrived through an interface to which the socket was bound earlier, or a
 * negative errno. */
static ssize_t frame_receive(const PacketSocket *s, Frame *frame) {
        struct sockaddr_ll from;
        socklen_t length = sizeof(from);
        ssize_t n;

        n = recvfrom(s->fd, frame->bytes, sizeof(frame->bytes), MSG_DONTWAIT, (struct sockaddr *) &from,
                        &length);
        if (n < 0)
                return -errno;
        frame->size = (size_t) n;
        return from.sll_ifindex == s->bridge ? n : 0;
}

size_t packet_socket_receive(const PacketSocket *s, Frame *frames, size_t n_max) {
        size_t n = 0;

        for (size_t i = 0; i < n_max; i++) {
                ssize_t size = frame_receive(s, frames + n);

                if (size == -EAGAIN)
                        break;
                if (size > 0)
                        n++;
        }
        return n;
}

void packet_socket_discard(const PacketSocket *s) {
        uint8_t byte;

        for (unsigned i = 0; i < DISCARDED_MAX; i++)
                if (recv(s->fd, &byte, sizeof(byte), MSG_DONTWAIT) < 0 && errno == EAGAIN)
                        break;
}

int packet_socket_send(const PacketSocket *s, int interface, const void *frame, size_t size) {
        const struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = interface };

        if (sendto(s->fd, frame, size, MSG_DONTWAIT, (const struct sockaddr *) &to, sizeof(to)) < 0)
                return -errno;
        return 0;
}
