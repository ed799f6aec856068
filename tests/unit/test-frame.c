/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a frame says about its sender, and the frames of questions.
 */

#include <arpa/inet.h>
#include <string.h>

#include "seen/frame.h"
#include "seen/question.h"
#include "unit.h"
#include "util/util.h"

#define GUEST "\x52\x54\x00\x00\x00\x01"
#define BRIDGE "\x52\x54\x00\x00\x00\xfe"
#define OTHER "\x52\x54\x00\x00\x00\x02"
#define EVERYBODY "\xff\xff\xff\xff\xff\xff"
#define NOBODY "\0\0\0\0\0\0"

/* 10.9.0.21, 10.9.0.1, fe80::1, fd09::21, fd09::1 */
#define A4 "\x0a\x09\x00\x15"
#define H4 "\x0a\x09\x00\x01"
#define ZERO4 "\0\0\0\0"
#define ZERO16 ZERO4 ZERO4 ZERO4 ZERO4
#define LOCAL6 "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
#define A6 "\xfd\x09\0\0\0\0\0\0\0\0\0\0\0\0\0\x21"
#define H6 "\xfd\x09\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"

#define ARP_HEAD "\x08\x06\x00\x01\x08\x00\x06\x04"
#define ARP_REQUEST EVERYBODY GUEST ARP_HEAD "\x00\x01"
#define ARP_REPLY BRIDGE GUEST ARP_HEAD "\x00\x02"

/* IPv6 with a payload of 32 bytes, or 24; ICMPv6 of a type. */
#define ND(to, source, length, type) \
        to GUEST "\x86\xdd\x60\x00\x00\x00\x00" length "\x3a\xff" source A6 type "\x00\x00\x00"
#define FLAGS_NONE "\x00\x00\x00\x00"
#define FLAGS_SOLICITED "\x60\x00\x00\x00"
#define SOURCE_MAC "\x01\x01"
#define TARGET_MAC "\x02\x01"

/* From here: IPv4 of UDP to port 67, with the message up to the magic number; 16 × 12 bytes of names. */
#define ZERO48 ZERO16 ZERO16 ZERO16
#define DHCP_HEAD(flags, port, client, relay, mac)                                                           \
        EVERYBODY GUEST "\x08\x00\x45\x00\x01\x10\x00\x00" flags "\x40\x11\x00\x00" ZERO4 "\xff\xff\xff\xff" \
                        "\x00\x44\x00" port "\x00\xfc\x00\x00"                                               \
                        "\x01\x01\x06\x00"                                                                   \
                        "\x12\x34\x56\x78" ZERO4 client ZERO4 ZERO4 relay mac NOBODY ZERO4 ZERO48 ZERO48     \
                                        ZERO48 ZERO48 "\x63\x82\x53\x63"
#define DHCP(client) DHCP_HEAD("\x00\x00", "\x43", client, ZERO4, GUEST)
#define REQUESTED "\x32\x04" A4

#define FRAME(bytes) (const uint8_t *) (bytes), sizeof(bytes) - 1

