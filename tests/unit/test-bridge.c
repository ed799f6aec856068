/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What counts of that which NICs on a bridge claim, when they are asked, and what is stated.
 */

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "seen/facts.h"
#include "unit.h"

#define BR0 2
#define ETH0 3
#define VNET1 4
#define VNET2 5
#define VNET3 6

#define MSEC UINT64_C(1000)
#define SEC UINT64_C(1000000)
#define EPOCH INT64_C(1800000000)

static const MacAddress bridge_mac = { { 0x52, 0x54, 0, 0, 0, 0xfe } };

static HostAddress own[] = {
        { .address = { AF_INET, { 10, 9, 0, 1 } }, .prefix_length = 24, .interface = "br0" },
        { .address = { AF_INET, { 10, 10, 0, 1 } }, .prefix_length = 24, .interface = "br1" },
        { .address = { AF_INET6, { 0xfd, 9, [15] = 1 } }, .prefix_length = 64, .interface = "br0" },
        { .address = { AF_INET6, { 0xfe, 0x80, [15] = 1 } }, .prefix_length = 64, .interface = "br0" },
};
static HostAddresses host = { .n_addresses = ELEMENTS(own), .addresses = own };

static Link all_links[] = {
        { .index = BR0, .name = "br0", .is_bridge = true },
        { .index = ETH0, .name = "eth0", .master = BR0 },
        { .index = VNET1, .name = "vnet1", .master = BR0, .is_tap = true },
        { .index = VNET2, .name = "vnet2", .master = BR0, .is_tap = true },
        { .index = VNET3, .name = "vnet3", .master = BR0, .is_tap = true },
};
static const Links links = { .links = all_links, .n_links = ELEMENTS(all_links) };

/* ---- a bridge at a time ---- */

static Bridge *b;
static Moment now;

static void set_up(void) {
        now = (Moment) { .usec = 1000 * SEC, .sec = EPOCH };
        b = calloc(1, sizeof(*b));
        *b = (Bridge) { .index = BR0, .name = "br0", .mac = bridge_mac, .n_taps = 3, .host = &host };
}

static void tear_down(void) {
        b = bridge_free(b);
}

/* Time goes by. */
static void pass(uint64_t usec) {
        uint64_t before = now.usec / SEC;

        now.usec += usec;
        now.sec += (int64_t) (now.usec / SEC - before);
}

static MacAddress mac(unsigned n) {
        return (MacAddress) { { 0x52, 0x54, 0, (uint8_t) (n >> 16), (uint8_t) (n >> 8), (uint8_t) n } };
}

static Address address(const char *text) {
        Address a;

        ck_assert_int_eq(address_parse(text, &a), 0);
        return a;
}

static void learned(unsigned n, int port) {
        MacAddress m = mac(n);

        bridge_learned(b, &m, port, port >= VNET1, now);
}

static void say(unsigned n, const char *text, bool in_use, bool answer) {
        const Claim claim = {
                .mac = mac(n),
                .to = answer ? bridge_mac : mac(0xffffff),
                .address = address(text),
                .by = strchr(text, ':') ? CLAIM_ND : CLAIM_ARP,
                .in_use = in_use,
                .answer = answer,
        };

        bridge_claim(b, &claim, now);
}

static void claim(unsigned n, const char *text) {
        say(n, text, true, false);
}

/* Whether a question is due, for that address of that NIC. */
static bool asks(unsigned n, const char *text) {
        MacAddress m = mac(n);
        Address a = address(text);
        Question q;

        if (!bridge_next_question(b, now, &q))
                return false;
        ck_assert_mem_eq(&q.to, &m, sizeof(m));
        ck_assert_int_eq(address_compare(&q.address, &a), 0);
        ck_assert_mem_eq(&q.from, &bridge_mac, sizeof(bridge_mac));
        ck_assert_int_eq(q.from_address.family, a.family);
        return true;
}

static bool is_quiet(void) {
        Question q;

        return !bridge_next_question(b, now, &q);
}

/* The NIC claims an address and answers for it. */
static void confirm(unsigned n, const char *text) {
        claim(n, text);
        ck_assert(asks(n, text));
        say(n, text, true, true);
}

/* What is stated, as one word an address: ADDRESS=TAP, and a mark for what is refused (!) or contested (?).
 */
