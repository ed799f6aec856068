/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Any frames on a bridge, with what the bridge learns of their senders: each is a byte that says where it
 * came by, half its size as a byte, and its bytes.
 */

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include "input.h"
#include "seen/facts.h"
#include "seen/frame.h"

#define STEPS_MAX 256U
#define USEC_PER_STEP UINT64_C(100000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static HostAddress own[] = {
        { .address = { AF_INET, { 10, 9, 0, 1 } }, .prefix_length = 24, .interface = "br0" },
        { .address = { AF_INET6, { 0xfe, 0x80, [15] = 1 } }, .prefix_length = 64, .interface = "br0" },
};
static const HostAddresses host = { .n_addresses = ELEMENTS(own), .addresses = own };

static Link all_links[] = {
        { .index = 2, .name = "br0", .is_bridge = true },
        { .index = 3, .name = "eth0", .master = 2 },
        { .index = 4, .name = "vnet1", .master = 2, .is_tap = true },
        { .index = 5, .name = "vnet2", .master = 2, .is_tap = true },
};
static const Links links = { .links = all_links, .n_links = ELEMENTS(all_links) };

static void check_claim(const uint8_t *frame, const Claim *claim) {
        assert(address_is_guests(claim->address.family, claim->address.bytes));
        assert(memcmp(&claim->mac, frame + 6, sizeof(claim->mac)) == 0);
        assert(memcmp(&claim->to, frame, sizeof(claim->to)) == 0);
        assert(!claim->answer || claim->in_use);
}

/* A question is never for a group, and can be asked from an address of the host's. */
static void check_question(const Question *q) {
        uint8_t frame[QUESTION_SIZE_MAX];
        Claim claim;
        size_t n = question_frame(q, frame);

        assert(n == (q->address.family == AF_INET ? 42 : QUESTION_SIZE_MAX));
        assert((q->to.bytes[0] & 1) == 0);
        assert(q->tap == 4 || q->tap == 5);
        assert(frame_read(frame, n, &claim));
        assert(address_compare(&claim.address, &q->from_address) == 0);
}

static void check_nics(const Bridge *b) {
        for (size_t i = 0; i < b->n_nics; i++) {
                const Nic *nic = b->nics[i];

                assert(i == 0 || memcmp(&b->nics[i - 1]->mac, &nic->mac, sizeof(nic->mac)) < 0);
                assert(nic->tap == 4 || nic->tap == 5);
                assert(nic_count(nic, SIGHTING_CONFIRMED, AF_INET) <= SEEN_NIC_MAX);
                assert(nic_count(nic, SIGHTING_CONFIRMED, AF_INET6) <= SEEN_NIC_MAX);
        }
        assert(b->n_nics <= 2 * SEEN_TAP_MACS_MAX);
}

static void check_facts(Bridge *b, Moment now) {
        json_t *facts = facts_of_bridge(b, &links);
        Bridge again = { .index = 2, .name = "br0", .n_taps = 2, .host = &host };
        Bridge *copy = malloc(sizeof(*copy));
        size_t n_confirmed = 0;

        assert(facts && copy);
        for (size_t i = 0; i < b->n_nics; i++)
                n_confirmed += nic_count(b->nics[i], SIGHTING_CONFIRMED, AF_UNSPEC);
        *copy = again;
        assert(facts_restore(copy, facts, &links, now) == n_confirmed);
        bridge_free(copy);
        json_decref(facts);
}

static void step(Bridge *b, Input *in, Moment now) {
        uint8_t where = input_byte(in), frame[2 * UINT8_MAX];
        size_t size = MIN2(2U * input_byte(in), in->size);
        Claim claim;
        Question q;

        input_bytes(in, frame, size);
        if (size >= 12) {
                MacAddress mac;

                memcpy(&mac, frame + 6, sizeof(mac));
                if (where & 0x80)
                        bridge_forgot(b, &mac, 3 + where % 3);
                else
                        bridge_learned(b, &mac, 3 + where % 3, where % 3 > 0, now);
        }
        if (frame_read(frame, size, &claim)) {
                check_claim(frame, &claim);
                bridge_claim(b, &claim, now);
        }
        while (bridge_next_question(b, now, &q))
                check_question(&q);
        assert(bridge_due(b, now) > now.usec);
        if (where & 0x40)
                bridge_remove_tap(b, 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input in = { data, size };
        Moment now = { .usec = 1000000000, .sec = 1800000000 };
        Bridge *b = malloc(sizeof(*b));

        assert(b);
        *b = (Bridge) { .index = 2,
                .name = "br0",
                .mac = { { 0x52, 0x54, 0, 0, 0, 0xfe } },
                .n_taps = 2,
                .host = &host };
        for (unsigned i = 0; i < STEPS_MAX && in.size > 0; i++) {
                step(b, &in, now);
                check_nics(b);
                now.usec += USEC_PER_STEP;
                now.sec = 1800000000 + (int64_t) (now.usec / 1000000 - 1000);
        }
        check_facts(b, now);
        bridge_free(b);
        return 0;
}
