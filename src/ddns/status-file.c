/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The status file.
 */

#include "ddns/status-file.h"

#include <string.h>

#include "ddns/state-file.h"
#include "ddns/sync.h"
#include "service/log.h"

static json_t *conflicts(const Sync *s) {
        json_t *names = json_array();

        for (size_t i = 0; i < s->entries.n && json_array_size(names) < STATUS_CONFLICTS_MAX; i++)
                if (s->entries.entries[i]->state == ENTRY_CONFLICT)
                        (void) json_array_append_new(names, json_string(s->entries.entries[i]->owner));
        return names;
}

static json_t *zones(const Sync *s) {
        json_t *names = json_array();

        for (size_t i = 0; i < s->config->selection.n_zones; i++)
                (void) json_array_append_new(names, json_string(s->config->selection.zones[i]));
        return names;
}

void status_file_write(const Sync *s) {
        _cleanup_(json_decrefp) json_t *status = NULL;
        int r;

        if (s->config->mode != MODE_SERVE)
                return;
        status = json_pack("{s:s, s:o, s:s, s:I, s:I, s:I, s:o, s:I, s:I, s:I}", "server", s->config->server,
                        "zones", zones(s), "host", s->config->host, "names",
                        (json_int_t) entries_count(&s->entries, ENTRY_SETTLED), "pending",
                        (json_int_t) entries_count(&s->entries, ENTRY_PENDING), "conflicts",
                        (json_int_t) entries_count(&s->entries, ENTRY_CONFLICT), "conflict-names",
                        conflicts(s), "last-update", (json_int_t) s->last_usec, "messages",
                        (json_int_t) s->n_messages, "bytes", (json_int_t) s->n_bytes);
        if (status && s->failure[0])
                (void) json_object_set_new(status, "error", json_string(s->failure));
        r = status ? file_replace(s->config->runtime_directory, "status.json", status, false) : -ENOMEM;
        if (r < 0)
                log_debug("The status can't be written to %s: %s.", s->config->runtime_directory,
                                strerror(-r));
}
