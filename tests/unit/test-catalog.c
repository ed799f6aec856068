/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The catalog: which lease claims which names, what becomes of each claim, and in
 * which order those to one name are answered.
 */

#include <stdio.h>
#include <string.h>

#include "names/explain.h"
#include "unit.h"
#include "worlds.h"

#define NOW 9

static const char *verdict_text(NameVerdict v) {
        static const char *const texts[_NAME_VERDICT_MAX] = {
                "good", "bad-hostname", "dotted", "reserved", "hosts-own", "denied", "address", "taken",
                "bad-address",
                "superseded", "leased", "of-running",
        };

        return texts[v];
}

/* A claim as a line: variant, key, spelling where it is another, whose, verdict. */
static void claim_print(FILE *f, const Catalog *c, const Claim *claim) {
        char address[ADDRESS_TEXT_MAX];

        fprintf(f, "%c %s ", claim->variant == VARIANT_DOMAIN ? 'd' : 'h', claim->key);
        if (strcmp(claim->key, claim->name) != 0)
                fprintf(f, "(%s) ", claim->name);
        fprintf(f, "%s%%%s %s\n",
                claim->binding == CATALOG_NONE ?
                                "-" :
                                address_format(&c->bindings[claim->binding].binding->address, address),
                c->networks[claim->network].interface, verdict_text(claim_judge(claim, NOW)));
}

static char *claims_text(const Catalog *c, bool by_name) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        ck_assert_ptr_nonnull(f);
        for (size_t i = 0; i < c->n_claims; i++)
                claim_print(f, c, c->claims + (by_name ? c->by_name[i] : i));
        ck_assert_int_eq(fclose(f), 0);
        return text;
}

/* What holds in every catalog. */
static void check_catalog(const World *w, const Catalog *c) {
        uint32_t next = 0;

        for (size_t i = 0; i < c->n_bindings; i++) {
                const CatalogBinding *l = c->bindings + i;

                ck_assert_uint_eq(l->first_claim, next);
                next += l->n_claims;
                for (uint32_t k = l->first_claim; k < next; k++) {
                        ck_assert_uint_eq(c->claims[k].binding, i);
                        ck_assert_uint_eq(c->claims[k].network, l->network);
                }
                if (i < c->n_leases)
                        ck_assert_ptr_eq(w->lists[l->network].bindings + l->binding->position, l->binding);
        }
        for (uint32_t k = next; k < c->n_claims; k++)
                ck_assert_uint_eq(c->claims[k].binding, CATALOG_NONE);
        for (size_t i = 0; i < c->n_claims; i++) {
                const Claim *claim = c->claims + i;
                size_t first, n = catalog_find(c, claim->variant, claim->key, &first);
                char folded[NAME_SIZE];
                bool found = false;

                (void) name_fold(claim->name, folded);
                ck_assert_str_eq(folded, claim->key);
                for (size_t k = first; k < first + n; k++)
                        found = found || c->by_name[k] == i;
                ck_assert(found);
        }
}

#define STATIC "on-link,virbr0,10.0.0.254,24\non-link,virbr1,10.0.1.254,24\nnetwork,virbr0\n"
#define HEAD "suffix,lab.example\ndeny,puppet\nhost,here.example.org\n"