static const char *stated(void) {
        static char text[16384];
        json_t *facts = facts_of_bridge(b, &links), *entry;
        size_t i, n = 0;

        text[0] = '\0';
        json_array_foreach(facts, i, entry)
                n += (size_t) snprintf(text + n, sizeof(text) - n, "%s%s=%s%s%s", i > 0 ? " " : "",
                                json_string_value(json_object_get(entry, "ip-address")),
                                json_string_value(json_object_get(entry, "tap")),
                                json_object_get(entry, "refused") ? "!" : "",
                                json_object_get(entry, "contested") ? "?" : "");
        json_decref(facts);
        return text;
}

static int64_t time_stated(const char *key) {
        json_t *facts = facts_of_bridge(b, &links);
        int64_t t = json_integer_value(json_object_get(json_array_get(facts, 0), key));

        json_decref(facts);
        return t;
}

/* ---- confirming ---- */

START_TEST(claim_is_confirmed) {
        learned(1, VNET1);
        claim(1, "10.9.0.21");
        ck_assert(!b->changed);
        pass(MSEC);
        ck_assert(asks(1, "10.9.0.21"));
        ck_assert(is_quiet());
        ck_assert_str_eq(stated(), "");
        pass(SEC / 2);
        say(1, "10.9.0.21", true, true);
        ck_assert(b->changed);
        ck_assert_str_eq(stated(), "10.9.0.21=vnet1");
        ck_assert_int_eq(time_stated("expiry-time"), now.sec + SEEN_LIFETIME_SEC);
}
END_TEST

START_TEST(claim_without_answer_is_forgotten) {
        learned(1, VNET1);
        claim(1, "10.9.0.21");
        ck_assert(asks(1, "10.9.0.21"));
        ck_assert_uint_eq(bridge_due(b, now), now.usec + SEC);
        pass(SEC);
        ck_assert(asks(1, "10.9.0.21"));
        pass(SEC);
        ck_assert(is_quiet());
        ck_assert_uint_eq(bridge_due(b, now), NEVER);
        /* too late, and never asked for */
        say(1, "10.9.0.21", true, true);
        ck_assert_str_eq(stated(), "");
        ck_assert(!b->changed);
}
END_TEST

START_TEST(wanted_address_is_waited_for) {
        learned(1, VNET1);
        say(1, "10.9.0.21", false, false);
        ck_assert(is_quiet());
        for (unsigned i = 0; i < 3; i++) {
                pass(bridge_due(b, now) - now.usec);
                ck_assert(asks(1, "10.9.0.21"));
        }
        ck_assert_uint_eq(now.usec, 1000 * SEC + 2400 * MSEC);
        pass(1200 * MSEC);
        ck_assert(is_quiet());
        ck_assert_uint_eq(bridge_due(b, now), NEVER);
}
END_TEST

START_TEST(wanted_address_that_is_taken_is_asked_for_at_once) {
        learned(1, VNET1);
        say(1, "fd09::21", false, false);
        claim(1, "fd09::21");
        ck_assert(asks(1, "fd09::21"));
}
END_TEST

START_TEST(only_an_answer_to_the_bridge_confirms) {
        learned(1, VNET1);
        claim(1, "10.9.0.21");
        ck_assert(asks(1, "10.9.0.21"));
        claim(1, "10.9.0.21");
        ck_assert_str_eq(stated(), "");
        bridge_claim(b, &(Claim) { .mac = mac(1), .to = mac(9), .address = address("10.9.0.21"),
                        .in_use = true, .answer = true },
                        now);
        ck_assert_str_eq(stated(), "");
        say(1, "10.9.0.22", true, true);
        ck_assert_str_eq(stated(), "");
}
END_TEST

START_TEST(answer_without_a_question_confirms_nothing) {
        learned(1, VNET1);
        say(1, "10.9.0.21", true, true);
        say(1, "10.9.0.21", true, true);
        ck_assert_str_eq(stated(), "");
}
END_TEST

/* ---- places ---- */

START_TEST(unknown_and_foreign_places_count_nothing) {
        claim(1, "10.9.0.21");
        learned(2, ETH0);
        claim(2, "10.9.0.22");
        ck_assert_uint_eq(b->n_nics, 0);
        ck_assert(is_quiet());
}
END_TEST

