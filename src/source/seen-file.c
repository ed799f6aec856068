/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The addresses that were seen on a bridge, out of BRIDGE.json.
 */

#include "source/seen-file.h"

#include <stdlib.h>
#include <string.h>

#include "source/json-entries.h"
#include "util/array.h"

#define MAC_COUNTS ((size_t) 2 * SEEN_FILE_ENTRIES_MAX)

/* A MAC address, and how many entries were read of it; 0: a free slot. */
typedef struct MacCount {
        MacAddress mac;
        uint16_t n;
} MacCount;

/* ---- one entry ---- */

/* Reads a time; 0 if it isn't stated. */
static bool entry_time(const Entry *entry, const char *key, int64_t *ret) {
        const json_t *value = entry_get(entry, key);

        *ret = json_integer_value(value);
        if (value && (!json_is_integer(value) || *ret < 0))
                return entry_skipped(entry, key, "seconds since the epoch");
        return true;
}

/* "contested" and "refused" are true, or a text that says why; anything but null and false counts. */
static bool entry_flag(const Entry *entry, const char *key) {
        const json_t *value = entry_get(entry, key);

        return value && !json_is_false(value);
}

static bool seen_read(const Entry *entry, SeenAddress *ret) {
        const char *address = value_text(entry_get(entry, "ip-address"), NAME_LENGTH_MAX);
        const char *tap = entry_text(entry, "tap", INTERFACE_NAME_LENGTH_MAX, "it is ignored");

        *ret = (SeenAddress) { .contested = entry_flag(entry, "contested") };
        if (!address || address_parse(address, &ret->address) < 0)
                return entry_skipped(entry, "ip-address", "an IPv4 or IPv6 address");
        if (!value_mac(entry_get(entry, "mac-address"), &ret->mac))
                return entry_skipped(entry, "mac-address", "a MAC address");
        if (tap)
                (void) stpcpy(ret->tap, tap);
        return entry_time(entry, "first-seen", &ret->first_seen) &&
               entry_time(entry, "confirmed", &ret->confirmed) &&
               entry_time(entry, "expiry-time", &ret->expiry);
}

static int seen_read_texts(SeenList *list, const Entry *entry, SeenAddress *seen) {
        const char *by = entry_text(entry, "by", STATED_TEXT_MAX, "it is ignored");
        const char *refused = value_text(entry_get(entry, "refused"), STATED_TEXT_MAX);

        if (!refused && entry_flag(entry, "refused"))
                refused = "libvirt-resolve-seen doesn't believe it";
        if (arena_copy(&list->arena, by, &seen->by) < 0 ||
                        arena_copy(&list->arena, refused, &seen->refused) < 0)
                return -ENOMEM;
        return 0;
}

/* ---- entries of one MAC address ---- */

/* One more of it.  Returns false if it has too many.  There are more slots than entries. */
static bool mac_count(MacCount counts[static MAC_COUNTS], const MacAddress *mac) {
        uint32_t hash = 0;

        for (size_t i = 0; i < sizeof(mac->bytes); i++)
                hash = (hash ^ mac->bytes[i]) * UINT32_C(0x01000193);
        hash %= MAC_COUNTS;
        while (counts[hash].n > 0 && memcmp(&counts[hash].mac, mac, sizeof(*mac)) != 0)
                hash = (hash + 1) % MAC_COUNTS;
        if (counts[hash].n >= SEEN_FILE_NIC_MAX)
                return false;
        counts[hash].mac = *mac;
        counts[hash].n++;
        return true;
}

/* ---- the file ---- */

static int seen_list_add(SeenList *list, MacCount *counts, const Entry *entry) {
        SeenAddress seen, *grown;

        if (!seen_read(entry, &seen))
                return 0;
        if (list->n_addresses >= SEEN_FILE_ENTRIES_MAX) {
                (void) entry_skipped(entry, NULL, "fewer entries");
                return 0;
        }
        if (!mac_count(counts, &seen.mac)) {
                (void) entry_skipped(entry, "mac-address", "fewer entries with it");
                return 0;
        }
        grown = array_grow(list->addresses, list->n_addresses, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        list->addresses = grown;
        if (seen_read_texts(list, entry, &seen) < 0)
                return -ENOMEM;
        list->addresses[list->n_addresses++] = seen;
        return 0;
}

int seen_file_parse(const char *data, size_t size, SeenList **ret, DocumentError *error) {
        _cleanup_(seen_list_freep) SeenList *list = NULL;
        _cleanup_(entries_done) Entries entries = { 0 };
        _cleanup_(freep) MacCount *counts = calloc(MAC_COUNTS, sizeof(*counts));
        Entry entry;
        int r;

        list = calloc(1, sizeof(*list));
        if (!list || !counts)
                return document_error_memory(error);
        entries_start(&entries, data, size, &list->problems);
        while ((r = entries_next(&entries, &entry, error)) > 0)
                if (seen_list_add(list, counts, &entry) < 0)
                        return document_error_memory(error);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(list);
        return 0;
}

int64_t seen_address_end(const SeenAddress *seen) {
        int64_t end = seen->confirmed < INT64_MAX - SEEN_LIFETIME_SEC ? seen->confirmed + SEEN_LIFETIME_SEC :
                                                                        INT64_MAX;

        return seen->expiry > 0 ? MIN2(seen->expiry, end) : end;
}

SeenList *seen_list_free(SeenList *list) {
        if (list) {
                free(list->addresses);
                arena_done(&list->arena);
                free(list);
        }
        return NULL;
}
