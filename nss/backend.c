/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Asks the index, and the bus where the index isn't current or isn't there.
 *
 * The index costs six system calls at most.  Its owner isn't root, so it is
 * opened as something that might be anything (a link, a FIFO, a terminal), and
 * it is never the index that names the directory it is held against.
 */

#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "bus-backend.h"
#include "client/question.h"
#include "backend.h"
#include "names/name.h"
#include "status.h"
#include "util/utf8.h"
#include "util/util.h"

#define INDEX_PATH RUNTIME_DIRECTORY "/" INDEX_FILE_NAME

static int index_open(Index *ret) {
        _cleanup_(closep) int fd = -1;
        int r;

        fd = open(INDEX_PATH, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return -errno;
        r = index_load(fd, ret);
        if (r < 0)
                return r;
        return TAKE_FD(fd);
}

static int64_t now_sec(void) {
        struct timespec ts = { 0 };

        (void) clock_gettime(CLOCK_REALTIME, &ts);
        return ts.tv_sec;
}

static int index_find(const Index *index, const Question *question, Answer *ret) {
        if (question->name)
                return index_find_name(index, question->variant, question->name, question->family, NULL,
                                now_sec(), ret);
        return index_find_address(index, question->variant, question->family, question->address, NULL,
                        now_sec(), ret);
}

/* A LookupResult; RESULT_UNSURE; or a negative errno, where asking the service
 * is known to be in vain. */
static int index_backend_ask(const Index *index, const Question *question, Answer *ret) {
        IndexMeta meta = index_meta(index);
        struct stat st;
        int r;

        if (meta.state == INDEX_FAILED)
                return -ECONNREFUSED;

        r = stat(LEASE_DIRECTORY, &st) < 0 ? -errno : 0;
        if (meta.state == INDEX_ABSENT)
                return r == -ENOENT ? r : RESULT_UNSURE;
        if (r < 0 || meta.state != INDEX_LIVE || !index_is_current(&meta, &st))
                return RESULT_UNSURE;

        r = index_find(index, question, ret);
        return r < 0 ? RESULT_UNSURE : r;
}

/* As index_backend_ask(), and whether there is an index of a service that ran, current or not. */
static int published_ask(const Question *question, unsigned ways, bool *ret_live, Answer *ret) {
        _cleanup_(freep) Index *index = malloc(sizeof(*index));
        _cleanup_(closep) int fd = -1;

        if (!index)
                return -ENOMEM;
        fd = index_open(index);
        *ret_live = fd >= 0 && index_meta(index).state != INDEX_FAILED;
        return fd >= 0 && (ways & WAY_INDEX) ? index_backend_ask(index, question, ret) : RESULT_UNSURE;
}

static int ask(unsigned ways, const Question *question, unsigned *taken, Answer *ret) {
        bool live;
        int r;

        if (ways == 0)
                return -EDEADLK;
        *taken = WAY_INDEX;
        r = published_ask(question, ways, &live, ret);
        if (r != RESULT_UNSURE)
                return r;
        if (!(ways & WAY_BUS))
                return -ESTALE;
        *taken = WAY_BUS;
        return bus_backend_ask(question, live, ret);
}

/* Whether a guest may have the name.  If not, nothing is asked, least of all over the bus. */
static bool name_may_be_guests(const char *name) {
        char folded[NAME_SIZE];

        return name_fold(name, folded) > 0 && utf8_is_string(name) && !name_is_reserved(folded);
}

int backend_find_name(unsigned ways, NameVariant variant, const char *name, int family, unsigned *taken,
                Answer *ret) {
        *taken = 0;
        if (!name_may_be_guests(name))
                return LOOKUP_NO_NAME;
        return ask(ways, &(Question) { .variant = variant, .family = family, .name = name }, taken, ret);
}

int backend_find_address(unsigned ways, NameVariant variant, int family, const uint8_t *address,
                unsigned *taken, Answer *ret) {
        *taken = 0;
        if (!address_is_guests(family, address) || address_is_link_local(family, address))
                return LOOKUP_NO_NAME;
        return ask(ways, &(Question) { .variant = variant, .family = family, .address = address }, taken,
                        ret);
}

void backend_find_scopes(Answer *answer) {
        for (size_t i = 0; i < answer->n_entries; i++) {
                IndexEntry *entry = &answer->entries[i];

                if (entry->family == AF_INET6 && entry->ifindex == 0 && entry->interface[0] != '\0' &&
                                address_is_link_local(AF_INET6, entry->address))
                        entry->ifindex = if_nametoindex(entry->interface);
        }
}
