/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void sources_done(CatalogSources *sources) {
        free((CatalogNetwork *) sources->networks);
        free(sources->documents);
}

/* Pairs the two files of each bridge, in the order of the files' names. */
static size_t collect_networks(const LeaseDirectory *d, CatalogNetwork *networks) {
        size_t n = 0;

        for (size_t i = 0; i < d->files.n_files; i++) {
                const LeaseFile *f = d->files.files[i], *other;

                if (f->kind->stem != STEM_BRIDGE)
                        continue;
                other = file_set_find(&d->files, f->interface,
                                f->kind->type == FILE_MACS ? FILE_STATUS : FILE_MACS);
                if (f->kind->type == FILE_MACS && other)
                        continue; /* paired with its .status file */
                networks[n] = (CatalogNetwork) { 0 };
                if (f->kind->type == FILE_STATUS)
                        networks[n].status = f->document;
                if (f->kind->type == FILE_MACS)
                        networks[n].macs = f->document;
                else if (other)
                        networks[n].macs = other->document;
                memcpy(networks[n++].interface, f->interface, sizeof(f->interface));
        }
        return n;
}

/* Collects the files with static names.  Returns the number of names in them, or -ENOMEM. */
static ssize_t collect_static_files(const LeaseDirectory *d, CatalogSources *ret) {
        size_t n_names = 0;

        ret->documents = calloc(d->files.n_files + 1, sizeof(*ret->documents));
        if (!ret->documents)
                return -ENOMEM;
        for (size_t i = 0; i < d->files.n_files; i++) {
                const LeaseFile *f = d->files.files[i];

                if (f->kind->stem != STEM_NETWORK || !f->document)
                        continue;
                ret->documents[ret->n_documents++] = f->document;
                n_names += f->document->bindings->n_bindings;
        }
        return (ssize_t) n_names;
}

int sources_collect(const LeaseDirectory *d, Facts *facts, Host *host, const NamePolicy *policy,
                CatalogSources *ret) {
        bool guests = facts_have_guests(facts);
        CatalogNetwork *networks;
        ssize_t n_static;
        int r;

        networks = calloc(d->files.n_files + 1, sizeof(*networks));
        if (!networks)
                return -ENOMEM;
        ret->networks = networks;
        ret->n_networks = collect_networks(d, networks);
        if (facts) {
                ret->nics = facts_nics(facts);
                ret->bridges = facts_bridges(facts, &ret->n_bridges);
        }
        n_static = collect_static_files(d, ret);
        if (n_static < 0)
                return (int) n_static;
        if ((n_static == 0 || policy->static_off) && !guests)
                return 0;
        r = host_read(host, facts);
        ret->host = host->addresses;
        return r;
}
