/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Claims in frames.  Checksums aren't verified: frames of virtual network cards often have none yet.
 */

#include "seen/frame.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <string.h>

#include "util/util.h"

#define ND_HOP_LIMIT 255
#define ND_OPTION_UNIT 8

#define DHCP_SERVER_PORT 67
#define DHCP_MAGIC UINT32_C(0x63825363)
#define DHCP_PAD 0
#define DHCP_REQUESTED_ADDRESS 50
#define DHCP_MESSAGE_TYPE 53
#define DHCP_END 255
#define DHCP_REQUEST 3
#define BOOTP_REQUEST 1

/* The rest of a frame. */
typedef struct Bytes {
        const uint8_t *data;
        size_t size;
} Bytes;

/* Takes n bytes from the front. */
static bool take(Bytes *bytes, void *ret, size_t n) {
        if (bytes->size < n)
                return false;
        memcpy(ret, bytes->data, n);
        bytes->data += n;
        bytes->size -= n;
        return true;
}

static bool skip(Bytes *bytes, size_t n) {
        if (bytes->size < n)
                return false;
        bytes->data += n;
        bytes->size -= n;
        return true;
}

static bool all_zero(const void *bytes, size_t n) {
        const uint8_t *b = bytes;

        for (size_t i = 0; i < n; i++)
                if (b[i] != 0)
                        return false;
        return true;
}

static bool mac_is_multicast(const MacAddress *mac) {
        return mac->bytes[0] & 1;
}

static bool mac_is(const MacAddress *mac, const uint8_t *bytes) {
        return memcmp(mac->bytes, bytes, sizeof(mac->bytes)) == 0;
}

static void claim_set_address(Claim *claim, uint8_t family, const void *bytes) {
        claim->address = (Address) { .family = family };
        memcpy(claim->address.bytes, bytes, address_length(family));
}

const char *claim_source_name(ClaimSource source) {
        static const char *const names[] = { [CLAIM_ARP] = "arp", [CLAIM_ND] = "nd", [CLAIM_DHCP] = "dhcp" };

        return names[source];
}

/* ---- ARP (RFC 826, RFC 5227) ---- */

static bool arp_read(Bytes rest, Claim *claim) {
        struct ether_arp arp;
        uint16_t operation;

        if (!take(&rest, &arp, sizeof(arp)))
                return false;
        operation = ntohs(arp.arp_op);
        if (ntohs(arp.arp_hrd) != ARPHRD_ETHER || ntohs(arp.arp_pro) != ETHERTYPE_IP ||
                        arp.arp_hln != sizeof(arp.arp_sha) || arp.arp_pln != sizeof(arp.arp_spa) ||
                        !mac_is(&claim->mac, arp.arp_sha))
                return false;
        if (operation != ARPOP_REQUEST && operation != ARPOP_REPLY)
                return false;
        claim->by = CLAIM_ARP;
        claim->in_use = !all_zero(arp.arp_spa, sizeof(arp.arp_spa));
        claim->answer = operation == ARPOP_REPLY && !mac_is_multicast(&claim->to);
        claim_set_address(claim, AF_INET, claim->in_use ? arp.arp_spa : arp.arp_tpa);
        return claim->in_use || operation == ARPOP_REQUEST;
}

/* ---- neighbour discovery (RFC 4861, RFC 4862) ---- */

/* Whether the options are well-formed, and those of the given type have the sender's MAC address. */
static bool nd_options_agree(Bytes options, uint8_t type, const MacAddress *mac) {
        while (options.size > 0) {
                struct nd_opt_hdr header;
                Bytes option = options;
                size_t size;

                if (!take(&option, &header, sizeof(header)))
                        return false;
                size = (size_t) header.nd_opt_len * ND_OPTION_UNIT;
                if (size == 0 || !skip(&options, size))
                        return false;
                if (header.nd_opt_type == type && !mac_is(mac, option.data))
                        return false;
        }
        return true;
}

/* The size of a message's fixed part; 0: an unknown type. */
static size_t nd_size(uint8_t type) {
        switch (type) {
        case ND_ROUTER_SOLICIT:
                return sizeof(struct nd_router_solicit);
        case ND_ROUTER_ADVERT:
                return sizeof(struct nd_router_advert);
        case ND_NEIGHBOR_SOLICIT:
                return sizeof(struct nd_neighbor_solicit);
        case ND_NEIGHBOR_ADVERT:
                return sizeof(struct nd_neighbor_advert);
        default:
                return 0;
        }
}

static bool nd_read_neighbour(const struct nd_neighbor_advert *n, const struct in6_addr *source,
                Claim *claim) {
        bool advert = n->nd_na_type == ND_NEIGHBOR_ADVERT;
        /* A node without a source address checks whether another one has the address that it wants. */
        bool probe = !advert && IN6_IS_ADDR_UNSPECIFIED(source);

        claim->in_use = !probe;
        claim->answer = advert && (n->nd_na_flags_reserved & ND_NA_FLAG_SOLICITED) &&
                        !mac_is_multicast(&claim->to);
        claim_set_address(claim, AF_INET6, advert || probe ? &n->nd_na_target : source);
        return true;
}

