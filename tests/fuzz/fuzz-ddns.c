/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What libvirt-resolve-ddns reads that others wrote: a key file, a state file, the server's answers, signed
 * and not, the records of a zone, and the guests.  The first byte says which.
 */

#include <assert.h>
#include <string.h>

#include "ddns/answer.h"
#include "ddns/selection.h"
#include "ddns/state-file.h"
#include "ddns/update.h"
#include "ddns/zone-list.h"
#include "input.h"
#include "problems.h"

#define TEXT_MAX 8192

static const Key key = { .algorithm = "hmac-sha256.", .name = "guests", .secret = "c2VjcmV0" };

static const Config config = {
        .selection = {
                .interfaces = { "br0" },
                .n_interfaces = 1,
                .zones = { "lab.test", "51.198.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa" },
                .n_zones = 3,
                .hostnames = true,
        },
        .host = "a",
        .ttl = 60,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The step fits into a message of its zone. */
static void check_step(Step step, const char *owner, size_t zone, const json_t *entry) {
        _cleanup_(update_done) Update u = { 0 };

        assert(zone < config.selection.n_zones);
        assert(update_init(&u, config.selection.zones[zone], zone > 0, config.host, config.ttl) == 0);
        assert(update_add(&u, step, owner, entry) == 0);
}

static void read_key(Input *in) {
        char text[TEXT_MAX];
        const char *reason = NULL;
        Key read;

        if (key_parse(input_text(in, text, sizeof(text)), &read, &reason) < 0) {
                check_printable(reason);
                return;
        }
        assert(memchr(read.algorithm, '\0', sizeof(read.algorithm)) && strchr(read.algorithm, '.'));
        assert(strnlen(read.name, sizeof(read.name)) < sizeof(read.name));
        assert(strnlen(read.secret, sizeof(read.secret)) < sizeof(read.secret));
}

static void read_state(Input *in) {
        _cleanup_(json_decrefp) json_t *document =
                        json_loadb((const char *) in->data, in->size, JSON_DECODE_ANY, NULL);
        Entries entries = { 0 };
        uint32_t ttl;

        if (state_parse(&config, document, &entries, &ttl) == 0)
                for (size_t i = 0; i < entries.n; i++) {
                        const Entry *entry = entries.entries[i];

                        assert(i == 0 || strcmp(entries.entries[i - 1]->owner, entry->owner) < 0);
                        check_step(STEP_REMOVE, entry->owner, entry->zone, NULL);
                }
        else
                assert(!json_is_object(document) && entries.n == 0);
        entries_done(&entries);
}

static ldns_pkt *make_query(uint16_t id) {
        _cleanup_(update_done) Update u = { 0 };
        ldns_pkt *query;

        assert(update_init(&u, "lab.test", false, "a", 60) == 0);
        query = update_sign(&u, &key);
        assert(query);
        ldns_pkt_set_id(query, id);
        return query;
}

/* Nobody else can sign. */
static void read_answer(Input *in) {
        uint16_t id = in->size >= 2 ? (uint16_t) (in->data[0] << 8 | in->data[1]) : 0;
        ldns_pkt *query = make_query(id);
        const char *reason = NULL;

        assert(answer_judge(in->data, in->size, query, &key, &reason) == ANSWER_REFUSED);
        check_printable(reason);
        ldns_pkt_free(query);
}

/* The server's own, whatever else is in it. */
static void read_signed_answer(Input *in) {
        _cleanup_(freep) uint8_t *wire = NULL;
        const char *reason = NULL;
        ldns_pkt *answer, *query;
        size_t size;

        if (ldns_wire2pkt(&answer, in->data, in->size) != LDNS_STATUS_OK)
                return;
        query = make_query(ldns_pkt_id(answer));
        ldns_pkt_set_qr(answer, true);
        if (!ldns_pkt_tsig(answer) &&
                        ldns_pkt_tsig_sign(answer, key.name, key.secret, 300, key.algorithm,
                                        ldns_rr_rdf(ldns_pkt_tsig(query), 3)) == LDNS_STATUS_OK &&
                        ldns_pkt2wire(&wire, answer, &size) == LDNS_STATUS_OK) {
                Answer result = answer_judge(wire, size, query, &key, &reason);

                assert(result != ANSWER_LOST && (result == ANSWER_REFUSED) == (reason != NULL));
                assert(result != ANSWER_DONE || ldns_pkt_get_rcode(answer) == LDNS_RCODE_NOERROR);
        }
        ldns_pkt_free(answer);
        ldns_pkt_free(query);
}

static void read_zone(Input *in) {
        ldns_rr_list *records;
        ldns_pkt *answer;

        if (ldns_wire2pkt(&answer, in->data, in->size) != LDNS_STATUS_OK)
                return;
        records = ldns_pkt_answer(answer);
        for (size_t i = 0; i < ldns_rr_list_rr_count(records); i++) {
                _cleanup_(freep) char *owner = zone_list_owner(ldns_rr_list_rr(records, i), config.host);

                if (owner && owner_is_valid(owner))
                        check_step(STEP_REMOVE, owner, 0, NULL);
        }
        ldns_pkt_free(answer);
}

/* What is selected can be sent. */
static void read_guests(Input *in) {
        _cleanup_(json_decrefp) json_t *guests =
                        json_loadb((const char *) in->data, in->size, JSON_DECODE_ANY, NULL);
        _cleanup_(json_decrefp) json_t *wanted = NULL;
        const char *owner;
        json_t *entry;

        if (!guests)
                return;
        assert(selection_make(&config.selection, guests, guests, &wanted) == 0);
        json_object_foreach (wanted, owner, entry)
                for (Step step = STEP_CHECK; step <= STEP_REMOVE; step++)
                        check_step(step, owner, (size_t) json_integer_value(json_object_get(entry, "zone")),
                                        entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static void (*const readers[])(Input *) = {
                read_key, read_state, read_answer, read_signed_answer, read_zone, read_guests,
        };
        Input in = { .data = data, .size = size };

        readers[input_byte(&in) % ELEMENTS(readers)](&in);
        return 0;
}