START_TEST(mac_elsewhere_is_contested) {
        learned(1, VNET1);
        confirm(1, "10.9.0.21");
        claim(1, "10.9.0.22");
        learned(1, VNET2);
        ck_assert_str_eq(stated(), "10.9.0.21=vnet1?");
        /* neither claims nor answers count, wherever it is, and nothing is asked */
        claim(1, "10.9.0.23");
        learned(1, VNET1);
        claim(1, "10.9.0.24");
        say(1, "10.9.0.22", true, true);
        ck_assert(is_quiet());
        pass(59 * SEC);
        claim(1, "10.9.0.24");
        ck_assert(is_quiet());
        pass(2 * SEC);
        ck_assert(is_quiet());
        ck_assert_str_eq(stated(), "10.9.0.21=vnet1");
        confirm(1, "10.9.0.24");
        ck_assert_str_eq(stated(), "10.9.0.21=vnet1 10.9.0.24=vnet1");
}
END_TEST

START_TEST(contest_begins_anew_with_each_move) {
        learned(1, VNET1);
        confirm(1, "10.9.0.21");
        for (unsigned i = 0; i < 10; i++) {
                learned(1, i % 2 ? VNET1 : VNET2);
                pass(50 * SEC);
                claim(1, "10.9.0.22");
                ck_assert(is_quiet());
        }
}
END_TEST

/* A bridge forgets after five minutes. */
START_TEST(place_is_remembered_after_the_bridge_forgot_it) {
        MacAddress m = mac(1);

        learned(1, VNET1);
        confirm(1, "10.9.0.21");
        bridge_forgot(b, &m, VNET1);
        claim(1, "10.9.0.22");
        ck_assert(is_quiet());
        learned(1, VNET2);
        claim(1, "10.9.0.22");
        ck_assert(is_quiet());
        ck_assert_str_eq(stated(), "10.9.0.21=vnet1?");
}
END_TEST

START_TEST(configured_entry_tells_no_place) {
        learned(1, VNET1);
        confirm(1, "10.9.0.21");
        learned(1, PORT_UNKNOWN);
        pass(100 * SEC);
        claim(1, "10.9.0.22");
        ck_assert(is_quiet());
}
END_TEST

START_TEST(nic_that_stays_elsewhere_is_asked_there) {
        learned(1, VNET1);
        confirm(1, "10.9.0.21");
        learned(1, VNET2);
        pass(61 * SEC);
        claim(1, "10.9.0.21");
        ck_assert_str_eq(stated(), "");
        ck_assert(asks(1, "10.9.0.21"));
        say(1, "10.9.0.21", true, true);
        ck_assert_str_eq(stated(), "10.9.0.21=vnet2");
}
END_TEST

START_TEST(nic_that_stays_on_no_tap_is_not) {
        learned(1, VNET1);
        confirm(1, "10.9.0.21");
        learned(1, ETH0);
        pass(61 * SEC);
        claim(1, "10.9.0.22");
        ck_assert(is_quiet());
        ck_assert_str_eq(stated(), "10.9.0.21=vnet1");
}
END_TEST

START_TEST(lost_tap_takes_its_nics_along) {
        learned(1, VNET1);
        learned(2, VNET2);
        learned(3, VNET1);
        confirm(1, "10.9.0.21");
        confirm(2, "10.9.0.22");
        b->changed = false;
        bridge_remove_tap(b, VNET1);
        ck_assert(b->changed);
        ck_assert_str_eq(stated(), "10.9.0.22=vnet2");
        ck_assert_uint_eq(b->n_nics, 1);
}
END_TEST

START_TEST(dump_forgets_what_was_not_in_it) {
        learned(1, VNET1);
        confirm(1, "10.9.0.21");
        learned(2, VNET2);
        bridge_begin_dump(b);
        bridge_end_dump(b);
        ck_assert_uint_eq(b->n_nics, 1);
        ck_assert_str_eq(stated(), "10.9.0.21=vnet1");
        claim(1, "10.9.0.22");
        ck_assert(is_quiet());
}
END_TEST

/* ---- addresses ---- */

static const struct {
        const char *address;
        bool refused;
} judged[] = {
        { "10.9.0.21", false }, { "10.9.0.1", true }, { "10.10.0.1", true }, { "10.10.0.21", true },
          { "192.0.2.1", true },
        { "fd09::21", false }, { "fd09::1", true }, { "2001:db8::21", true }, { "fe80::21", false },
          { "fe80::1", true },
};

