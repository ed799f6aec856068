/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve: asks libvirt-resolved, and explains its answers.
 */

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "source/json-memory.h"
#include "cli/nearest.h"
#include "cli/options.h"
#include "cli/remote.h"
#include "cli/verbs.h"
#include "util/util.h"

/* A first argument of a verb that decides which options the verb takes. */
typedef struct Action {
        const char *name; /* NULL: the end */
        unsigned options; /* OptionGroup, or'ed */
} Action;

typedef struct Verb {
        const char *name;
        int (*run)(const Options *o);
        int min_arguments, max_arguments;
        unsigned options; /* OptionGroup, or'ed; with actions, the union of theirs */
        const char *arguments, *help;
        const Action *actions; /* NULL: none */
} Verb;

#define ANY_NUMBER 1000000

#define REMOTE_OPTIONS (OPTION_REMOTE | OPTION_REMOTE_LONG)
#define STATUS_OPTIONS (OPTION_JSON | OPTION_LEGEND | OPTION_QUIET)
#define QUERY_OPTIONS                                                                                        \
        (OPTION_FAMILY | OPTION_INTERFACE | OPTION_VARIANT | OPTION_JSON | OPTION_LEGEND | OPTION_QUIET |    \
                        REMOTE_OPTIONS)
#define LIST_OPTIONS (OPTION_JSON | OPTION_LEGEND | OPTION_PAGER)
#define TABLE_OPTIONS (LIST_OPTIONS | OPTION_FULL | REMOTE_OPTIONS)
#define EXPORT_OPTIONS                                                                                       \
        (OPTION_FAMILY | OPTION_INTERFACE | OPTION_LEGEND | OPTION_FORMAT | OPTION_WATCH | OPTION_OUTPUT |   \
                        OPTION_HOSTNAMES | OPTION_SUFFIX | OPTION_PORT | OPTION_INVENTORY | OPTION_REMOTE)

/* The options that several verbs take.  The others are only in the help of their verb. */
#define COMMON_OPTIONS (QUERY_OPTIONS | LIST_OPTIONS | REMOTE_OPTIONS)

static const Action nss_actions[] = {
        { "enable", OPTION_FILE | OPTION_VARIANT },
        { "disable", OPTION_FILE },
        { "status", OPTION_FILE | STATUS_OPTIONS },
        { NULL },
};

static const Action bridged_actions[] = {
        { "enable", 0 },
        { "disable", 0 },
        { "status", STATUS_OPTIONS | OPTION_FULL },
        { NULL },
};

static const Verb verbs[] = {
        { "query", verb_query, 1, ANY_NUMBER, QUERY_OPTIONS, "NAME|ADDRESS|MAC...",
                        "Look names and addresses up" },
        { "wait", verb_wait, 1, ANY_NUMBER, QUERY_OPTIONS | OPTION_TIMEOUT | OPTION_UNTIL, "NAME...",
                        "Wait until names have addresses" },
        { "leases", verb_leases, 0, ANY_NUMBER, TABLE_OPTIONS | OPTION_INTERFACE, "[NAME...]",
                        "List leases" },
        { "guests", verb_guests, 0, 0, TABLE_OPTIONS, "", "List running domains and their addresses" },
        { "status", verb_status, 0, ANY_NUMBER, TABLE_OPTIONS, "[IFACE...]",
                        "Show the service and its networks" },
        { "monitor", verb_monitor, 0, 0, OPTION_JSON | OPTION_LEGEND | REMOTE_OPTIONS, "",
                        "Show leases as they come and go" },
        { "export", verb_export, 0, 0, EXPORT_OPTIONS, "--format=FORMAT", "Write names for other programs" },
        { "statistics", verb_statistics, 0, 0, LIST_OPTIONS | REMOTE_OPTIONS, "",
                        "Show counters of the service" },
        { "reset-statistics", verb_reset_statistics, 0, 0, REMOTE_OPTIONS, "", "Count from 0 again" },
        { "reload", verb_reload, 0, 0, REMOTE_OPTIONS, "", "Read all lease files again" },
        { "log-level", verb_log_level, 0, 1, REMOTE_OPTIONS, "[LEVEL]", "Show or set how much is logged" },
        { "doctor", verb_doctor, 0, 0, LIST_OPTIONS | OPTION_FILE | OPTION_FOR | OPTION_QUIET, "",
                        "Find out why names do not resolve" },
        { "nss", verb_nss, 1, 1, OPTION_FILE | OPTION_VARIANT | STATUS_OPTIONS, "enable|disable|status",
                        "Edit nsswitch.conf", nss_actions },
        { "bridged", verb_bridged, 1, 1, STATUS_OPTIONS | OPTION_FULL, "enable|disable|status",
                        "Find guests without a libvirt lease", bridged_actions },
};

