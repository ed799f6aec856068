/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The guests: which NICs there are, with which addresses, and why one has none.
 */

#include <stdio.h>
#include <string.h>

#include "names/guests.h"
#include "unit.h"
#include "worlds.h"

#define NOW 1000

/* A guest as a line: domain, MAC address's last byte, bridge; its addresses with a "-" before those that
 * aren't answered; the reason. */
static char *guests_text(const World *w, const Catalog *c) {
        _cleanup_(guest_list_done) GuestList list = { 0 };
        char *text = NULL, address[ADDRESS_TEXT_MAX];
        size_t size;
        FILE *f = open_memstream(&text, &size);

        ck_assert_ptr_nonnull(f);
        ck_assert_int_eq(guest_list_make(c, w->nics, &w->host, &list), 0);
        for (size_t i = 0; i < list.n_guests; i++) {
                const Guest *g = list.guests + i;
                const char *reason = guest_reason(c, g, &w->host, w->bridges, w->n_bridges, NOW);

                fprintf(f, "%s %d %s", g->domain, g->has_mac ? g->mac.bytes[5] : -1, g->interface ?: "-");
                for (size_t k = 0; k < g->n_addresses; k++) {
                        const GuestAddress *a = g->addresses + k;

                        fprintf(f, " %s%s%s", guest_address_is_answered(c, a, NOW) ? "" : "-",
                                a->seen ? "seen:" : "",
                                address_format(a->seen ? &a->seen->seen.address :
                                &a->binding->binding->address, address));
                }
                fprintf(f, "%s%s\n", reason ? ": " : "", reason ?: "");
        }
        ck_assert_int_eq(fclose(f), 0);
        return text;
}

#define UNWATCHED ": it has no lease, and libvirt-resolve-seen doesn't watch its bridge\n"
#define BR0 "on-link,br0,10.9.0.1,24\nlink,vnet1,1\nlink,vnet2,2\n"

static const struct {
        const char *world, *guests;
} rows[] = {
        { "", "" },
        { "network,virbr0\nlease,x,10.0.0.1,1,1000\nlease,y,10.0.0.2,2,1000\ndomain,web,1\ndomain,db,7,8\n"
          "domain,bare",
          "bare -1 virbr0: it has no network card\n"
          "db 7 virbr0" UNWATCHED "db 8 virbr0" UNWATCHED "web 1 virbr0 10.0.0.1\n" },
        { "network,virbr0\nlease,x,10.0.0.1,1,999\ndomain,web,1", "web 1 virbr0 -10.0.0.1" UNWATCHED },
        { "network,virbr0\ndomain,web,1\nnetwork,virbr1\nlease,x,10.0.1.1,1,0\ndomain,web,1",
          "web 1 virbr0" UNWATCHED "web 1 virbr1 10.0.1.1\n" },
        { BR0 "nic,web,1,br0,vnet1\nseen,br0,10.9.0.7,1,vnet1,500,600\nseen,br0,10.9.0.1,1,vnet1,500,600",
          "web 1 br0 seen:10.9.0.7 -seen:10.9.0.1\n" },
        { BR0 "nic,web,1,br0,vnet1\nseen,br0,10.9.0.7,2,vnet2,500,600",
          "web 1 br0: it hasn't shown an address yet\n" },
        { BR0 "nic,web,1,br0,vnet1\nseen,br0,10.9.0.1,1,vnet1,500,600",
          "web 1 br0 -seen:10.9.0.1: it is this host's own address\n" },
        { BR0 "nic,web,1,br0,vnet1\nseen,br0,10.9.0.7,1,vnet1,500,600,refused",
          "web 1 br0 -seen:10.9.0.7: it is refused\n" },
        { BR0 "nic,web,1,br0,vnet1", "web 1 br0" UNWATCHED },
        { "link,vnet1,1\nnic,web,1,br0,vnet1\nseen,br0,10.9.0.7,9,vnet1,500,600",
          "web 1 br0: this host has no address on its bridge\n" },
        { BR0 "nic,web,1,br0,vnet7", "" },
        { BR0 "nic,user,1,-,-\nnic,bare,0,-,-",
          "bare -1 -: it has no network card\nuser 1 -: it is on no bridge of this host\n" },
        /* what is stated of a NIC says more than a MAC map */
        { BR0 "network,br0\ndomain,web,1\ndomain,other,2\nnic,web,1,br0,vnet1",
          "other 2 br0" UNWATCHED "web 1 br0" UNWATCHED },
        { BR0 "network,br0\nlease,x,10.9.0.9,1,2000\ndomain,web,1\nnic,web,1,br0,vnet1\n"
          "seen,br0,10.9.0.7,1,vnet1,500,600",
          "web 1 br0 10.9.0.9 -seen:10.9.0.7\n" },
};

START_TEST(test_guests) {
        _cleanup_(world_freep) World *w = world_read(rows[_i].world);
        _cleanup_(catalog_freep) Catalog *c = world_catalog(w);
        _cleanup_(freep) char *text = guests_text(w, c);

        ck_assert_str_eq(text, rows[_i].guests);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("guests");

        tcase_add_loop_test(tcase, test_guests, 0, ELEMENTS(rows));
        return unit_run("guests", tcase);
}
