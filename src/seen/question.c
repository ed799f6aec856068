/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Questions as Ethernet frames.
 */

#include "seen/question.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <string.h>

/* The frame of an ARP request. */
typedef struct __attribute__((__packed__)) ArpFrame {
        struct ether_header ethernet;
        struct ether_arp arp;
} ArpFrame;

/* The frame of a neighbour solicitation with the sender's link-layer address. */
typedef struct __attribute__((__packed__)) SolicitFrame {
        struct ether_header ethernet;
        struct ip6_hdr ip;
        struct nd_neighbor_solicit solicit;
        struct nd_opt_hdr option;
        uint8_t from[ETH_ALEN];
} SolicitFrame;

_Static_assert(sizeof(ArpFrame) == 42, "ArpFrame is the frame's format");
_Static_assert(sizeof(SolicitFrame) == QUESTION_SIZE_MAX, "SolicitFrame is the frame's format");

#define SOLICIT_SIZE (sizeof(SolicitFrame) - offsetof(SolicitFrame, solicit))

static struct ether_header ethernet_header(const Question *question, uint16_t type) {
        struct ether_header header = { .ether_type = htons(type) };

        memcpy(header.ether_dhost, question->to.bytes, ETH_ALEN);
        memcpy(header.ether_shost, question->from.bytes, ETH_ALEN);
        return header;
}

static size_t arp_frame(const Question *question, uint8_t *buffer) {
        ArpFrame frame = {
                .ethernet = ethernet_header(question, ETHERTYPE_ARP),
                .arp.arp_hrd = htons(ARPHRD_ETHER),
                .arp.arp_pro = htons(ETHERTYPE_IP),
                .arp.arp_hln = ETH_ALEN,
                .arp.arp_pln = 4,
                .arp.arp_op = htons(ARPOP_REQUEST),
        };

        memcpy(frame.arp.arp_sha, question->from.bytes, ETH_ALEN);
        memcpy(frame.arp.arp_spa, question->from_address.bytes, 4);
        memcpy(frame.arp.arp_tpa, question->address.bytes, 4);
        memcpy(buffer, &frame, sizeof(frame));
        return sizeof(frame);
}

static uint32_t sum(uint32_t start, const void *data, size_t size) {
        const uint8_t *bytes = data;

        for (size_t i = 0; i + 1 < size; i += 2)
                start += (uint32_t) bytes[i] << 8 | bytes[i + 1];
        return start;
}

/* The checksum over the message and the addresses (RFC 4443). */
static uint16_t checksum(const SolicitFrame *frame) {
        uint32_t s = SOLICIT_SIZE + IPPROTO_ICMPV6;

        s = sum(s, &frame->ip.ip6_src, sizeof(frame->ip.ip6_src));
        s = sum(s, &frame->ip.ip6_dst, sizeof(frame->ip.ip6_dst));
        s = sum(s, (const uint8_t *) frame + offsetof(SolicitFrame, solicit), SOLICIT_SIZE);
        while (s > UINT16_MAX)
                s = (s & UINT16_MAX) + (s >> 16);
        return htons((uint16_t) ~s);
}

/* Sent to the address itself, as when a kernel checks a known neighbour. */
static size_t solicit_frame(const Question *question, uint8_t *buffer) {
        SolicitFrame frame = {
                .ethernet = ethernet_header(question, ETHERTYPE_IPV6),
                .ip.ip6_flow = htonl(UINT32_C(6) << 28),
                .ip.ip6_plen = htons(SOLICIT_SIZE),
                .ip.ip6_nxt = IPPROTO_ICMPV6,
                .ip.ip6_hlim = 255,
                .solicit.nd_ns_type = ND_NEIGHBOR_SOLICIT,
                .option.nd_opt_type = ND_OPT_SOURCE_LINKADDR,
                .option.nd_opt_len = 1,
        };

        memcpy(&frame.ip.ip6_src, question->from_address.bytes, sizeof(frame.ip.ip6_src));
        memcpy(&frame.ip.ip6_dst, question->address.bytes, sizeof(frame.ip.ip6_dst));
        memcpy(&frame.solicit.nd_ns_target, question->address.bytes, sizeof(frame.solicit.nd_ns_target));
        memcpy(frame.from, question->from.bytes, ETH_ALEN);
        frame.solicit.nd_ns_cksum = checksum(&frame);
        memcpy(buffer, &frame, sizeof(frame));
        return sizeof(frame);
}

size_t question_frame(const Question *question, uint8_t buffer[static QUESTION_SIZE_MAX]) {
        return question->address.family == AF_INET ? arp_frame(question, buffer) :
                                                     solicit_frame(question, buffer);
}