static const Verb *find_verb(const char *name) {
        for (size_t i = 0; i < ELEMENTS(verbs); i++)
                if (strcmp(verbs[i].name, name) == 0)
                        return verbs + i;
        return NULL;
}

static const Action *find_action(const Verb *verb, const char *name) {
        for (const Action *a = verb->actions; a && a->name; a++)
                if (strcmp(a->name, name) == 0)
                        return a;
        return NULL;
}

/* The verb most similar to the typed one, or NULL. */
static const char *nearest_verb(const char *typed) {
        const char *nearest = NULL;
        unsigned nearest_found = UINT_MAX;

        for (size_t i = 0; i < ELEMENTS(verbs); i++) {
                const char *name = verbs[i].name;
                unsigned distance = nearest_distance(typed, name);

                if (nearest_may_mean(typed, name) && distance < nearest_found) {
                        nearest = name;
                        nearest_found = distance;
                }
        }
        return nearest;
}

static int unknown_verb(const char *name) {
        const char *nearest = nearest_verb(name);

        if (nearest)
                fprintf(stderr, "libvirt-resolve: Unknown verb '%s'; did you mean '%s'?\n", name, nearest);
        else
                fprintf(stderr, "libvirt-resolve: Unknown verb '%s'; see: libvirt-resolve --help\n", name);
        return EXIT_USAGE;
}

/* ---- help ---- */

/* A line for each option.  A line for several groups replaces the following ones if the verb takes all of its
 * groups. */
static const struct {
        unsigned groups;
        const char *line;
} option_lines[] = {
        { OPTION_FAMILY | OPTION_INTERFACE,
                        "  -4, -6, -i, --interface=IFACE  One family of addresses, or one network, only" },
        { OPTION_INTERFACE, "  -i, --interface=IFACE       One network only, by name or index" },
        { OPTION_VARIANT,
                        "      --lease, --domain-name  Guests' hostnames, or libvirt's domain names, only" },
        { OPTION_TIMEOUT, "      --timeout=TIME          How long to wait: 500ms, 30s, 5min, 2h, 1d" },
        { OPTION_UNTIL, "      --until=ssh|port:N      ... and until a server answers there" },
        { OPTION_FULL, "  -l, --full                  Cut nothing off; leases: client-ids, when they end" },
        { OPTION_FORMAT, "      --format=FORMAT         hosts, ssh-config, ansible, prometheus, zone,\n"
                         "                              reverse-zone, or rr" },
        { OPTION_OUTPUT, "      --output=FILE           Instead of standard output; or a directory" },
        { OPTION_WATCH, "      --watch                 Replace the file at each change" },
        { OPTION_HOSTNAMES, "      --hostnames             Names that guests chose, too" },
        { OPTION_SUFFIX, "      --suffix=SUFFIX         Names below a DNS domain only, completed by it" },
        { OPTION_PORT, "      --port=PORT             prometheus: the port of the targets" },
        { OPTION_INVENTORY, "      --list, --host=NAME     ansible: all guests, or one guest's variables" },
        { OPTION_FOR, "      --for=PID|COMMAND       Does this program ask at all, and if not, why?" },
        { OPTION_FILE, "      --file=PATH             Instead of /etc/nsswitch.conf" },
        { REMOTE_OPTIONS, "  -H, --host=[USER@]HOST      Ask another host, over ssh" },
        { OPTION_REMOTE, "  -H [USER@]HOST              Ask another host, over ssh" },
        { OPTION_JSON, "  -j, --json=MODE             As JSON: short, pretty, or off" },
        { OPTION_QUIET, "  -q, --quiet                 Print nothing, only set the exit status" },
        { OPTION_LEGEND | OPTION_PAGER,
                        "      --no-legend, --no-pager Without headings and explanations; without a pager" },
        { OPTION_LEGEND, "      --no-legend             Without headings and explanations" },
        { OPTION_PAGER, "      --no-pager              Without a pager" },
};

