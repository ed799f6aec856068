/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * --format=ansible: the JSON of an inventory script.  Ansible may expand "{{ }}" in any text of it, so names
 * are host names only.
 */

#include <string.h>

#include "cli/export/format.h"
#include "cli/export/guests.h"
#include "cli/export/selection.h"
#include "cli/json.h"
#include "names/name.h"

#define GROUP "libvirt"
#define GROUP_SIZE (sizeof(GROUP "_") + INTERFACE_NAME_LENGTH_MAX)

/* A host can't have the name of a group: one of Ansible's or ours.  A bridge's group is the prefix and the
 * bridge's name. */
static bool takes_name(const char *name) {
        return name_is_hostname(name) && strcmp(name, "all") != 0 && strcmp(name, "ungrouped") != 0 &&
               strcmp(name, GROUP) != 0 && strncmp(name, GROUP "_", strlen(GROUP "_")) != 0;
}

/* The group of a network: letters, digits and "_". */
static const char *group_name(const char *interface, char buffer[static GROUP_SIZE]) {
        (void) snprintf(buffer, GROUP_SIZE, GROUP "_%s", interface);
        for (char *p = buffer; *p; p++)
                if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", *p))
                        *p = '_';
        return buffer;
}

static json_t *host_variables(const json_t *guest) {
        return json_pack("{s:O, s:O*}", "ansible_host", json_object_get(guest, "address"),
                        "libvirt_mac_address", json_object_get(guest, "mac-address"));
}

/* Returns the group's hosts, which groups owns; creates them if necessary.  NULL: no memory. */
static json_t *find_group(json_t *groups, json_t *children, const char *name) {
        json_t *group = json_object_get(groups, name);

        if (!group) {
                group = json_pack("{s:[]}", "hosts");
                if (json_object_set_new(groups, name, group) < 0 ||
                                json_array_append_new(children, json_string(name)) < 0)
                        return NULL;
        }
        return json_object_get(group, "hosts");
}

static int add_guest(json_t *groups, json_t *children, json_t *variables, const json_t *guest) {
        char name[GROUP_SIZE];
        json_t *hosts = find_group(groups, children, group_name(json_text(guest, "interface"), name));

        if (!hosts || json_array_append_new(hosts, json_string(selection_name(guest))) < 0 ||
                        json_object_set_new(variables, selection_name(guest), host_variables(guest)) < 0)
                return -ENOMEM;
        return 0;
}

static int write_ansible(FILE *file, const json_t *selection, const ExportOptions *options) {
        _cleanup_(json_decrefp) json_t *guests = NULL, *document = NULL, *none = json_object();
        json_t *variables = json_object(), *children = json_array();
        const json_t *guest;
        size_t i;
        int r;

        document = json_pack("{s:{s:o}, s:{s:o}}", "_meta", "hostvars", variables, GROUP, "children",
                        children);
        if (!document || !none)
                return -ENOMEM;
        r = guests_make(selection, &guests);
        json_array_foreach(guests, i, guest) {
                r = add_guest(document, children, variables, guest);
                if (r < 0)
                        break;
        }
        if (r < 0)
                return r;
        if (options->host)
                return json_print(file, json_object_get(variables, options->host) ?: none, JSON_PRETTY);
        return json_print(file, document, JSON_PRETTY);
}

const ExportFormat export_ansible = {
        .name = "ansible",
        .file_name = "guests.json",
        .options = OPTION_INVENTORY,
        .takes_name = takes_name,
        .write = write_ansible,
};