static const struct {
        const char *world, *claims;
} rows[] = {
        { "", "" },
        { "network,virbr0", "" },
        { "network,virbr0\nlease,-,10.0.0.1,1,9", "" },
        { "network,virbr0\nlease,web1,10.0.0.1,1,9", "h web1 10.0.0.1%virbr0 good\n" },
        { "network,virbr0\nlease,Web1,10.0.0.1,0,9", "h web1 (Web1) 10.0.0.1%virbr0 good\n" },
        { "network,virbr0\nlease,.,10.0.0.1,0,9\ndomain,.,1", "" },

        /* forms: the full ones first; only of what is a host name without dots */
        { HEAD "network,virbr0\nlease,Web1,10.0.0.1,1,9\ndomain,VM-app,1",
          "h web1.lab.example (Web1.lab.example) 10.0.0.1%virbr0 good\n"
          "h web1 (Web1) 10.0.0.1%virbr0 good\n"
          "d vm-app.lab.example (VM-app.lab.example) 10.0.0.1%virbr0 good\n"
          "d vm-app (VM-app) 10.0.0.1%virbr0 good\n" },
        { "suffix,lab.example\nsuffix,b\nnetwork,virbr0\nlease,web1,10.0.0.1,1,9",
          "h web1.lab.example 10.0.0.1%virbr0 good\n"
          "h web1.b 10.0.0.1%virbr0 good\n"
          "h web1 10.0.0.1%virbr0 good\n" },
        { HEAD "network,virbr0\nlease,web1.lab.example,10.0.0.1,1,9\ndomain,Web Server,1\ndomain,a.b,1",
          "h web1.lab.example 10.0.0.1%virbr0 good\n"
          "d web server (Web Server) 10.0.0.1%virbr0 good\n"
          "d a.b 10.0.0.1%virbr0 good\n" },

        /* a trailing dot is no part of a name, nor of what it is spelt as */
        { HEAD "network,virbr0\nlease,Web1.,10.0.0.1,1,9\ndomain,vm.,1",
          "h web1.lab.example (Web1.lab.example) 10.0.0.1%virbr0 good\n"
          "h web1 (Web1) 10.0.0.1%virbr0 good\n"
          "d vm.lab.example 10.0.0.1%virbr0 good\n"
          "d vm 10.0.0.1%virbr0 good\n" },
        { HEAD "network,virbr0\ndomain,vm..,1", "" },

        /* a domain's name may begin with "_" */
        { HEAD "network,virbr0\nlease,gl-1,10.0.0.1,1,9\ndomain,_gl-1,1",
          "h gl-1.lab.example 10.0.0.1%virbr0 good\n"
          "h gl-1 10.0.0.1%virbr0 good\n"
          "d _gl-1 10.0.0.1%virbr0 good\n" },
        { "network,virbr0\nlease,_gateway,10.0.0.1,1,9\ndomain,_gateway,1",
          "h _gateway 10.0.0.1%virbr0 reserved\n"
          "d _gateway 10.0.0.1%virbr0 reserved\n" },

        /* suffixes of one network */
        { "suffix,a.lab@virbr0\nsuffix,b.lab@virbr1\nsuffix,c\nnetwork,virbr0\nlease,web,10.0.0.1,1,9\n"
          "lease,x.b.lab,10.0.0.2,2,9\nnetwork,virbr1\nlease,db,10.0.1.1,1,9\ndomain,vm,1",
          "h web.a.lab 10.0.0.1%virbr0 good\n"
          "h web.c 10.0.0.1%virbr0 good\n"
          "h web 10.0.0.1%virbr0 good\n"
          "h x.b.lab 10.0.0.2%virbr0 dotted\n"
          "h db.b.lab 10.0.1.1%virbr1 good\n"
          "h db.c 10.0.1.1%virbr1 good\n"
          "h db 10.0.1.1%virbr1 good\n"
          "d vm.b.lab 10.0.1.1%virbr1 good\n"
          "d vm.c 10.0.1.1%virbr1 good\n"
          "d vm 10.0.1.1%virbr1 good\n" },

#if HAVE_IDN
        /* a domain's IDNA form: of what isn't ASCII, never as another name, and of nobody else */
        { HEAD "network,virbr0\nlease,xn--bro-hoa,10.0.0.2,2,9\nlease,-,10.0.0.1,1,9\ndomain,B\xc3\xbcro,1",
          "h xn--bro-hoa.lab.example 10.0.0.2%virbr0 taken\n"
          "h xn--bro-hoa 10.0.0.2%virbr0 taken\n"
          "d xn--bro-hoa.lab.example 10.0.0.1%virbr0 good\n"
          "d xn--bro-hoa 10.0.0.1%virbr0 good\n"
          "d b\xc3\xbcro (B\xc3\xbcro) 10.0.0.1%virbr0 good\n" },
        { "network,virbr0\ndomain,\xef\xbd\x97\xef\xbd\x85\xef\xbd\x82,1\ndomain,a b\xc3\xa9,2",
          "d \xef\xbd\x97\xef\xbd\x85\xef\xbd\x82 -%virbr0 good\n"
          "d a b\xc3\xa9 -%virbr0 good\n" },
#endif

        /* refused names, and every form with them */
        { HEAD "network,virbr0\nlease,-x,10.0.0.1,0,9\nlease,_x,10.0.0.2,0,9\nlease,x.y,10.0.0.3,0,9",
          "h -x 10.0.0.1%virbr0 bad-hostname\n"
          "h _x 10.0.0.2%virbr0 bad-hostname\n"
          "h x.y 10.0.0.3%virbr0 dotted\n" },
        { HEAD "network,virbr0\nlease,WPAD,10.0.0.1,1,9\nlease,HERE,10.0.0.2,0,9\nlease,Puppet,10.0.0.3,0,9\n"
          "domain,wpad,1",
          "h wpad.lab.example (WPAD.lab.example) 10.0.0.1%virbr0 reserved\n"
          "h wpad (WPAD) 10.0.0.1%virbr0 reserved\n"
          "d wpad.lab.example 10.0.0.1%virbr0 reserved\n"
          "d wpad 10.0.0.1%virbr0 reserved\n"
          "h here.lab.example (HERE.lab.example) 10.0.0.2%virbr0 hosts-own\n"
          "h here (HERE) 10.0.0.2%virbr0 hosts-own\n"
          "h puppet.lab.example (Puppet.lab.example) 10.0.0.3%virbr0 denied\n"
          "h puppet (Puppet) 10.0.0.3%virbr0 denied\n" },
        /* ... but of a number only itself, since it is none below --domain= */
        { HEAD "network,virbr0\nlease,3,10.0.0.1,1,9\nlease,10.9.8.7,10.0.0.2,0,9\ndomain,4,1",
          "h 3.lab.example 10.0.0.1%virbr0 good\n"
          "h 3 10.0.0.1%virbr0 address\n"
          "d 4.lab.example 10.0.0.1%virbr0 good\n"
          "d 4 10.0.0.1%virbr0 address\n"
          "h 10.9.8.7 10.0.0.2%virbr0 address\n" },
        /* hostnames turned off: domains have their names, below --domain=, too; nothing is refused */
        { "hostnames,no\nsuffix,lab.example\nnetwork,virbr0\nlease,web1,10.0.0.1,1,9\n"
          "lease,wpad,10.0.0.2,0,9\ndomain,VM,1",
          "d vm.lab.example (VM.lab.example) 10.0.0.1%virbr0 good\n"
          "d vm (VM) 10.0.0.1%virbr0 good\n" },
        /* ... or only the full form, where only that is refused */
        { "suffix,lab.example\ndeny,db.lab.example\nhost,web1.lab.example\nnetwork,virbr0\n"
          "lease,db,10.0.0.1,1,9\ndomain,DB,1\ndomain,web1,1",
          "h db.lab.example 10.0.0.1%virbr0 denied\n"
          "h db 10.0.0.1%virbr0 good\n"
          "d db.lab.example (DB.lab.example) 10.0.0.1%virbr0 denied\n"
          "d db (DB) 10.0.0.1%virbr0 good\n"
          "d web1.lab.example 10.0.0.1%virbr0 hosts-own\n"
          "d web1 10.0.0.1%virbr0 hosts-own\n" },

        /* a domain's own name is its own, from each of its MAC addresses, in any letter case */
        { "network,virbr0\nlease,web1,10.0.0.1,1,9\nlease,WEB1,10.0.0.2,2,9\nlease,Web1,10.0.0.3,3,9\n"
          "lease,web1,10.0.0.4,0,9\ndomain,wEb1,1,2",
          "h web1 10.0.0.1%virbr0 good\n"
          "d web1 (wEb1) 10.0.0.1%virbr0 good\n"
          "h web1 (WEB1) 10.0.0.2%virbr0 good\n"
          "d web1 (wEb1) 10.0.0.2%virbr0 good\n"
          "h web1 (Web1) 10.0.0.3%virbr0 taken\n"
          "h web1 10.0.0.4%virbr0 taken\n" },
        /* ... also where it has no lease, or none of its own */
        { "network,virbr0\nlease,web1,10.0.0.3,3,9\ndomain,web1,1",
          "h web1 10.0.0.3%virbr0 taken\n"
          "d web1 -%virbr0 good\n" },
        { "network,virbr0\nlease,web1,10.0.0.3,3,9\ndomain,web1",
          "h web1 10.0.0.3%virbr0 taken\n"
          "d web1 -%virbr0 good\n" },
        /* ... and where the name is refused it as well */
        { HEAD "network,virbr0\nlease,puppet,10.0.0.3,3,9\ndomain,puppet,1",
          "h puppet.lab.example 10.0.0.3%virbr0 denied\n"
          "h puppet 10.0.0.3%virbr0 denied\n"
          "d puppet.lab.example -%virbr0 denied\n"
          "d puppet -%virbr0 denied\n" },
        /* full forms are taken too, from either side */
        { HEAD "network,virbr0\nlease,web1.lab.example,10.0.0.3,3,9\nlease,Web1.Lab.example,10.0.0.1,1,9\n"
          "domain,web1,1",
          "h web1.lab.example 10.0.0.3%virbr0 taken\n"
          "h web1.lab.example (Web1.Lab.example) 10.0.0.1%virbr0 good\n"
          "d web1.lab.example 10.0.0.1%virbr0 good\n"
          "d web1 10.0.0.1%virbr0 good\n" },
        { HEAD "network,virbr0\nlease,web1,10.0.0.3,3,9\ndomain,web1.lab.example,1",
          "h web1.lab.example 10.0.0.3%virbr0 taken\n"
          "h web1 10.0.0.3%virbr0 good\n"
          "d web1.lab.example -%virbr0 good\n" },

        /* a domain's MAC address counts on its own bridge only */
        { "network,virbr0\nlease,web1,10.0.0.1,2,9\ndomain,web1,1\nnetwork,virbr1\nlease,web1,10.0.1.1,1,9\n"
          "domain,db,2",
          "h web1 10.0.0.1%virbr0 taken\n"
          "h web1 10.0.1.1%virbr1 taken\n"
          "d web1 -%virbr0 good\n"
          "d db -%virbr1 good\n" },
        /* a domain on two bridges, leased on one */
        { "network,virbr0\nlease,web1,10.0.0.1,1,9\ndomain,web1,1\nnetwork,virbr1\ndomain,web1,2",
          "h web1 10.0.0.1%virbr0 good\n"
          "d web1 10.0.0.1%virbr0 good\n"
          "d web1 -%virbr1 good\n" },
        { "network,virbr0\nlease,web1,10.0.0.1,1,9\ndomain,web1,1\nnetwork,virbr1\nlease,web1,10.0.1.1,2,9\n"
          "domain,web1,2",
          "h web1 10.0.0.1%virbr0 good\n"
          "d web1 10.0.0.1%virbr0 good\n"
          "h web1 10.0.1.1%virbr1 good\n"
          "d web1 10.0.1.1%virbr1 good\n" },

        /* two domains with one MAC address: both have the lease; one named twice: once */
        { "network,virbr0\nlease,a,10.0.0.1,1,9\nlease,b,10.0.0.1,1,9\ndomain,a,1\ndomain,b,1",
          "h a 10.0.0.1%virbr0 superseded\n"
          "d a 10.0.0.1%virbr0 superseded\n"
          "d b 10.0.0.1%virbr0 superseded\n"
          "h b 10.0.0.1%virbr0 good\n"
          "d a 10.0.0.1%virbr0 good\n"
          "d b 10.0.0.1%virbr0 good\n" },
        { "network,virbr0\nlease,-,10.0.0.1,1,9\ndomain,a,1,1,1", "d a 10.0.0.1%virbr0 good\n" },

        /* of one MAC address, network and family only the lease that ends last, and of those the last in the
         * file */
        { "network,virbr0\nlease,old,10.0.0.1,1,7\nlease,new,10.0.0.2,1,9\nlease,mid,10.0.0.3,1,8\n"
          "domain,vm,1",
          "h old 10.0.0.1%virbr0 superseded\n"
          "d vm 10.0.0.1%virbr0 superseded\n"
          "h new 10.0.0.2%virbr0 good\n"
          "d vm 10.0.0.2%virbr0 good\n"
          "h mid 10.0.0.3%virbr0 superseded\n"
          "d vm 10.0.0.3%virbr0 superseded\n" },
        { "network,virbr0\nlease,a,10.0.0.1,1,0\nlease,b,10.0.0.2,1,9\nlease,c,10.0.0.3,2,9\n"
          "lease,d,10.0.0.4,2,9",
          "h a 10.0.0.1%virbr0 good\n"
          "h b 10.0.0.2%virbr0 superseded\n"
          "h c 10.0.0.3%virbr0 superseded\n"
          "h d 10.0.0.4%virbr0 good\n" },
        /* ... but not of another network, of IPv6, without a MAC address, or by a lease that is no guest's */
        { "network,virbr0\nlease,a,10.0.0.1,1,8\nlease,a,fd00::1,1,7\nlease,a,fd00::2,1,9\n"
          "lease,b,10.0.0.2,0,7\n"
          "lease,b,10.0.0.3,0,9\nlease,l,127.0.0.1,1,0\nnetwork,virbr1\nlease,a,10.0.1.1,1,9",
          "h a 10.0.0.1%virbr0 good\n"
          "h a fd00::1%virbr0 good\n"
          "h a fd00::2%virbr0 good\n"
          "h b 10.0.0.2%virbr0 good\n"
          "h b 10.0.0.3%virbr0 good\n"
          "h l 127.0.0.1%virbr0 bad-address\n"
          "h a 10.0.1.1%virbr1 good\n" },
        /* ... and a refused name stays refused for its own reason */
        { "network,virbr0\nlease,wpad,10.0.0.1,1,7\nlease,new,10.0.0.2,1,9",
          "h wpad 10.0.0.1%virbr0 reserved\n"
          "h new 10.0.0.2%virbr0 good\n" },

        /* of one hostname the leases of running domains, while they last */
        { HEAD "network,virbr0\nlease,web,10.0.0.1,1,9\nlease,Web,10.0.0.2,2,0\nlease,db,10.0.0.3,3,9\n"
          "domain,vm,1",
          "h web.lab.example 10.0.0.1%virbr0 good\n"
          "h web 10.0.0.1%virbr0 good\n"
          "d vm.lab.example 10.0.0.1%virbr0 good\n"
          "d vm 10.0.0.1%virbr0 good\n"
          "h web.lab.example (Web.lab.example) 10.0.0.2%virbr0 of-running\n"
          "h web (Web) 10.0.0.2%virbr0 of-running\n"
          "h db.lab.example 10.0.0.3%virbr0 good\n"
          "h db 10.0.0.3%virbr0 good\n" },
        { "network,virbr0\nlease,web,10.0.0.1,1,8\nlease,web,10.0.0.2,2,9\ndomain,vm,1",
          "h web 10.0.0.1%virbr0 good\n"
          "d vm 10.0.0.1%virbr0 good\n"
          "h web 10.0.0.2%virbr0 good\n" },
        { "network,virbr0\nlease,web,10.0.0.1,1,9\nlease,web,10.0.0.2,2,9\nnetwork,virbr1\n"
          "lease,web,10.0.1.1,1,9\n"
          "lease,web,10.0.1.2,4,9\ndomain,a,4\nnetwork,virbr2\nlease,web,10.0.2.1,4,9",
          "h web 10.0.0.1%virbr0 of-running\n"
          "h web 10.0.0.2%virbr0 of-running\n"
          "h web 10.0.1.1%virbr1 of-running\n"
          "h web 10.0.1.2%virbr1 good\n"
          "d a 10.0.1.2%virbr1 good\n"
          "h web 10.0.2.1%virbr2 of-running\n" },
        /* ... which must be answered themselves */
        { "network,virbr0\nlease,web,127.0.0.1,1,9\nlease,web,10.0.0.2,2,9\nlease,web,10.0.0.3,3,7\n"
          "lease,x,10.0.0.4,3,9\n"
          "domain,vm,1,3",
          "h web 127.0.0.1%virbr0 bad-address\n"
          "d vm 127.0.0.1%virbr0 bad-address\n"
          "h web 10.0.0.2%virbr0 good\n"
          "h web 10.0.0.3%virbr0 superseded\n"
          "d vm 10.0.0.3%virbr0 superseded\n"
          "h x 10.0.0.4%virbr0 good\n"
          "d vm 10.0.0.4%virbr0 good\n" },

        /* static names: of running domains, or without a MAC address; on-link; after every lease */
        { STATIC "domain,vm,1\nhosts,52:54:00:00:00:01;10.0.0.9;fixed|52:54:00:00:00:02;10.0.0.8;off|"
          "52:54:00:00:00:01;10.9.0.9;elsewhere|52:54:00:00:00:01;10.0.0.254;host",
          "h fixed 10.0.0.9%virbr0 good\n"
          "d vm -%virbr0 good\n" },
        { STATIC "addn,10.0.0.9 printer a.b|10.0.1.9 other|fe80::9 ll|10.9.9.9 far",
          "h printer 10.0.0.9%virbr0 good\n"
          "h a.b 10.0.0.9%virbr0 dotted\n"
          "h other 10.0.1.9%virbr1 good\n" },
        { "hostnames,no\n" STATIC "lease,web,10.0.0.1,1,9\naddn,10.0.0.9 web",
          "h web 10.0.0.9%virbr0 good\n" },
        { "static,no\n" STATIC "addn,10.0.0.9 web", "" },
        /* ... of that name, that domain's name, or that MAC address; while it lasts */
        { STATIC "lease,web,10.0.0.1,1,9\nlease,db,10.0.0.2,2,8\nlease,-,10.0.0.3,3,0\ndomain,vm,3\n"
          "addn,10.0.0.9 web db vm free",
          "h web 10.0.0.1%virbr0 good\n"
          "h db 10.0.0.2%virbr0 good\n"
          "d vm 10.0.0.3%virbr0 good\n"
          "h web 10.0.0.9%virbr0 leased\n"
          "h db 10.0.0.9%virbr0 good\n"
          "h vm 10.0.0.9%virbr0 leased\n"
          "h free 10.0.0.9%virbr0 good\n" },
        { STATIC "lease,web,10.0.0.1,1,9\nlease,db,10.0.0.2,2,8\ndomain,a,1\ndomain,b,2\n"
          "hosts,52:54:00:00:00:01;10.0.0.9;x|52:54:00:00:00:02;10.0.0.8;y",
          "h web 10.0.0.1%virbr0 good\n"
          "d a 10.0.0.1%virbr0 good\n"
          "h db 10.0.0.2%virbr0 good\n"
          "d b 10.0.0.2%virbr0 good\n"
          "h x 10.0.0.9%virbr0 leased\n"
          "h y 10.0.0.8%virbr0 good\n" },

        /* no guest's address, whatever the name */
        { "network,virbr0\nlease,web1,127.0.0.1,1,9\nlease,_x,::1,2,9\nlease,web2,fe80::1,3,9\ndomain,vm,1\n"
          "domain,wpad,2",
          "h web1 127.0.0.1%virbr0 bad-address\n"
          "d vm 127.0.0.1%virbr0 bad-address\n"
          "h _x ::1%virbr0 bad-address\n"
          "d wpad ::1%virbr0 bad-address\n"
          "h web2 fe80::1%virbr0 good\n" },
};

