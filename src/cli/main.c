/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve: asks libvirt-resolved, and explains what it answers.
 */

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "source/json-memory.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "util/util.h"

typedef struct Verb {
        const char *name;
        int (*run)(const Options *o);
        int min_arguments, max_arguments;
        unsigned options; /* OptionGroup, or'ed */
        const char *arguments, *help;
} Verb;

#define ANY_NUMBER 1000000

#define QUERY_OPTIONS (OPTION_FAMILY | OPTION_INTERFACE | OPTION_VARIANT | OPTION_JSON | OPTION_LEGEND)
#define LIST_OPTIONS (OPTION_JSON | OPTION_LEGEND | OPTION_PAGER)

static const Verb verbs[] = {
        { "query", verb_query, 1, ANY_NUMBER, QUERY_OPTIONS, "NAME|ADDRESS|MAC...", "Look names and addresses up" },
        { "wait", verb_wait, 1, ANY_NUMBER, QUERY_OPTIONS | OPTION_TIMEOUT, "NAME...",
          "Wait until names have addresses" },
        { "leases", verb_leases, 0, 0, LIST_OPTIONS | OPTION_FULL, "", "List all leases" },
        { "status", verb_status, 0, ANY_NUMBER, LIST_OPTIONS, "[IFACE...]", "Show the service and its networks" },
        { "monitor", verb_monitor, 0, 0, OPTION_JSON | OPTION_LEGEND, "", "Show leases as they come and go" },
        { "statistics", verb_statistics, 0, 0, LIST_OPTIONS, "", "Show what the service has counted" },
        { "reset-statistics", verb_reset_statistics, 0, 0, 0, "", "Count from 0 again" },
        { "reload", verb_reload, 0, 0, 0, "", "Read all lease files again" },
        { "log-level", verb_log_level, 0, 1, 0, "[LEVEL]", "Show or set how much is logged" },
        { "doctor", verb_doctor, 0, 0, LIST_OPTIONS | OPTION_FILE, "", "Find what keeps names from resolving" },
        { "nss", verb_nss, 1, 1, OPTION_JSON | OPTION_LEGEND | OPTION_FILE | OPTION_VARIANT, "enable|disable|status",
          "Edit nsswitch.conf" },
        { "bridged", verb_bridged, 1, 1, OPTION_JSON | OPTION_LEGEND, "enable|disable|status",
          "Guests without a lease of libvirt" },
};

static void help(void) {
        printf("libvirt-resolve [OPTION...] VERB [ARGUMENT...]\n\n");
        for (size_t i = 0; i < ELEMENTS(verbs); i++) {
                int n = printf("  %s%s%s", verbs[i].name, verbs[i].arguments[0] ? " " : "", verbs[i].arguments);

                printf("%*s%s\n", MAX2(30 - n, 1), "", verbs[i].help);
        }
        printf("\n  -4, -6                      IPv4 or IPv6 addresses only\n"
               "  -i, --interface=IFACE       One network only, by name or index\n"
               "      --lease, --domain-name  Guests' hostnames, or libvirt's domain names, only\n"
               "      --timeout=TIME          How long to wait: 500ms, 30s, 5min, 2h, 1d\n"
               "  -l, --full                  Of leases also client-ids, and when they end\n"
               "      --file=PATH             Instead of /etc/nsswitch.conf\n"
               "      --json=MODE             As JSON: short, pretty, or off\n"
               "      --no-legend, --no-pager Without headings and explanations; without a pager\n"
               "  -h, --help, --version       Show this, or the version; see libvirt-resolve(1)\n");
}

static const Verb *find_verb(const char *name) {
        for (size_t i = 0; i < ELEMENTS(verbs); i++)
                if (strcmp(verbs[i].name, name) == 0)
                        return verbs + i;
        return NULL;
}

/* Says what doesn't go together.  Returns 0 or -EINVAL. */
static int check_usage(const Verb *verb, const Options *o) {
        if (o->given & ~verb->options) {
                fprintf(stderr, "libvirt-resolve: '%s' doesn't take %s.\n", verb->name,
                                options_name(o->given & ~verb->options));
                return -EINVAL;
        }
        if (o->n_arguments < verb->min_arguments) {
                fprintf(stderr, "libvirt-resolve: '%s' needs more; type: libvirt-resolve %s %s\n", verb->name,
                                verb->name, verb->arguments);
                return -EINVAL;
        }
        if (o->n_arguments > verb->max_arguments) {
                fprintf(stderr, "libvirt-resolve: '%s' is too much for '%s'.\n",
                                o->arguments[verb->max_arguments], verb->name);
                return -EINVAL;
        }
        return 0;
}

static int run(const Options *o) {
        const Verb *verb = find_verb(o->verb ?: "status");
        JsonMemory memory = json_memory_begin();
        int status;

        if (!verb) {
                fprintf(stderr, "libvirt-resolve: Unknown verb '%s'; see: libvirt-resolve --help\n", o->verb);
                return EXIT_USAGE;
        }
        if (check_usage(verb, o) < 0)
                return EXIT_USAGE;
        status = verb->run(o);
        if (!json_memory_failed(memory))
                return status;
        fprintf(stderr, "libvirt-resolve: Not enough memory; the output is incomplete.\n");
        return EXIT_FAILED;
}

int main(int argc, char **argv) {
        Options o;
        int status;

        (void) setlocale(LC_ALL, "");
        /* Names are UTF-8 in every locale; in another one libsmartcols never ends with them. */
        if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
                (void) setlocale(LC_CTYPE, "C.UTF-8");
        if (options_parse(argc, argv, &o) < 0)
                return EXIT_USAGE;
        if (o.verb && strcmp(o.verb, "help") == 0)
                o.help = true;
        if (o.help)
                help();
        else if (o.version)
                printf("libvirt-resolve %s\n", PROJECT_VERSION);
        status = o.help || o.version ? EXIT_SUCCESS : run(&o);
        if (fflush(stdout) != 0 || ferror(stdout)) {
                fprintf(stderr, "libvirt-resolve: Writing failed: %m.\n");
                return EXIT_FAILED;
        }
        return status;
}