static const struct {
        const uint8_t *frame;
        size_t size;
        const char *address; /* NULL: it says nothing */
        ClaimSource by;
        bool in_use, answer;
} frames[] = {
        /* ARP: a request, a gratuitous one, a probe, a reply, one to everybody */
        { FRAME(ARP_REQUEST GUEST A4 NOBODY H4), "10.9.0.21", CLAIM_ARP, true, false },
        { FRAME(ARP_REQUEST GUEST A4 NOBODY A4), "10.9.0.21", CLAIM_ARP, true, false },
        { FRAME(ARP_REQUEST GUEST ZERO4 NOBODY A4), "10.9.0.21", CLAIM_ARP, false, false },
        { FRAME(ARP_REPLY GUEST A4 BRIDGE H4), "10.9.0.21", CLAIM_ARP, true, true },
        { FRAME(EVERYBODY GUEST ARP_HEAD "\x00\x02" GUEST A4 BRIDGE H4), "10.9.0.21", CLAIM_ARP, true,
                        false },
        /* padding doesn't matter */
        { FRAME(ARP_REQUEST GUEST A4 NOBODY H4 ZERO16 "\0\0"), "10.9.0.21", CLAIM_ARP, true, false },
        /* of another one, of nobody, of a group; a reply to a probe; an unknown operation; truncated */
        { FRAME(ARP_REQUEST OTHER A4 NOBODY H4), NULL },
        { FRAME(EVERYBODY NOBODY ARP_HEAD "\x00\x01" NOBODY A4 NOBODY H4), NULL },
        { FRAME(EVERYBODY EVERYBODY ARP_HEAD "\x00\x01" EVERYBODY A4 NOBODY H4), NULL },
        { FRAME(ARP_REPLY GUEST ZERO4 BRIDGE A4), NULL },
        { FRAME(EVERYBODY GUEST ARP_HEAD "\x00\x03" GUEST A4 NOBODY H4), NULL },
        { FRAME(ARP_REQUEST GUEST A4 NOBODY "\x0a\x09\x00"), NULL },
        /* not for IPv4 over Ethernet */
        { FRAME(EVERYBODY GUEST "\x08\x06\x00\x06\x08\x00\x06\x04\x00\x01" GUEST A4 NOBODY H4), NULL },
        { FRAME(EVERYBODY GUEST "\x08\x06\x00\x01\x86\xdd\x06\x04\x00\x01" GUEST A4 NOBODY H4), NULL },
        { FRAME(EVERYBODY GUEST "\x08\x06\x00\x01\x08\x00\x06\x10\x00\x01" GUEST A4 NOBODY H4), NULL },
        /* addresses that no guest has */
        { FRAME(ARP_REQUEST GUEST "\x7f\0\0\x01" NOBODY H4), NULL },
        { FRAME(ARP_REQUEST GUEST "\xe0\0\0\x01" NOBODY H4), NULL },
        { FRAME(ARP_REQUEST GUEST ZERO4 NOBODY ZERO4), NULL },

        /* solicitations: from an address, and before one is taken */
        { FRAME(ND("\x33\x33\xff\0\0\x01", LOCAL6, "\x20", "\x87") FLAGS_NONE H6 SOURCE_MAC GUEST), "fe80::1",
                        CLAIM_ND, true, false },
        { FRAME(ND("\x33\x33\xff\0\0\x21", ZERO16, "\x18", "\x87") FLAGS_NONE A6), "fd09::21", CLAIM_ND,
                        false, false },
        { FRAME(ND("\x33\x33\xff\0\0\x21", ZERO16, "\x20", "\x87") FLAGS_NONE A6 "\x0e\x01\1\2\3\4\5\6"),
                        "fd09::21", CLAIM_ND, false, false },
        /* advertisements: an answer, one to everybody, one that nobody asked for */
        { FRAME(ND(BRIDGE, LOCAL6, "\x20", "\x88") FLAGS_SOLICITED A6 TARGET_MAC GUEST), "fd09::21", CLAIM_ND,
                        true, true },
        { FRAME(ND(BRIDGE, LOCAL6, "\x18", "\x88") FLAGS_SOLICITED A6), "fd09::21", CLAIM_ND, true, true },
        { FRAME(ND("\x33\x33\0\0\0\x01", LOCAL6, "\x20", "\x88") FLAGS_SOLICITED A6 TARGET_MAC GUEST),
                        "fd09::21", CLAIM_ND, true, false },
        { FRAME(ND(BRIDGE, LOCAL6, "\x20", "\x88") FLAGS_NONE A6 TARGET_MAC GUEST), "fd09::21", CLAIM_ND,
                        true, false },
        /* routers, and who asks for them */
        { FRAME(ND("\x33\x33\0\0\0\x02", LOCAL6, "\x10", "\x85") FLAGS_NONE SOURCE_MAC GUEST), "fe80::1",
                        CLAIM_ND, true, false },
        { FRAME(ND("\x33\x33\0\0\0\x01", LOCAL6, "\x10", "\x86") FLAGS_NONE ZERO4 ZERO4), "fe80::1", CLAIM_ND,
                        true, false },
        { FRAME(ND("\x33\x33\0\0\0\x02", ZERO16, "\x08", "\x85") FLAGS_NONE), NULL },
        /* the option names another one; has no length; is longer than the message; the message than the frame
         */
        { FRAME(ND(BRIDGE, LOCAL6, "\x20", "\x88") FLAGS_SOLICITED A6 TARGET_MAC OTHER), NULL },
        { FRAME(ND(BRIDGE, LOCAL6, "\x20", "\x87") FLAGS_NONE A6 SOURCE_MAC OTHER), NULL },
        { FRAME(ND(BRIDGE, LOCAL6, "\x20", "\x88") FLAGS_SOLICITED A6 "\x02\x00" GUEST), NULL },
        { FRAME(ND(BRIDGE, LOCAL6, "\x20", "\x88") FLAGS_SOLICITED A6 "\x02\x02" GUEST), NULL },
        { FRAME(ND(BRIDGE, LOCAL6, "\x19", "\x88") FLAGS_SOLICITED A6 "\x02"), NULL },
        { FRAME(ND(BRIDGE, LOCAL6, "\x21", "\x88") FLAGS_SOLICITED A6 TARGET_MAC GUEST), NULL },
        { FRAME(ND(BRIDGE, LOCAL6, "\x17", "\x88") FLAGS_SOLICITED A6), NULL },
        { FRAME(ND(BRIDGE, LOCAL6, "\x00", "\x88") FLAGS_SOLICITED A6), NULL },
        /* of another type, or routed */
        { FRAME(ND(BRIDGE, LOCAL6, "\x18", "\x80") FLAGS_NONE A6), NULL },
        { FRAME(BRIDGE GUEST "\x86\xdd\x60\0\0\0\0\x18\x3a\xfe" LOCAL6 A6 "\x88\0\0\0" FLAGS_SOLICITED A6),
                        NULL },
        { FRAME(BRIDGE GUEST "\x86\xdd\x60\0\0\0\0\x18\x11\xff" LOCAL6 A6 "\x88\0\0\0" FLAGS_SOLICITED A6),
                        NULL },
        { FRAME(BRIDGE GUEST "\x86\xdd\x40\0\0\0\0\x18\x3a\xff" LOCAL6 A6 "\x88\0\0\0" FLAGS_SOLICITED A6),
                        NULL },
        /* multicast, and IPv4 as IPv6 */
        { FRAME(ND(BRIDGE, LOCAL6, "\x18", "\x88") FLAGS_NONE "\xff\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"),
                        NULL },
        { FRAME(ND(BRIDGE, LOCAL6, "\x18", "\x88") FLAGS_NONE "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\x09\0\x15"),
                        NULL },

        /* DHCP requests: for an offer, for the lease that the client has */
        { FRAME(DHCP(ZERO4) "\x35\x01\x03" REQUESTED "\xff"), "10.9.0.21", CLAIM_DHCP, false, false },
        { FRAME(DHCP(ZERO4) "\x00" REQUESTED "\x35\x01\x03"), "10.9.0.21", CLAIM_DHCP, false, false },
        { FRAME(DHCP(A4) "\x35\x01\x03\xff"), "10.9.0.21", CLAIM_DHCP, false, false },
        /* a discovery; without an address; truncated options */
        { FRAME(DHCP(ZERO4) "\x35\x01\x01" REQUESTED "\xff"), NULL },
        { FRAME(DHCP(ZERO4) "\x35\x01\x03\xff"), NULL },
        { FRAME(DHCP(ZERO4) "\x35\x01\x03\x32\x04\x0a\x09"), NULL },
        { FRAME(DHCP(ZERO4) "\x35\x00" REQUESTED "\xff"), NULL },
        { FRAME(DHCP(ZERO4) "\x35\x01\x03\x32\x02\x0a\x09\xff"), NULL },
        { FRAME(DHCP(ZERO4) "\x35"), NULL },
        { FRAME(DHCP(ZERO4)), NULL },
        /* a fragment; another port; relayed; for another client */
        { FRAME(DHCP_HEAD("\x20\x00", "\x43", ZERO4, ZERO4, GUEST) "\x35\x01\x03" REQUESTED "\xff"), NULL },
        { FRAME(DHCP_HEAD("\x00\x01", "\x43", ZERO4, ZERO4, GUEST) "\x35\x01\x03" REQUESTED "\xff"), NULL },
        { FRAME(DHCP_HEAD("\x00\x00", "\x44", ZERO4, ZERO4, GUEST) "\x35\x01\x03" REQUESTED "\xff"), NULL },
        { FRAME(DHCP_HEAD("\x00\x00", "\x43", ZERO4, H4, GUEST) "\x35\x01\x03" REQUESTED "\xff"), NULL },
        { FRAME(DHCP_HEAD("\x00\x00", "\x43", ZERO4, ZERO4, OTHER) "\x35\x01\x03" REQUESTED "\xff"), NULL },

        { FRAME(EVERYBODY GUEST "\x08\x06"), NULL },
        { FRAME(EVERYBODY GUEST "\x08"), NULL },
        { FRAME(EVERYBODY GUEST "\x88\xb5" ZERO16 ZERO16), NULL },
        { FRAME(""), NULL },
};

