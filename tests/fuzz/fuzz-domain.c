/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Any bytes as a domain's XML, and as a network's.
 */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "domains/facts.h"
#include "util/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is stated is a JSON document, whatever the names are. */
static void check_facts(json_t *facts) {
        char *text = facts ? json_dumps(facts, 0) : NULL;

        assert(text);
        free(text);
        json_decref(facts);
}

static void check_nic(const Nic *nic) {
        assert(nic->type[0] != '\0');
        assert(nic->n_ports <= NIC_PORTS_MAX);
        for (size_t i = 0; i < nic->n_ports; i++)
                assert(nic->ports[i].host > 0 && nic->ports[i].guest > 0);
}

static void check_domain(const char *data, size_t size) {
        char problem[DOMAIN_PROBLEM_SIZE];
        Inventory inventory = { 0 };
        Links links = { 0 };
        Domain *d = NULL;
        int r;

        r = domain_parse(data, size, &d, problem);
        assert(strlen(problem) < DOMAIN_PROBLEM_SIZE);
        if (r < 0) {
                assert((r == -EBADMSG || r == -EFBIG) && !d);
                return;
        }
        assert(d->name[0] != '\0' && utf8_is_string(d->name));
        assert(d->n_nics <= DOMAIN_NICS_MAX);
        for (size_t i = 0; i < d->n_nics; i++)
                check_nic(&d->nics[i]);
        assert(inventory_set_domain(&inventory, d) == 0);
        check_facts(facts_of_domains(&inventory, &links));
        inventory_clear(&inventory);
}

static void check_network(const char *data, size_t size) {
        Inventory inventory = { 0 };
        Network network;

        if (network_parse(data, size, &network) < 0)
                return;
        assert(inventory_add_network(&inventory, &network) == 0);
        check_facts(facts_of_networks(&inventory));
        inventory_clear(&inventory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        check_domain((const char *) data, size);
        check_network((const char *) data, size);
        return 0;
}