START_TEST(test_claims) {
        _cleanup_(world_freep) World *w = world_read(rows[_i].world);
        _cleanup_(catalog_freep) Catalog *c = world_catalog(w);
        _cleanup_(freep) char *text = claims_text(c, false);

        ck_assert_str_eq(text, rows[_i].claims);
        check_catalog(w, c);
}
END_TEST

/* Newest expiry first, never-expiring ones last, then by file and place; the
 * leaseless at the end; the lease variant before the domains. */
START_TEST(test_order) {
        _cleanup_(world_freep) World *w = world_read(
                "network,virbr0\n"
                "lease,a,10.0.0.1,0,0\nlease,a,10.0.0.2,0,5\nlease,A,10.0.0.3,0,7\nlease,a,10.0.0.4,0,-9\n"
                "lease,B,10.0.0.5,5,1\nlease,A,10.0.0.6,0,5\nlease,-,10.0.0.7,6,0\n"
                "domain,zz,5\ndomain,a2,6\ndomain,zz,9\n"
                "network,virbr1\n"
                "lease,a,10.0.1.1,0,0\nlease,a,10.0.1.2,0,5\nlease,a,10.0.1.3,0,7\nlease,-,10.0.1.4,7,2\n"
                "domain,zz,7\n");
        _cleanup_(catalog_freep) Catalog *c = world_catalog(w);
        _cleanup_(freep) char *text = claims_text(c, true);

        ck_assert_str_eq(text,
                         "h a (A) 10.0.0.3%virbr0 good\n"
                         "h a 10.0.1.3%virbr1 good\n"
                         "h a 10.0.0.2%virbr0 good\n"
                         "h a (A) 10.0.0.6%virbr0 good\n"
                         "h a 10.0.1.2%virbr1 good\n"
                         "h a 10.0.0.4%virbr0 good\n"
                         "h a 10.0.0.1%virbr0 good\n"
                         "h a 10.0.1.1%virbr1 good\n"
                         "h b (B) 10.0.0.5%virbr0 good\n"
                         "d a2 10.0.0.7%virbr0 good\n"
                         "d zz 10.0.1.4%virbr1 good\n"
                         "d zz 10.0.0.5%virbr0 good\n"
                         "d zz -%virbr0 good\n");
        check_catalog(w, c);
}
END_TEST

