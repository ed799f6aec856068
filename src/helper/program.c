/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "helper/program.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/log.h"

#define EXIT_USAGE 2

enum {
        ARG_DIRECTORY = 0x100,
        ARG_LOG_LEVEL,
        ARG_VERSION,
};

static const struct option long_options[] = {
        { "directory", required_argument, NULL, ARG_DIRECTORY },
        { "log-level", required_argument, NULL, ARG_LOG_LEVEL },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, ARG_VERSION },
        { 0 },
};

static void help(const HelperProgram *program) {
        printf("%s [OPTION...]\n\n"
               "%s\n\n"
               "  --directory=DIR          directory for the facts\n"
               "                           (default: %s)\n"
               "  --log-level=LEVEL        emerg, alert, crit, err, warning, notice, info\n"
               "                           (default) or debug\n"
               "  --help, --version        show this, or the version, and exit\n\n"
               "See %s(8).\n",
                        program->name, program->purpose, program->directory, program->name);
}

static int usage_error(const HelperProgram *program, const char *option, const char *value,
                const char *expected) {
        fprintf(stderr, "%s: --%s=%s: expected %s.\n", program->name, option, value, expected);
        return -EINVAL;
}

static int parse_option(const HelperProgram *program, int c, const char *value, const char **ret_directory) {
        int level;

        switch (c) {
        case ARG_DIRECTORY:
                if (value[0] != '/')
                        return usage_error(program, "directory", value, "an absolute path");
                *ret_directory = value;
                return 0;
        case ARG_LOG_LEVEL:
                level = log_level_from_text(value);
                if (level < 0)
                        return usage_error(program, "log-level", value,
                                        "emerg, alert, crit, err, warning, notice, info or debug");
                log_set_level(level);
                return 0;
        default:
                return -EINVAL;
        }
}

/* Returns 1 to continue, 0 if nothing is left to do, or a negative errno after reporting the error. */
static int parse_options(const HelperProgram *program, int argc, char **argv, const char **ret_directory) {
        for (int c; (c = getopt_long(argc, argv, "h", long_options, NULL)) >= 0;) {
                int r;

                if (c == 'h') {
                        help(program);
                        return 0;
                }
                if (c == ARG_VERSION) {
                        printf("libvirt-resolve %s\n", PROJECT_VERSION);
                        return 0;
                }
                r = parse_option(program, c, optarg, ret_directory);
                if (r < 0)
                        return r;
        }
        if (optind < argc) {
                fprintf(stderr, "%s: no arguments are taken, only options: \"%s\".\n", program->name,
                                argv[optind]);
                return -EINVAL;
        }
        return 1;
}

int program_main(const HelperProgram *program, int argc, char **argv) {
        const char *directory = program->directory;
        int r;

        r = parse_options(program, argc, argv, &directory);
        if (r <= 0)
                return r < 0 ? EXIT_USAGE : EXIT_SUCCESS;
        r = program->serve(directory);
        if (r < 0)
                log_error("%s can't run: %s.", program->name, strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