START_TEST(frame_is_read) {
        uint8_t *copy = malloc(MAX2(frames[_i].size, 1U)); /* a byte too many is one of nobody's */
        Claim claim = { .by = 77 };
        char text[ADDRESS_TEXT_MAX];

        memcpy(copy, frames[_i].frame, frames[_i].size);
        ck_assert_int_eq(frame_read(copy, frames[_i].size, &claim), frames[_i].address != NULL);
        free(copy);
        if (!frames[_i].address) {
                ck_assert_int_eq(claim.by, 77);
                return;
        }
        ck_assert_str_eq(address_format(&claim.address, text), frames[_i].address);
        ck_assert_mem_eq(&claim.mac, GUEST, 6);
        ck_assert_mem_eq(&claim.to, frames[_i].frame, 6);
        ck_assert_int_eq(claim.by, frames[_i].by);
        ck_assert_int_eq(claim.in_use, frames[_i].in_use);
        ck_assert_int_eq(claim.answer, frames[_i].answer);
}
END_TEST

static Question question(const char *address, const char *from) {
        Question q = { .tap = 4 };

        memcpy(&q.to, GUEST, 6);
        memcpy(&q.from, BRIDGE, 6);
        ck_assert_int_eq(address_parse(address, &q.address), 0);
        ck_assert_int_eq(address_parse(from, &q.from_address), 0);
        return q;
}