static bool nd_read(Bytes rest, Claim *claim) {
        struct nd_neighbor_advert message = { 0 };
        struct ip6_hdr ip;
        size_t size;
        Bytes options;

        if (!take(&rest, &ip, sizeof(ip)) || ip.ip6_vfc >> 4 != 6 || ip.ip6_nxt != IPPROTO_ICMPV6 ||
                        ip.ip6_hlim != ND_HOP_LIMIT || rest.size < ntohs(ip.ip6_plen))
                return false;
        rest.size = ntohs(ip.ip6_plen);
        size = rest.size > 0 ? nd_size(rest.data[0]) : 0;
        options = rest;
        if (size == 0 || !skip(&options, size))
                return false;
        memcpy(&message, rest.data, MIN2(size, sizeof(message)));
        if (message.nd_na_code != 0 ||
                        !nd_options_agree(options,
                                        message.nd_na_type == ND_NEIGHBOR_ADVERT ? ND_OPT_TARGET_LINKADDR :
                                                                                   ND_OPT_SOURCE_LINKADDR,
                                        &claim->mac))
                return false;
        claim->by = CLAIM_ND;
        if (message.nd_na_type == ND_NEIGHBOR_SOLICIT || message.nd_na_type == ND_NEIGHBOR_ADVERT)
                return nd_read_neighbour(&message, &ip.ip6_src, claim);
        claim->in_use = true;
        claim->answer = false;
        claim_set_address(claim, AF_INET6, &ip.ip6_src);
        return true;
}

/* ---- DHCP (RFC 2131) ---- */

/* The fixed part of a message, including the magic number before the options. */
typedef struct DhcpMessage {
        uint8_t operation, hardware_type, hardware_length, hops;
        uint32_t id;
        uint16_t seconds, flags;
        struct in_addr client, your, server, relay;
        uint8_t hardware[16];
        char server_name[64], file[128];
        uint32_t magic;
} DhcpMessage;

_Static_assert(sizeof(DhcpMessage) == 240, "DhcpMessage is the message's format");

/* Finds the message type, and the requested address if there is one. */
static bool dhcp_read_options(Bytes options, uint8_t *ret_type, struct in_addr *requested) {
        uint8_t code, length, type = 0;

        while (take(&options, &code, sizeof(code)) && code != DHCP_END) {
                Bytes option;

                if (code == DHCP_PAD)
                        continue;
                if (!take(&options, &length, sizeof(length)))
                        return false;
                option = (Bytes) { .data = options.data, .size = length };
                if (!skip(&options, length))
                        return false;
                if (code == DHCP_MESSAGE_TYPE && !take(&option, &type, sizeof(type)))
                        return false;
                if (code == DHCP_REQUESTED_ADDRESS && !take(&option, requested, sizeof(*requested)))
                        return false;
        }
        *ret_type = type;
        return true;
}

/* A client that renews its lease already has the address, and requests no other. */
static bool dhcp_read_message(Bytes rest, Claim *claim) {
        struct in_addr address;
        DhcpMessage message;
        uint8_t type;

        if (!take(&rest, &message, sizeof(message)) || message.operation != BOOTP_REQUEST ||
                        message.hardware_type != ARPHRD_ETHER ||
                        message.hardware_length != sizeof(claim->mac) || message.relay.s_addr != 0 ||
                        ntohl(message.magic) != DHCP_MAGIC || !mac_is(&claim->mac, message.hardware))
                return false;
        address = message.client;
        if (!dhcp_read_options(rest, &type, &address) || type != DHCP_REQUEST)
                return false;
        claim->by = CLAIM_DHCP;
        claim->in_use = claim->answer = false;
        claim_set_address(claim, AF_INET, &address);
        return true;
}

static bool dhcp_read(Bytes rest, Claim *claim) {
        struct udphdr udp;
        struct iphdr ip;

        if (!take(&rest, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5 || ip.protocol != IPPROTO_UDP ||
                        (ntohs(ip.frag_off) & (IP_MF | IP_OFFMASK)) || !skip(&rest, (ip.ihl - 5U) * 4U))
                return false;
        return take(&rest, &udp, sizeof(udp)) && ntohs(udp.uh_dport) == DHCP_SERVER_PORT &&
               dhcp_read_message(rest, claim);
}

/* ---- any frame ---- */

static bool payload_read(uint16_t type, Bytes rest, Claim *claim) {
        switch (type) {
        case ETHERTYPE_ARP:
                return arp_read(rest, claim);
        case ETHERTYPE_IPV6:
                return nd_read(rest, claim);
        case ETHERTYPE_IP:
                return dhcp_read(rest, claim);
        default:
                return false;
        }
}

bool frame_read(const uint8_t *frame, size_t size, Claim *ret) {
        Bytes rest = { .data = frame, .size = size };
        struct ether_header ethernet;
        Claim claim = { 0 };

        if (!take(&rest, &ethernet, sizeof(ethernet)))
                return false;
        memcpy(&claim.mac, ethernet.ether_shost, sizeof(claim.mac));
        memcpy(&claim.to, ethernet.ether_dhost, sizeof(claim.to));
        if (mac_is_multicast(&claim.mac) || all_zero(&claim.mac, sizeof(claim.mac)) ||
                        !payload_read(ntohs(ethernet.ether_type), rest, &claim) ||
                        !address_is_guests(claim.address.family, claim.address.bytes))
                return false;
        *ret = claim;
        return true;
}
