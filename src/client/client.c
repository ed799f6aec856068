/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Translates the NSS modules' questions to D-Bus calls, and replies to answers in the same form as the
 * index's.  A reply is checked by the same rules: addresses that can't be a guest's, or names other than the
 * requested one, are dropped.
 *
 * An answer is filled from both ends: entries from the front, names from the back.  When they meet, the rest
 * of the reply is ignored.
 */

#include "client/client.h"

#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>

#include "client/call.h"
#include "client/question.h"
#include "names/name.h"
#include "util/protocol.h"
#include "util/util.h"

/* An answer under construction. */
typedef struct AnswerBuilder {
        Answer *answer;
        size_t names;  /* offset of the names, which grow down from the buffer's end */
        size_t n_read; /* entries of the reply so far, good or not */
} AnswerBuilder;

static AnswerBuilder builder_begin(Answer *answer) {
        answer->n_entries = 0;
        answer->entries = (IndexEntry *) (void *) answer->buffer;
        return (AnswerBuilder) { .answer = answer, .names = sizeof(answer->buffer) };
}

static bool builder_has_room(const AnswerBuilder *builder, size_t size) {
        return builder->names - builder->answer->n_entries * sizeof(IndexEntry) >= size;
}

/* Whether to read one more entry of the reply. */
static bool builder_within_limit(AnswerBuilder *builder) {
        return ++builder->n_read <= REPLY_ENTRIES_MAX;
}

/* Stores a name, for which there must be room.  Returns its offset. */
static uint16_t builder_add_name(AnswerBuilder *builder, const char *name) {
        size_t size = strlen(name) + 1;

        builder->names -= size;
        memcpy(builder->answer->buffer + builder->names, name, size);
        return (uint16_t) builder->names;
}

static void builder_add_entry(AnswerBuilder *builder, const Question *question, int family,
                const uint8_t *address, uint32_t ifindex, uint16_t name) {
        IndexEntry *entry = &builder->answer->entries[builder->answer->n_entries++];

        *entry = (IndexEntry) {
                .ifindex = ifindex,
                .family = (uint8_t) family,
                .variant = question->variant & 15,
                .name = name,
        };
        memcpy(entry->address, address, address_length(family));
}

/* ---- replies ---- */

/* An error about the question is a LookupResult; an error that kept the service from answering is an errno.
 */
static int result_of_error(const sd_bus_error *error) {
        static const struct {
                const char *name;
                int result;
        } results[] = {
                { SERVICE_ERROR_NO_SUCH_NAME, LOOKUP_NO_NAME },
                { SERVICE_ERROR_NO_SUCH_ADDRESS, LOOKUP_NO_NAME },
                { SERVICE_ERROR_NAME_REFUSED, LOOKUP_NO_NAME },
                { SERVICE_ERROR_NO_DATA, LOOKUP_NO_FAMILY },
                { SERVICE_ERROR_LEASES_UNAVAILABLE, -ENOENT },
        };
        int r;

        for (size_t i = 0; i < ELEMENTS(results); i++)
                if (strcmp(error->name, results[i].name) == 0)
                        return results[i].result;
        r = sd_bus_error_get_errno(error);
        return r > 0 ? -r : -EIO;
}

static bool name_is_the_one_asked(const char *name, const Question *question) {
        char a[NAME_SIZE], b[NAME_SIZE];

        return name_fold(name, a) > 0 && name_fold(question->name, b) > 0 && strcmp(a, b) == 0;
}

/* The canonical name may have one more character, a trailing dot. */
static size_t canonical_size_max(const Question *question) {
        return strlen(question->name) + 2;
}

static bool address_is_wanted(int family, const uint8_t *address, size_t length, const Question *question) {
        if (family != AF_INET && family != AF_INET6)
                return false;
        return length == address_length(family) && address_is_guests(family, address) &&
               (question->family == AF_UNSPEC || question->family == family);
}