START_TEST(test_lease) {
        _cleanup_(world_freep) World *w = world_read(
                "deny,puppet\nnetwork,virbr0\n"
                "lease,web1,10.0.0.1,1,9\nlease,puppet,10.0.0.2,2,9\nlease,-,10.0.0.3,3,9\n"
                "lease,web1,127.0.0.1,0,9\n"
                "lease,x,10.0.0.5,4,9\n"
                "domain,web1,1\ndomain,other,4\ndomain,more,4\ndomain,less,4\n");
        _cleanup_(catalog_freep) Catalog *c = world_catalog(w);

        ck_assert_uint_eq(c->n_leases, 5);
        ck_assert_str_eq(c->bindings[0].domain, "web1");
        ck_assert_int_eq(c->bindings[0].verdict, NAME_GOOD);
        ck_assert_ptr_null(c->bindings[1].domain);
        ck_assert_int_eq(c->bindings[1].verdict, NAME_DENIED);
        ck_assert_int_eq(c->bindings[2].verdict, NAME_GOOD);
        ck_assert_uint_eq(c->bindings[2].n_claims, 0);
        ck_assert_int_eq(c->bindings[3].verdict, NAME_BAD_ADDRESS);
        ck_assert_str_eq(c->bindings[4].domain, "other"); /* the first in the file */
        ck_assert(c->reverse);
        ck_assert_ptr_null(catalog_free(NULL));
}
END_TEST

