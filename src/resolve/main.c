/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve: asks libvirt-resolved, and explains what it answers.
 */

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "resolve/options.h"
#include "resolve/verbs.h"
#include "util/util.h"

typedef struct Verb {
        const char *name;
        int (*run)(const Options *o);
        int min_arguments, max_arguments;
        unsigned options; /* OptionGroup, or'ed */
        const char *arguments, *help;
} Verb;

#define ANY_NUMBER 1000000

static const Verb verbs[] = {
        { "query", verb_query, 1, ANY_NUMBER,
          OPTION_FAMILY | OPTION_INTERFACE | OPTION_VARIANT | OPTION_JSON | OPTION_LEGEND,
          "NAME|ADDRESS...", "Look names and addresses up" },
        { "leases", verb_leases, 0, 0, OPTION_JSON | OPTION_LEGEND | OPTION_PAGER, "", "List all leases" },
};

static void help(void) {
        printf("libvirt-resolve [OPTION...] VERB ...\n\n"
               "Names of libvirt guests.\n\n"
               "Verbs:\n");
        for (size_t i = 0; i < ELEMENTS(verbs); i++) {
                int n = printf("  %s%s%s", verbs[i].name, verbs[i].arguments[0] ? " " : "", verbs[i].arguments);

                printf("%*s%s\n", MAX2(28 - n, 1), "", verbs[i].help);
        }
        printf("\nOptions:\n"
               "  -4, -6                    IPv4 or IPv6 addresses only\n"
               "  -i, --interface=IFACE     On this network only, by name or index\n"
               "      --lease               Look among the guests' hostnames only\n"
               "      --domain-name         Look among libvirt's domain names only\n"
               "      --json=MODE           As JSON: short, pretty, or off\n"
               "      --no-legend           Without headings and explanations\n"
               "      --no-pager            Without a pager\n"
               "  -h, --help, --version     Show this, or the version, and exit\n\n"
               "See libvirt-resolve(1).\n");
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
                fprintf(stderr, "libvirt-resolve: '%s' needs more: %s.\n", verb->name, verb->arguments);
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
        const Verb *verb;

        if (!o->verb) {
                fprintf(stderr, "libvirt-resolve: No verb given; see --help.\n");
                return EXIT_USAGE;
        }
        verb = find_verb(o->verb);
        if (!verb) {
                fprintf(stderr, "libvirt-resolve: Unknown verb '%s'; see --help.\n", o->verb);
                return EXIT_USAGE;
        }
        if (check_usage(verb, o) < 0)
                return EXIT_USAGE;
        return verb->run(o);
}

int main(int argc, char **argv) {
        Options o;
        int status;

        (void) setlocale(LC_ALL, "");
        if (options_parse(argc, argv, &o) < 0)
                return EXIT_USAGE;
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