static void help_options(unsigned groups) {
        for (size_t i = 0; i < ELEMENTS(option_lines); i++)
                if ((option_lines[i].groups & ~groups) == 0) {
                        puts(option_lines[i].line);
                        groups &= ~option_lines[i].groups;
                }
        puts("  -h, --help, --version       Show this, or the version; see libvirt-resolve(1)");
}

static void help(void) {
        puts("libvirt-resolve [OPTION...] VERB [ARGUMENT...]      All options: VERB --help\n");
        for (size_t i = 0; i < ELEMENTS(verbs); i++) {
                int n = printf("  %s%s%s", verbs[i].name, verbs[i].arguments[0] ? " " : "",
                                verbs[i].arguments);

                printf("%*s%s\n", MAX2(32 - n, 1), "", verbs[i].help);
        }
        putchar('\n');
        help_options(COMMON_OPTIONS);
}

static void help_verb(const Verb *verb, const Action *action) {
        const char *arguments = action ? action->name : verb->arguments;

        printf("libvirt-resolve [OPTION...] %s%s%s\n\n%s\n\n", verb->name, arguments[0] ? " " : "", arguments,
                        verb->help);
        help_options(action ? action->options : verb->options);
}

/* The help of the program, or of one verb: "VERB --help" and "help VERB". */
static int show_help(const Options *o) {
        bool is_verb = o->verb && strcmp(o->verb, "help") == 0;
        const char *name = !is_verb ? o->verb : o->n_arguments > 0 ? o->arguments[0] : NULL;
        int i = is_verb ? 1 : 0;
        const Verb *verb;

        if (!name) {
                help();
                return EXIT_SUCCESS;
        }
        verb = find_verb(name);
        if (!verb)
                return unknown_verb(name);
        help_verb(verb, i < o->n_arguments ? find_action(verb, o->arguments[i]) : NULL);
        return EXIT_SUCCESS;
}

/* ---- running ---- */

static int check_options(const Verb *verb, const Action *action, const Options *o) {
        unsigned refused = o->given & ~(action ? action->options : verb->options);

        if (refused == 0)
                return 0;
        fprintf(stderr, "libvirt-resolve: '%s%s%s' doesn't take %s.\n", verb->name, action ? " " : "",
                        action ? action->name : "", options_name(refused));
        return -EINVAL;
}

static int check_arguments(const Verb *verb, const Options *o) {
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

/* Reports options and arguments that don't go together.  Returns 0 or -EINVAL. */
static int check_usage(const Verb *verb, const Options *o) {
        const Action *action = NULL;
        int r;

        r = check_arguments(verb, o);
        if (r < 0)
                return r;
        if (verb->actions) {
                action = find_action(verb, o->arguments[0]);
                if (!action) {
                        fprintf(stderr, "libvirt-resolve: '%s' takes one of %s, not '%s'.\n", verb->name,
                                        verb->arguments, o->arguments[0]);
                        return -EINVAL;
                }
        }
        return check_options(verb, action, o);
}

static int run(const Options *o) {
        const char *name = o->verb ?: "status";
        JsonMemory memory = json_memory_begin();
        const Verb *verb = find_verb(name);
        int status;

        if (!verb)
                return unknown_verb(name);
        if (check_usage(verb, o) < 0)
                return EXIT_USAGE;
        if (o->quiet && !freopen("/dev/null", "w", stdout)) {
                fprintf(stderr, "libvirt-resolve: /dev/null can't be opened: %m.\n");
                return EXIT_FAILED;
        }
        remote_choose(o->remote);
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
        /* Names are UTF-8 in every locale; with another encoding libsmartcols never returns from printing
         * them. */
        if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
                (void) setlocale(LC_CTYPE, "C.UTF-8");
        if (options_parse(argc, argv, &o) < 0)
                return EXIT_USAGE;
        if (o.verb && strcmp(o.verb, "help") == 0)
                o.help = true;
        if (o.version && !o.help)
                printf("libvirt-resolve %s\n", PROJECT_VERSION);
        status = o.help ? show_help(&o) : o.version ? EXIT_SUCCESS : run(&o);
        if (fflush(stdout) != 0 || ferror(stdout)) {
                fprintf(stderr, "libvirt-resolve: Writing failed: %m.\n");
                return EXIT_FAILED;
        }
        return status;
}