START_TEST(test_find) {
        _cleanup_(world_freep) World *w = world_read(
                "network,virbr0\nlease,b,10.0.0.1,1,9\nlease,b,10.0.0.2,2,9\nlease,d,10.0.0.3,3,9\n"
                "domain,b,1,2\ndomain,x,3");
        _cleanup_(catalog_freep) Catalog *c = world_catalog(w);
        size_t first;

        ck_assert_uint_eq(catalog_find(c, VARIANT_LEASE, "a", &first), 0);
        ck_assert_uint_eq(catalog_find(c, VARIANT_LEASE, "b", &first), 2);
        ck_assert_uint_eq(first, 0);
        ck_assert_uint_eq(catalog_find(c, VARIANT_LEASE, "B", &first), 0);
        ck_assert_uint_eq(catalog_find(c, VARIANT_LEASE, "c", &first), 0);
        ck_assert_uint_eq(catalog_find(c, VARIANT_LEASE, "d", &first), 1);
        ck_assert_uint_eq(first, 2);
        ck_assert_uint_eq(catalog_find(c, VARIANT_LEASE, "x", &first), 0);
        ck_assert_uint_eq(catalog_find(c, VARIANT_DOMAIN, "b", &first), 2);
        ck_assert_uint_eq(catalog_find(c, VARIANT_DOMAIN, "x", &first), 1);
        ck_assert_uint_eq(catalog_find(c, VARIANT_DOMAIN, "y", &first), 0);
        ck_assert_uint_eq(first, c->n_claims);
}
END_TEST