START_TEST(address_is_judged) {
        learned(1, VNET1);
        claim(1, judged[_i].address);
        ck_assert_int_eq(asks(1, judged[_i].address), !judged[_i].refused);
        ck_assert_int_eq(stated()[0] != '\0', judged[_i].refused);
        if (!judged[_i].refused)
                return;
        ck_assert_ptr_nonnull(strchr(stated(), '!'));
        ck_assert_int_eq(time_stated("expiry-time"), now.sec + SEEN_REFUSED_SEC);
        ck_assert_int_eq(time_stated("confirmed"), 0);
        pass((uint64_t) SEEN_REFUSED_SEC * SEC);
        ck_assert(is_quiet());
        ck_assert_str_eq(stated(), "");
}
END_TEST

START_TEST(refused_address_may_become_a_guests) {
        HostAddress more[] = { own[0], { .address = { AF_INET, { 192, 0, 2, 9 } }, .prefix_length = 24,
                        .interface = "br0" } };

        learned(1, VNET1);
        claim(1, "192.0.2.1");
        claim(1, "192.0.3.1");
        b->host = &(HostAddresses) { .addresses = more, .n_addresses = ELEMENTS(more) };
        bridge_host_changed(b, now);
        ck_assert(asks(1, "192.0.2.1"));
        ck_assert(is_quiet());
        ck_assert_str_eq(stated(), "192.0.3.1=vnet1!");
}
END_TEST

START_TEST(holder_that_answers_keeps_the_address) {
        learned(1, VNET1);
        learned(2, VNET2);
        confirm(1, "10.9.0.21");
        claim(2, "10.9.0.21");
        ck_assert(asks(1, "10.9.0.21"));
        say(1, "10.9.0.21", true, true);
        pass(3 * SEC);
        ck_assert(is_quiet());
        ck_assert_str_eq(stated(), "10.9.0.21=vnet1 10.9.0.21=vnet2!");
}
END_TEST

START_TEST(holder_that_is_silent_loses_the_address) {
        learned(1, VNET1);
        learned(2, VNET2);
        confirm(1, "10.9.0.21");
        claim(2, "10.9.0.21");
        ck_assert(asks(1, "10.9.0.21"));
        pass(SEC);
        ck_assert(asks(1, "10.9.0.21"));
        pass(SEC);
        ck_assert(is_quiet());
        ck_assert_str_eq(stated(), "");
        pass(SEC / 2);
        ck_assert(asks(2, "10.9.0.21"));
        say(2, "10.9.0.21", true, true);
        ck_assert_str_eq(stated(), "10.9.0.21=vnet2");
}
END_TEST

/* A victim that can't be asked, because its MAC address was forged, loses nothing. */
START_TEST(contested_holder_keeps_the_address) {
        learned(1, VNET1);
        learned(2, VNET2);
        confirm(1, "10.9.0.21");
        learned(1, VNET2);
        claim(2, "10.9.0.21");
        pass(3 * SEC);
        ck_assert(is_quiet());
        ck_assert_str_eq(stated(), "10.9.0.21=vnet1? 10.9.0.21=vnet2!");
}
END_TEST

/* ---- age ---- */

START_TEST(silent_nic_is_asked_once_a_day) {
        learned(1, VNET1);
        confirm(1, "10.9.0.21");
        ck_assert_uint_eq(bridge_due(b, now), now.usec + (uint64_t) (SEEN_LIFETIME_SEC - 60) * SEC);
        pass((uint64_t) (SEEN_LIFETIME_SEC - 60) * SEC);
        ck_assert(asks(1, "10.9.0.21"));
        say(1, "10.9.0.21", true, true);
        ck_assert_int_eq(time_stated("confirmed"), now.sec);
        ck_assert_int_eq(time_stated("first-seen"), EPOCH);
        pass((uint64_t) (SEEN_LIFETIME_SEC - 60) * SEC);
        ck_assert(asks(1, "10.9.0.21"));
        pass(SEC);
        ck_assert(asks(1, "10.9.0.21"));
        pass(SEC);
        b->changed = false;
        ck_assert(is_quiet());
        ck_assert(b->changed);
        ck_assert_str_eq(stated(), "");
}
END_TEST