START_TEST(question_of_arp) {
        static const char expected[] = GUEST BRIDGE ARP_HEAD "\x00\x01" BRIDGE H4 NOBODY A4;
        const Question q = question("10.9.0.21", "10.9.0.1");
        uint8_t frame[QUESTION_SIZE_MAX];

        ck_assert_uint_eq(question_frame(&q, frame), sizeof(expected) - 1);
        ck_assert_mem_eq(frame, expected, sizeof(expected) - 1);
}
END_TEST

START_TEST(question_of_neighbour_discovery) {
        static const char expected[] =
                        GUEST BRIDGE "\x86\xdd\x60\0\0\0\0\x20\x3a\xff" H6 A6 "\x87\x00\x82\x3c" FLAGS_NONE A6
                        SOURCE_MAC BRIDGE;
        const Question q = question("fd09::21", "fd09::1");
        uint8_t frame[QUESTION_SIZE_MAX];
        uint32_t sum = 32 + 58;

        ck_assert_uint_eq(question_frame(&q, frame), sizeof(expected) - 1);
        /* all but the checksum, which makes the sum of all that it covers 0xffff */
        ck_assert_mem_eq(frame, expected, 56);
        ck_assert_mem_eq(frame + 58, expected + 58, sizeof(expected) - 1 - 58);
        for (size_t i = 22; i < sizeof(expected) - 1; i += 2)
                sum += (uint32_t) frame[i] << 8 | frame[i + 1];
        ck_assert_uint_eq((sum & 0xffff) + (sum >> 16), 0xffff);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("frame");

        tcase_add_loop_test(tcase, frame_is_read, 0, ELEMENTS(frames));
        tcase_add_test(tcase, question_of_arp);
        tcase_add_test(tcase, question_of_neighbour_discovery);
        return unit_run("frame", tcase);
}