/* A form that would be longer than a host name may be is left out; the bare one stays. */
START_TEST(test_long) {
        _cleanup_(world_freep) World *w = world_new();
        char name[64], suffix[200];

        memset(name, 'a', sizeof(name));
        name[63] = '\0';
        (void) snprintf(suffix, sizeof(suffix), "%s.%s.%.61s", name, name, name);
        ck_assert_int_eq(policy_add_suffix(&w->policy, suffix), 0); /* 189 bytes: 253 with the longest name */
        world_add_network(w, "virbr0");
        world_add_lease(w, name, "10.0.0.1", 0, 9);
        {
                _cleanup_(catalog_freep) Catalog *c = world_catalog(w);

                ck_assert_uint_eq(c->n_claims, 2);
                ck_assert_uint_eq(strlen(c->claims[0].key), 253);
        }
        suffix[189] = 'a';
        suffix[190] = '\0';
        ck_assert_int_eq(policy_add_suffix(&w->policy, suffix), 0);
        {
                _cleanup_(catalog_freep) Catalog *c = world_catalog(w);

                ck_assert_uint_eq(c->n_claims, 2);
        }
}
END_TEST

/* Networks of which one file or both have not been read. */
START_TEST(test_absent) {
        _cleanup_(world_freep) World *w =
                        world_read("network,virbr0\nlease,a,10.0.0.1,1,9\nnetwork,virbr1\ndomain,b,1\n"
                        "network,virbr2");
        _cleanup_(catalog_freep) Catalog *c = NULL;
        _cleanup_(freep) char *text = NULL;

        w->networks[0].macs = NULL;
        w->networks[1].status = NULL;
        w->networks[2].status = NULL;
        w->networks[2].macs = NULL;
        c = world_catalog(w);
        text = claims_text(c, false);
        ck_assert_str_eq(text, "h a 10.0.0.1%virbr0 good\nd b -%virbr1 good\n");
}
END_TEST