START_TEST(frames_are_proof_but_stated_once_an_hour) {
        learned(1, VNET1);
        confirm(1, "10.9.0.21");
        b->changed = false;
        pass(3599 * SEC);
        claim(1, "10.9.0.21");
        ck_assert(!b->changed);
        pass(SEC);
        claim(1, "10.9.0.21");
        ck_assert(b->changed);
        ck_assert_int_eq(time_stated("confirmed"), now.sec);
}
END_TEST

START_TEST(contested_address_ends_unless_it_can_be_asked_for) {
        learned(1, VNET1);
        confirm(1, "10.9.0.21");
        pass((uint64_t) (SEEN_LIFETIME_SEC - 61) * SEC);
        learned(1, VNET2);
        pass(60 * SEC);
        ck_assert(asks(1, "10.9.0.21"));
        ck_assert_int_eq(time_stated("expiry-time"), EPOCH + SEEN_LIFETIME_SEC);
}
END_TEST

START_TEST(failed_neighbour_is_asked_again) {
        const Address a = address("10.9.0.21");

        learned(1, VNET1);
        confirm(1, "10.9.0.21");
        b->changed = false;
        bridge_address_failed(b, &a, now);
        ck_assert(b->changed);
        ck_assert_str_eq(stated(), "");
        ck_assert(asks(1, "10.9.0.21"));
        say(1, "10.9.0.21", true, true);
        ck_assert_str_eq(stated(), "10.9.0.21=vnet1");
}
END_TEST

START_TEST(set_clock_leads_to_questions) {
        learned(1, VNET1);
        confirm(1, "10.9.0.21");
        now.sec -= 90000;
        bridge_clock_set(b, now);
        ck_assert_str_eq(stated(), "10.9.0.21=vnet1");
        ck_assert(asks(1, "10.9.0.21"));
        say(1, "10.9.0.21", true, true);
        ck_assert_int_eq(time_stated("expiry-time"), now.sec + SEEN_LIFETIME_SEC);
}
END_TEST

/* ---- limits ---- */

static const char *nth(unsigned i) {
        static char text[ADDRESS_TEXT_MAX];

        (void) snprintf(text, sizeof(text), "10.9.0.%u", 20 + i);
        return text;
}

START_TEST(claims_of_a_nic_have_a_limit) {
        learned(1, VNET1);
        for (unsigned i = 0; i < 100; i++)
                claim(1, nth(i));
        ck_assert_uint_eq(bridge_find(b, &(MacAddress) { { 0x52, 0x54, 0, 0, 0, 1 } })->n_sightings,
                        SEEN_NIC_CLAIMS_MAX);
}
END_TEST

START_TEST(addresses_of_a_nic_have_a_limit) {
        learned(1, VNET1);
        confirm(1, "fd09::5054:ff:fe00:1"); /* made of the MAC address */
        for (unsigned i = 0; i < SEEN_NIC_MAX + 2; i++) {
                char text[ADDRESS_TEXT_MAX];

                pass(SEC);
                (void) snprintf(text, sizeof(text), "fd09::%x", 0x20 + i);
                confirm(1, text);
                confirm(1, nth(i));
        }
        ck_assert_str_eq(stated(),
                        "fd09::5054:ff:fe00:1=vnet1 10.9.0.22=vnet1 fd09::23=vnet1 10.9.0.23=vnet1 "
                                   "fd09::24=vnet1 10.9.0.24=vnet1 fd09::25=vnet1 10.9.0.25=vnet1 "
                                   "fd09::26=vnet1 "
                                   "10.9.0.26=vnet1 fd09::27=vnet1 10.9.0.27=vnet1 fd09::28=vnet1 "
                                   "10.9.0.28=vnet1 "
                                   "fd09::29=vnet1 10.9.0.29=vnet1");
}
END_TEST

START_TEST(mac_addresses_of_a_tap_have_a_limit) {
        for (unsigned i = 0; i < 100; i++)
                learned(100 + i, VNET1);
        ck_assert_uint_eq(b->n_nics, SEEN_TAP_MACS_MAX);
        learned(1, VNET2);
        ck_assert_uint_eq(b->n_nics, SEEN_TAP_MACS_MAX + 1);
        /* what the bridge forgets makes room */
        bridge_forgot(b, &(MacAddress) { { 0x52, 0x54, 0, 0, 0, 100 } }, VNET1);
        learned(1000, VNET1);
        ck_assert_ptr_nonnull(bridge_find(b, &(MacAddress) { { 0x52, 0x54, 0, 0, 3, 0xe8 } }));
}
END_TEST