/* Reads one (iiay).  Returns 1, 0 at the array's end, or a negative errno. */
static int read_address(sd_bus_message *reply, const Question *question, AnswerBuilder *builder) {
        const void *address;
        int ifindex, family, r;
        size_t length;

        r = sd_bus_message_enter_container(reply, 'r', "iiay");
        if (r <= 0)
                return r;
        if (!builder_within_limit(builder))
                return -EBADMSG;
        r = sd_bus_message_read(reply, "ii", &ifindex, &family);
        if (r < 0)
                return r;
        r = sd_bus_message_read_array(reply, 'y', &address, &length);
        if (r < 0)
                return r;
        if (address_is_wanted(family, address, length, question) &&
                        builder_has_room(builder, sizeof(IndexEntry) + canonical_size_max(question)))
                builder_add_entry(builder, question, family, address, ifindex > 0 ? (uint32_t) ifindex : 0,
                                0);
        r = sd_bus_message_exit_container(reply);
        return r < 0 ? r : 1;
}

static int read_addresses(sd_bus_message *reply, const Question *question, Answer *ret) {
        AnswerBuilder builder = builder_begin(ret);
        const char *canonical;
        uint16_t name;
        int r;

        r = sd_bus_message_enter_container(reply, 'a', "(iiay)");
        if (r < 0)
                return r;
        do
                r = read_address(reply, question, &builder);
        while (r > 0);
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(reply);
        if (r < 0)
                return r;
        r = sd_bus_message_read(reply, "s", &canonical);
        if (r < 0)
                return r;
        if (!name_is_the_one_asked(canonical, question))
                return -EBADMSG;
        if (ret->n_entries == 0)
                return LOOKUP_NO_FAMILY;

        name = builder_add_name(&builder, canonical);
        for (size_t i = 0; i < ret->n_entries; i++)
                ret->entries[i].name = name;
        return LOOKUP_FOUND;
}

static bool name_is_wanted(const char *name) {
        char folded[NAME_SIZE];

        return name_fold(name, folded) > 0 && name_is_hostname(folded) && !name_is_reserved(folded);
}

static int read_names(sd_bus_message *reply, const Question *question, Answer *ret) {
        AnswerBuilder builder = builder_begin(ret);
        const char *name;
        int ifindex, r;

        r = sd_bus_message_enter_container(reply, 'a', "(is)");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read(reply, "(is)", &ifindex, &name)) > 0) {
                if (!builder_within_limit(&builder))
                        return -EBADMSG;
                if (name_is_wanted(name) && builder_has_room(&builder, sizeof(IndexEntry) + strlen(name) + 1))
                        builder_add_entry(&builder, question, question->family, question->address,
                                        ifindex > 0 ? (uint32_t) ifindex : 0,
                                        builder_add_name(&builder, name));
        }
        if (r < 0)
                return r;
        return ret->n_entries > 0 ? LOOKUP_FOUND : LOOKUP_NO_NAME;
}

/* ---- questions ---- */

static int fill_name(sd_bus_message *message, const void *userdata) {
        const Question *question = userdata;

        return sd_bus_message_append(message, "isit", 0, question->name, question->family,
                        (uint64_t) question->variant);
}

static int fill_address(sd_bus_message *message, const void *userdata) {
        const Question *question = userdata;
        int r;

        r = sd_bus_message_append(message, "ii", 0, question->family);
        if (r < 0)
                return r;
        r = sd_bus_message_append_array(message, 'y', question->address, address_length(question->family));
        if (r < 0)
                return r;
        return sd_bus_message_append(message, "t", (uint64_t) question->variant);
}

_public_ int libvirt_resolve_client1_name(NameVariant variant, const char *name, int family,
                int service_expected, Answer *ret) {
        Question question = { .variant = variant, .family = family, .name = name };
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = call_service("ResolveHostname", fill_name, &question, service_expected, &reply);
        if (r < 0)
                return r;
        if (sd_bus_message_is_method_error(reply, NULL))
                return result_of_error(sd_bus_message_get_error(reply));
        if (!sd_bus_message_has_signature(reply, "a(iiay)st"))
                return -EBADMSG;
        return read_addresses(reply, &question, ret);
}

_public_ int libvirt_resolve_client1_address(NameVariant variant, int family, const uint8_t *address,
                int service_expected, Answer *ret) {
        Question question = { .variant = variant, .family = family, .address = address };
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = call_service("ResolveAddress", fill_address, &question, service_expected, &reply);
        if (r < 0)
                return r;
        if (sd_bus_message_is_method_error(reply, NULL))
                return result_of_error(sd_bus_message_get_error(reply));
        if (!sd_bus_message_has_signature(reply, "a(is)t"))
                return -EBADMSG;
        return read_names(reply, &question, ret);
}