/* Leases beyond the limit are dropped, counted, and of those networks that have more than their
 * share; they take no other's claims along. */
static const struct {
        size_t max;
        size_t leases[4], kept[4]; /* of each network */
} shares[] = {
        { 100, { 10, 20, 30, 40 }, { 10, 20, 30, 40 } },
        { 99, { 10, 20, 30, 40 }, { 10, 20, 30, 39 } },
        { 80, { 40, 30, 20, 10 }, { 25, 25, 20, 10 } },
        { 80, { 400, 5, 0, 5 }, { 70, 5, 0, 5 } },
        { 80, { 400, 400, 0, 5 }, { 37, 37, 0, 5 } }, /* and one is left over */
        { 80, { 400, 0, 400, 400 }, { 26, 0, 26, 26 } },
        { 3, { 1, 1, 1, 400 }, { 0, 0, 0, 0 } },
        { 4, { 1, 1, 1, 400 }, { 1, 1, 1, 1 } },
        { 0, { 1, 0, 0, 0 }, { 0, 0, 0, 0 } },
        { 9, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } },
};

START_TEST(test_shares) {
        _cleanup_(world_freep) World *w = world_new();
        _cleanup_(catalog_freep) Catalog *c = NULL;
        size_t n = 0, n_leases = 0;
        char name[32];

        for (unsigned i = 0; i < WORLD_NETWORKS_MAX; i++) {
                (void) snprintf(name, sizeof(name), "virbr%u", i);
                world_add_network(w, name);
                world_add_domain(w, name, NULL, 0);
                for (size_t k = 0; k < shares[_i].leases[i]; k++) {
                        (void) snprintf(name, sizeof(name), "g%u-%zu", i, k);
                        world_add_lease(w, name, "10.0.0.1", 0, 9);
                }
                n_leases += shares[_i].leases[i];
        }

        ck_assert_int_eq(catalog_new(&(CatalogSources) { .n_networks = w->n_networks,
                        .networks = w->networks }, &w->policy, shares[_i].max, &c), 0);
        for (unsigned i = 0; i < WORLD_NETWORKS_MAX; i++)
                for (size_t k = 0; k < shares[_i].kept[i]; k++, n++) {
                        ck_assert_uint_lt(n, c->n_leases);
                        ck_assert_ptr_eq(c->bindings[n].binding, w->lists[i].bindings + k);
                        ck_assert_uint_eq(c->bindings[n].network, i);
                }
        ck_assert_uint_eq(c->n_leases, n);
        ck_assert_uint_eq(c->n_dropped, n_leases - n);
        ck_assert_uint_eq(c->n_claims, n + WORLD_NETWORKS_MAX);
        for (size_t i = n; i < c->n_claims; i++)
                ck_assert_uint_eq(c->claims[i].binding, CATALOG_NONE);
}
END_TEST