/* With as many taps as a bridge can have ports, four addresses each. */
START_TEST(taps_share_a_bridge) {
        b->n_taps = 1024;
        learned(1, VNET1);
        for (unsigned i = 0; i < 10; i++) {
                pass(SEC);
                confirm(1, nth(i));
        }
        ck_assert_str_eq(stated(), "10.9.0.26=vnet1 10.9.0.27=vnet1 10.9.0.28=vnet1 10.9.0.29=vnet1");
        /* no address of its own to give up */
        learned(7, VNET1);
        confirm(7, "10.9.0.77");
        learned(2, VNET2);
        confirm(2, "10.9.0.99");
        ck_assert_str_eq(stated(),
                        "10.9.0.26=vnet1 10.9.0.27=vnet1 10.9.0.28=vnet1 10.9.0.29=vnet1 10.9.0.99=vnet2");
}
END_TEST

/* A NIC that claims without end: ten questions a second, and another one's turn comes. */
START_TEST(questions_have_a_rate) {
        unsigned n = 0, n_other = 0;
        Question q;

        learned(1, VNET1);
        for (unsigned i = 0; i < 15; i++)
                learned(100 + i, VNET1);
        for (unsigned step = 0; step < 1000; step++) {
                for (unsigned i = 0; i < 15; i++)
                        claim(100 + i, nth(step % 200));
                if (step == 500) {
                        learned(2, VNET2);
                        claim(2, "10.9.0.222");
                }
                while (bridge_next_question(b, now, &q)) {
                        n++;
                        if (q.tap != VNET2)
                                continue;
                        n_other++;
                        ck_assert_uint_le(step, 500 + 10);
                        say(2, "10.9.0.222", true, true);
                }
                ck_assert_uint_gt(bridge_due(b, now), now.usec);
                pass(10 * MSEC);
        }
        ck_assert_uint_eq(n_other, 1);
        ck_assert(n >= 100 && n <= 110);
}
END_TEST

/* ---- after a restart ---- */

static size_t restore(const char *text) {
        json_t *facts = json_loads(text, 0, NULL);
        size_t n = facts_restore(b, facts, &links, now);

        ck_assert_ptr_nonnull(facts);
        json_decref(facts);
        return n;
}

#define FACT(ip, mac, tap, times) \
        "{\"ip-address\":\"" ip "\",\"mac-address\":\"" mac "\",\"tap\":\"" tap "\"," \
        "\"by\":\"arp\"," times "}"
#define GOOD_TIMES "\"first-seen\":1799990000,\"confirmed\":1799999000"

START_TEST(facts_are_restored) {
        ck_assert_uint_eq(restore("[" FACT("10.9.0.21", "52:54:00:00:00:01", "vnet1", GOOD_TIMES) "]"), 1);
        ck_assert_str_eq(stated(), "10.9.0.21=vnet1");
        ck_assert_int_eq(time_stated("first-seen"), 1799990000);
        ck_assert_int_eq(time_stated("confirmed"), 1799999000);
        ck_assert(asks(1, "10.9.0.21"));
        pass(SEC);
        ck_assert(asks(1, "10.9.0.21"));
        pass(SEC);
        ck_assert(is_quiet());
        ck_assert_str_eq(stated(), "");
}
END_TEST

static const char *const useless[] = {
        "{}", "[]", "[1, null, \"x\", []]", "[{}]",
        "[" FACT("10.9.0.1", "52:54:00:00:00:01", "vnet1", GOOD_TIMES) "]",  /* the host's own by now */
        "[" FACT("192.0.2.1", "52:54:00:00:00:01", "vnet1", GOOD_TIMES) "]", /* on no network */
        "[" FACT("224.0.0.1", "52:54:00:00:00:01", "vnet1", GOOD_TIMES) "]",
        "[" FACT("what", "52:54:00:00:00:01", "vnet1", GOOD_TIMES) "]",
        "[" FACT("10.9.0.21", "what", "vnet1", GOOD_TIMES) "]",
        "[" FACT("10.9.0.21", "52:54:00:00:00:01", "vnet9", GOOD_TIMES) "]",
        "[" FACT("10.9.0.21", "52:54:00:00:00:01", "eth0", GOOD_TIMES) "]",
        /* old */
        "[" FACT("10.9.0.21", "52:54:00:00:00:01", "vnet1",
        "\"first-seen\":1799990000,\"confirmed\":1799913600") "]",
        "[" FACT("10.9.0.21", "52:54:00:00:00:01", "vnet1", "\"first-seen\":1799990000") "]", /* refused */
        "[" FACT("10.9.0.21", "52:54:00:00:00:01", "vnet1", "\"first-seen\":true,\"confirmed\":\"x\"") "]",
};

