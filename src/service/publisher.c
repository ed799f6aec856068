/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/publisher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "index/writer.h"
#include "service/clock.h"
#include "service/log.h"
#include "service/publication.h"

/* How often lookups check that the published file is unchanged. */
#define CHECK_USEC UINT64_C(100000)

int publisher_init(Publisher *p, const char *runtime_directory) {
        *p = (Publisher) { .runtime_directory = strdup(runtime_directory) };
        return p->runtime_directory ? 0 : -ENOMEM;
}

void publisher_done(Publisher *p) {
        free(p->runtime_directory);
}

void publisher_adopt(Publisher *p, uint64_t policy) {
        IndexMeta meta;

        if (publication_meta(p->runtime_directory, &meta) < 0 || meta.state != INDEX_LIVE ||
                        meta.policy != policy)
                publisher_withdraw(p);
}

/* Records the result of publishing, and logs it if it is new. */
static int publisher_finish(Publisher *p, const StatSignature *directory, int r) {
        if (r < 0 && r != p->error)
                log_error("The index can't be published in %s: %s.  Every lookup has to ask the service.",
                                p->runtime_directory, strerror(-r));
        if (r >= 0 && p->error < 0)
                log_notice("The index is published in %s again.", p->runtime_directory);
        if (r >= 0)
                log_debug("Published the index.");
        p->error = r;
        p->published = r >= 0;
        p->directory = *directory;
        return r;
}

int publisher_publish(Publisher *p, const Index *index, const StatSignature *directory) {
        IndexMeta meta = index_meta(index);
        int r;

        meta.signature = *directory;
        r = index_write_meta(index->fd, &meta);
        if (r >= 0)
                r = publication_write(p->runtime_directory, index->fd, directory, &p->file);
        return publisher_finish(p, directory, r);
}

int publisher_publish_absence(Publisher *p, const StatSignature *directory) {
        return publisher_finish(p, directory,
                        publication_write_state(p->runtime_directory, INDEX_ABSENT, &p->file));
}

void publisher_withdraw(Publisher *p) {
        int r;

        p->published = false;
        r = publication_write_state(p->runtime_directory, INDEX_LIVE, &p->file);
        if (r < 0)
                r = publication_remove(p->runtime_directory); /* needs no descriptor */
        if (r < 0 && r != p->error) {
                log_error("The index in %s is out of date and can't be removed: %s.", p->runtime_directory,
                                strerror(-r));
                p->error = r;
        }
}

bool publisher_is_current(const Publisher *p, const StatSignature *directory) {
        return p->published && memcmp(&p->directory, directory, sizeof(*directory)) == 0;
}

bool publisher_check(Publisher *p) {
        uint64_t now = clock_usec(CLOCK_MONOTONIC);
        StatSignature file;

        if (!p->published || now - p->checked_usec < CHECK_USEC)
                return true;
        p->checked_usec = now;
        if (publication_identify(p->runtime_directory, &file) >= 0 &&
                        memcmp(&file, &p->file, sizeof(file)) == 0)
                return true;
        log_notice("The index in %s was changed by somebody else; it is published again.",
                        p->runtime_directory);
        p->published = false;
        return false;
}