/* What is said of a lease's names, with its newest lease last. */
static const struct {
        const char *world, *text;
        bool superseded;
} explained[] = {
        { "network,virbr0\nlease,web1,10.0.0.1,1,9\ndomain,vm,1", NULL, false },
        { "network,virbr0\nlease,-,10.0.0.1,1,9", NULL, false },
        { HEAD "network,virbr0\nlease,Gateway,10.0.0.1,1,9\ndomain,_Gateway,1",
          "domain '_Gateway': the name has a meaning of its own and is never a guest's", false },
        { HEAD "network,virbr0\nlease,WPAD,10.0.0.1,1,9\ndomain,puppet,1",
          "hostname 'WPAD': the name has a meaning of its own and is never a guest's; "
          "domain 'puppet': the administrator denied it with --deny-name=", false },
        { "suffix,lab.example\ndeny,db.lab.example\nnetwork,virbr0\nlease,db,10.0.0.1,1,9",
          "hostname 'db.lab.example': the administrator denied it with --deny-name=", false },
        { HEAD "network,virbr0\nlease,web,10.0.0.1,2,9\nlease,web,10.0.0.2,1,7\nlease,web,10.0.0.3,1,6\n"
          "domain,vm,1",
          "hostname 'web': its MAC address has another lease on that network, which ends later; "
          "domain 'vm': its MAC address has another lease on that network, which ends later", true },
        { HEAD "network,virbr0\nlease,web,10.0.0.2,1,9\nlease,web,10.0.0.3,0,9\ndomain,vm,1",
          "hostname 'web': a running domain has that hostname, and the lease isn't a running domain's",
          true },
        { HEAD "network,virbr0\nlease,x,10.0.0.2,1,9\nlease,wpad,10.0.0.3,1,7\ndomain,vm,1",
          "hostname 'wpad': the name has a meaning of its own and is never a guest's; "
          "domain 'vm': its MAC address has another lease on that network, which ends later", false },
};

START_TEST(test_explained) {
        _cleanup_(world_freep) World *w = world_read(explained[_i].world);
        _cleanup_(catalog_freep) Catalog *c = world_catalog(w);
        _cleanup_(explanation_done) Explanation e = { 0 };

        ck_assert_int_eq(catalog_explain(c, c->bindings + c->n_leases - 1, NOW, &e), 0);
        if (explained[_i].text)
                ck_assert_str_eq(e.text, explained[_i].text);
        else
                ck_assert_ptr_null(e.text);
        ck_assert_int_eq(e.superseded, explained[_i].superseded);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("catalog");

        tcase_add_loop_test(tcase, test_explained, 0, ELEMENTS(explained));
        tcase_add_loop_test(tcase, test_claims, 0, ELEMENTS(rows));
        tcase_add_test(tcase, test_order);
        tcase_add_test(tcase, test_lease);
        tcase_add_test(tcase, test_find);
        tcase_add_test(tcase, test_long);
        tcase_add_test(tcase, test_absent);
        tcase_add_loop_test(tcase, test_shares, 0, ELEMENTS(shares));
        return unit_run("catalog", tcase);
}