START_TEST(useless_facts_are_ignored) {
        ck_assert_uint_eq(restore(useless[_i]), 0);
        ck_assert_str_eq(stated(), "");
        ck_assert(is_quiet());
}
END_TEST

/* As the clock was set back. */
START_TEST(facts_of_the_future_end_in_a_day) {
        ck_assert_uint_eq(restore("[" FACT("10.9.0.21", "52:54:00:00:00:01", "vnet1",
                                          "\"first-seen\":1799990000,\"confirmed\":1900000000") "]"), 1);
        ck_assert_int_eq(time_stated("expiry-time"), now.sec + SEEN_LIFETIME_SEC);
}
END_TEST

START_TEST(restored_nic_that_is_elsewhere_is_contested) {
        ck_assert_uint_eq(restore("[" FACT("10.9.0.21", "52:54:00:00:00:01", "vnet1", GOOD_TIMES) "]"), 1);
        learned(1, VNET2);
        ck_assert_str_eq(stated(), "10.9.0.21=vnet1?");
        ck_assert(is_quiet());
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("bridge");

        tcase_add_checked_fixture(tcase, set_up, tear_down);
        tcase_add_test(tcase, claim_is_confirmed);
        tcase_add_test(tcase, claim_without_answer_is_forgotten);
        tcase_add_test(tcase, wanted_address_is_waited_for);
        tcase_add_test(tcase, wanted_address_that_is_taken_is_asked_for_at_once);
        tcase_add_test(tcase, only_an_answer_to_the_bridge_confirms);
        tcase_add_test(tcase, answer_without_a_question_confirms_nothing);
        tcase_add_test(tcase, unknown_and_foreign_places_count_nothing);
        tcase_add_test(tcase, mac_elsewhere_is_contested);
        tcase_add_test(tcase, contest_begins_anew_with_each_move);
        tcase_add_test(tcase, place_is_remembered_after_the_bridge_forgot_it);
        tcase_add_test(tcase, configured_entry_tells_no_place);
        tcase_add_test(tcase, nic_that_stays_elsewhere_is_asked_there);
        tcase_add_test(tcase, nic_that_stays_on_no_tap_is_not);
        tcase_add_test(tcase, lost_tap_takes_its_nics_along);
        tcase_add_test(tcase, dump_forgets_what_was_not_in_it);
        tcase_add_loop_test(tcase, address_is_judged, 0, ELEMENTS(judged));
        tcase_add_test(tcase, refused_address_may_become_a_guests);
        tcase_add_test(tcase, holder_that_answers_keeps_the_address);
        tcase_add_test(tcase, holder_that_is_silent_loses_the_address);
        tcase_add_test(tcase, contested_holder_keeps_the_address);
        tcase_add_test(tcase, silent_nic_is_asked_once_a_day);
        tcase_add_test(tcase, frames_are_proof_but_stated_once_an_hour);
        tcase_add_test(tcase, contested_address_ends_unless_it_can_be_asked_for);
        tcase_add_test(tcase, failed_neighbour_is_asked_again);
        tcase_add_test(tcase, set_clock_leads_to_questions);
        tcase_add_test(tcase, claims_of_a_nic_have_a_limit);
        tcase_add_test(tcase, addresses_of_a_nic_have_a_limit);
        tcase_add_test(tcase, mac_addresses_of_a_tap_have_a_limit);
        tcase_add_test(tcase, taps_share_a_bridge);
        tcase_add_test(tcase, questions_have_a_rate);
        tcase_add_test(tcase, facts_are_restored);
        tcase_add_loop_test(tcase, useless_facts_are_ignored, 0, ELEMENTS(useless));
        tcase_add_test(tcase, facts_of_the_future_end_in_a_day);
        tcase_add_test(tcase, restored_nic_that_is_elsewhere_is_contested);
        return unit_run("bridge", tcase);
}
