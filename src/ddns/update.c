/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An UPDATE message.
 */

#include "ddns/update.h"

#include <stdio.h>
#include <string.h>

#include "cli/json.h"
#include "ddns/dhcid.h"

/* The tolerance of a signature's time, in seconds: RFC 8945's recommendation. */
#define FUDGE 300

#define RECORD_SIZE 512

typedef struct Names {
        const char *owner;
        char marker[RECORD_SIZE];
        char left[RECORD_SIZE];
} Names;

static const char *const step_texts[] = {
        [STEP_CHECK] = "check",
        [STEP_REPLACE_OWN] = "replace",
        [STEP_CREATE] = "create",
        [STEP_TAKE_OVER] = "take over",
        [STEP_REPAIR] = "repair",
        [STEP_TAKE_BACK] = "take back",
        [STEP_LEAVE] = "mark as left",
        [STEP_REMOVE] = "remove",
};

const char *step_to_text(Step step) {
        return step_texts[step];
}

bool owner_is_valid(const char *owner) {
        static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/.";
        char marker[RECORD_SIZE];
        ldns_rdf *name = NULL;
        size_t n = strlen(owner);

        if (n > 0 && owner[n - 1] != '.' && strspn(owner, characters) == n &&
                        snprintf(marker, sizeof(marker), LEFT_LABEL "." MARKER_LABEL ".%s", owner) <
                                        (int) sizeof(marker))
                name = ldns_dname_new_frm_str(marker);
        ldns_rdf_deep_free(name);
        return name != NULL;
}

int update_init(Update *u, const char *zone, bool reverse, const char *host, uint32_t ttl) {
        *u = (Update) {
                .prerequisites = ldns_rr_list_new(),
                .changes = ldns_rr_list_new(),
                .zone = zone,
                .reverse = reverse,
                .host = host,
                .ttl = ttl,
        };
        return u->prerequisites && u->changes ? 0 : -ENOMEM;
}

void update_done(Update *u) {
        ldns_rr_list_deep_free(u->prerequisites);
        ldns_rr_list_deep_free(u->changes);
}

static int push(ldns_rr_list *list, ldns_rr *rr) {
        if (rr && ldns_rr_list_push_rr(list, rr))
                return 0;
        ldns_rr_free(rr);
        return -ENOMEM;
}

/* Adds a record without data, which stands for a set of records. */
static int push_set(ldns_rr_list *list, const char *owner, ldns_rr_class class, ldns_rr_type type) {
        ldns_rdf *name = ldns_dname_new_frm_str(owner);
        ldns_rr *rr = ldns_rr_new();

        if (!name || !rr) {
                ldns_rdf_deep_free(name);
                ldns_rr_free(rr);
                return -ENOMEM;
        }
        ldns_rr_set_owner(rr, name);
        ldns_rr_set_class(rr, class);
        ldns_rr_set_type(rr, type);
        ldns_rr_set_ttl(rr, 0);
        return push(list, rr);
}

/* data: "TYPE DATA" */
static int push_record(ldns_rr_list *list, const char *owner, uint32_t ttl, const char *data) {
        char text[RECORD_SIZE];
        ldns_rr *rr;

        if (snprintf(text, sizeof(text), "%s. %u IN %s", owner, ttl, data) >= (int) sizeof(text))
                return -EINVAL;
        return ldns_rr_new_frm_str(&rr, text, ttl, NULL, NULL) == LDNS_STATUS_OK ? push(list, rr) : -EINVAL;
}

static int push_dhcid(ldns_rr_list *list, const char *owner, uint32_t ttl, const json_t *entry) {
        uint8_t data[DHCID_SIZE];
        ldns_rdf *rdf;
        MacAddress mac;
        int r;

        r = mac_parse(json_text(entry, "mac"), &mac);
        if (r >= 0)
                r = dhcid_make(&mac, json_text(entry, "name"), data);
        if (r >= 0)
                r = push_set(list, owner, LDNS_RR_CLASS_IN, LDNS_RR_TYPE_DHCID);
        if (r < 0)
                return r;
        rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_B64, sizeof(data), data);
        if (!rdf)
                return -ENOMEM;
        ldns_rr *rr = ldns_rr_list_rr(list, ldns_rr_list_rr_count(list) - 1);
        ldns_rr_set_ttl(rr, ttl);
        return ldns_rr_push_rdf(rr, rdf) ? 0 : -ENOMEM;
}

/* name: names->marker or names->left */
static int push_marker(const Update *u, ldns_rr_list *list, const char *name, uint32_t ttl) {
        char data[DDNS_HOST_SIZE + 16];

        (void) snprintf(data, sizeof(data), "TXT \"host=%s\"", u->host);
        return push_record(list, name, ttl, data);
}

static int push_records(ldns_rr_list *list, const char *owner, uint32_t ttl, const json_t *entry) {
        const json_t *record;
        size_t i;
        int r = 0;

        json_array_foreach(json_object_get(entry, "records"), i, record) {
                r = push_record(list, owner, ttl, json_string_value(record));
                if (r < 0)
                        return r;
        }
        return 0;
}

