/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Asks the index; and the bus if the index is missing or not current.
 *
 * The index takes at most six system calls.  Its owner isn't root, so it is opened as an untrusted file (it
 * could be a link, a FIFO, a terminal), and the directory it is checked against never comes from the index
 * itself.
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

/* Returns a LookupResult; RESULT_UNSURE; or a negative errno if asking the service is known to fail. */
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

/* As index_backend_ask().  *ret_service_expected: there is an index of a service that ran, current or not. */
static int published_ask(const Question *question, unsigned backends, bool *ret_service_expected,
                Answer *ret) {
        _cleanup_(freep) Index *index = malloc(sizeof(*index));
        _cleanup_(closep) int fd = -1;

        if (!index)
                return -ENOMEM;
        fd = index_open(index);
        *ret_service_expected = fd >= 0 && index_meta(index).state != INDEX_FAILED;
        if (fd < 0 || !(backends & BACKEND_INDEX))
                return RESULT_UNSURE;
        return index_backend_ask(index, question, ret);
}

static int ask(unsigned backends, const Question *question, unsigned *used, Answer *ret) {
        bool service_expected;
        int r;

        if (backends == 0)
                return -EDEADLK;
        *used = BACKEND_INDEX;
        r = published_ask(question, backends, &service_expected, ret);
        if (r != RESULT_UNSURE)
                return r;
        if (!(backends & BACKEND_BUS))
                return -ESTALE;
        *used = BACKEND_BUS;
        return bus_backend_ask(question, service_expected, ret);
}

/* Whether a guest may have the name.  If not, neither backend is asked. */
static bool name_may_be_guests(const char *name) {
        char folded[NAME_SIZE];

        return name_fold(name, folded) > 0 && utf8_is_string(name) && !name_is_reserved(folded);
}

int backend_find_name(unsigned backends, NameVariant variant, const char *name, int family, unsigned *used,
                Answer *ret) {
        *used = 0;
        if (!name_may_be_guests(name))
                return LOOKUP_NO_NAME;
        return ask(backends, &(Question) { .variant = variant, .family = family, .name = name }, used, ret);
}

int backend_find_address(unsigned backends, NameVariant variant, int family, const uint8_t *address,
                unsigned *used, Answer *ret) {
        *used = 0;
        if (!address_is_guests(family, address) || address_is_link_local(family, address))
                return LOOKUP_NO_NAME;
        return ask(backends, &(Question) { .variant = variant, .family = family, .address = address }, used,
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
