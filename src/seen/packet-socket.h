/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A packet socket, opened while the process has the privilege, and later bound to a bridge, which needs none.
 * Its filter is locked: whatever it is bound to, it only receives ARP, neighbour discovery and DHCP requests.
 */

#include <stddef.h>
#include <stdint.h>

#include "seen/frame.h"
#include "util/limits.h"

typedef struct PacketSocket {
        int fd;
        int bridge; /* interface index; 0: bound to none */
} PacketSocket;

#define PACKET_SOCKET_CLOSED ((PacketSocket) { .fd = -1 })

typedef struct Frame {
        size_t size;
        uint8_t bytes[FRAME_SIZE_MAX];
} Frame;

/* Needs CAP_NET_RAW.  Returns 0 or a negative errno. */
int packet_socket_open(PacketSocket *ret);

void packet_socket_close(PacketSocket *s);

/* Bind it to a bridge, and release it.  Return 0 or a negative errno. */
int packet_socket_bind(PacketSocket *s, int bridge);
void packet_socket_release(PacketSocket *s);

/* Reads frames that arrived through that bridge.  Returns their number; 0: there are none. */
size_t packet_socket_receive(const PacketSocket *s, Frame *frames, size_t n_max);

/* Discards the frames in the queue. */
void packet_socket_discard(const PacketSocket *s);

/* Sends a frame through an interface, bypassing the bridge.  Returns 0 or a negative errno. */
int packet_socket_send(const PacketSocket *s, int interface, const void *frame, size_t size);