static bool has_records_of(const json_t *entry, ldns_rr_type type) {
        const char *prefix = type == LDNS_RR_TYPE_A ? "A " : "AAAA ";
        const json_t *record;
        size_t i;

        json_array_foreach(json_object_get(entry, "records"), i, record)
                if (strncmp(json_string_value(record), prefix, strlen(prefix)) == 0)
                        return true;
        return false;
}

/* Requires that there are no addresses of a family that the guest doesn't have. */
static int require_absence(Update *u, const char *owner, const json_t *entry) {
        static const ldns_rr_type types[] = { LDNS_RR_TYPE_A, LDNS_RR_TYPE_AAAA };
        int r = 0;

        for (size_t i = 0; !u->reverse && i < ELEMENTS(types) && r >= 0; i++)
                if (!has_records_of(entry, types[i]))
                        r = push_set(u->prerequisites, owner, LDNS_RR_CLASS_NONE, types[i]);
        return r;
}

static int require_all(Update *u, const Names *names, const json_t *entry) {
        int r;

        r = push_records(u->prerequisites, names->owner, 0, entry);
        if (r >= 0)
                r = require_absence(u, names->owner, entry);
        if (r >= 0)
                r = push_dhcid(u->prerequisites, names->owner, 0, entry);
        return r < 0 ? r : push_marker(u, u->prerequisites, names->marker, 0);
}

static int require(Update *u, Step step, const Names *names, const json_t *entry) {
        int r = 0;

        switch (step) {
        case STEP_CHECK:
                return require_all(u, names, entry);
        case STEP_REPLACE_OWN:
        case STEP_LEAVE:
        case STEP_REMOVE:
                return push_marker(u, u->prerequisites, names->marker, 0);
        case STEP_CREATE:
                r = push_set(u->prerequisites, names->owner, LDNS_RR_CLASS_NONE, LDNS_RR_TYPE_ANY);
                break;
        case STEP_TAKE_OVER:
        case STEP_REPAIR:
        case STEP_TAKE_BACK:
                r = push_dhcid(u->prerequisites, names->owner, 0, entry);
                break;
        }
        if (r < 0 || step == STEP_TAKE_OVER)
                return r;
        if (step == STEP_TAKE_BACK)
                return push_set(u->prerequisites, names->left, LDNS_RR_CLASS_ANY, LDNS_RR_TYPE_TXT);
        return push_set(u->prerequisites, names->marker, LDNS_RR_CLASS_NONE, LDNS_RR_TYPE_TXT);
}

/* Deletes only the types that are ours: an administrator may have added others to the name. */
static int delete_records(Update *u, const Names *names) {
        static const ldns_rr_type forward[] = { LDNS_RR_TYPE_A, LDNS_RR_TYPE_AAAA, LDNS_RR_TYPE_DHCID };
        static const ldns_rr_type reverse[] = { LDNS_RR_TYPE_PTR, LDNS_RR_TYPE_DHCID };
        const ldns_rr_type *types = u->reverse ? reverse : forward;
        size_t n = u->reverse ? ELEMENTS(reverse) : ELEMENTS(forward);
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = push_set(u->changes, names->owner, LDNS_RR_CLASS_ANY, types[i]);
        if (r >= 0)
                r = push_set(u->changes, names->marker, LDNS_RR_CLASS_ANY, LDNS_RR_TYPE_TXT);
        return r < 0 ? r : push_set(u->changes, names->left, LDNS_RR_CLASS_ANY, LDNS_RR_TYPE_TXT);
}

static int add_records(Update *u, const Names *names, const json_t *entry) {
        int r;

        r = push_records(u->changes, names->owner, u->ttl, entry);
        if (r >= 0)
                r = push_dhcid(u->changes, names->owner, u->ttl, entry);
        return r < 0 ? r : push_marker(u, u->changes, names->marker, u->ttl);
}

int update_add(Update *u, Step step, const char *owner, const json_t *entry) {
        Names names = { .owner = owner };
        int r;

        (void) snprintf(names.marker, sizeof(names.marker), MARKER_LABEL ".%s", owner);
        (void) snprintf(names.left, sizeof(names.left), LEFT_LABEL "." MARKER_LABEL ".%s", owner);
        r = require(u, step, &names, entry);
        if (r < 0 || step == STEP_CHECK)
                return r;
        if (step == STEP_LEAVE)
                return push_marker(u, u->changes, names.left, u->ttl);
        if (step != STEP_CREATE)
                r = delete_records(u, &names);
        if (r >= 0 && step != STEP_REMOVE)
                r = add_records(u, &names, entry);
        return r;
}

ldns_pkt *update_sign(const Update *u, const Key *key) {
        ldns_rdf *zone = ldns_dname_new_frm_str(u->zone);
        ldns_pkt *pkt;

        if (!zone)
                return NULL;
        pkt = ldns_update_pkt_new(zone, LDNS_RR_CLASS_IN, u->prerequisites, u->changes, NULL);
        if (!pkt) {
                ldns_rdf_deep_free(zone);
                return NULL;
        }
        ldns_pkt_set_random_id(pkt);
        if (ldns_pkt_tsig_sign(pkt, key->name, key->secret, FUDGE, key->algorithm, NULL) == LDNS_STATUS_OK)
                return pkt;
        ldns_pkt_free(pkt);
        return NULL;
}
