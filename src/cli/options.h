/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The parsed command line: the verb, its options and its arguments.
 */

#include <stdbool.h>
#include <stdint.h>

#include "cli/json.h"
#include "cli/port.h"

/* The exit statuses of every verb. */
#define EXIT_FAILED 1
#define EXIT_USAGE 2
#define EXIT_TIMED_OUT 3

#define TIMEOUT_INFINITE UINT64_MAX

/* Groups of options; each verb lists the groups that it takes. */
typedef enum OptionGroup {
        OPTION_FAMILY = 1 << 0,
        OPTION_INTERFACE = 1 << 1,
        OPTION_VARIANT = 1 << 2,
        OPTION_JSON = 1 << 3,
        OPTION_LEGEND = 1 << 4,
        OPTION_PAGER = 1 << 5,
        OPTION_TIMEOUT = 1 << 6,
        OPTION_FILE = 1 << 7,
        OPTION_FULL = 1 << 8,
        OPTION_FORMAT = 1 << 9,
        OPTION_WATCH = 1 << 10,
        OPTION_OUTPUT = 1 << 11,
        OPTION_HOSTNAMES = 1 << 12,
        OPTION_SUFFIX = 1 << 13,
        OPTION_PORT = 1 << 14,
        OPTION_INVENTORY = 1 << 15,
        OPTION_QUIET = 1 << 16,
        OPTION_REMOTE = 1 << 17,      /* -H */
        OPTION_REMOTE_LONG = 1 << 18, /* --host= in the sense of -H */
        OPTION_UNTIL = 1 << 19,
        OPTION_FOR = 1 << 20,
} OptionGroup;

/* The options of the verb export alone. */
typedef struct ExportOptions {
        const char *format; /* NULL: not given */
        const char *output; /* a file, or a directory; NULL: standard output */
        bool watch, hostnames;
        const char *suffix; /* NULL: none */
        unsigned port;      /* 0: not given */
        const char *host;   /* NULL: all */
} ExportOptions;

typedef struct Options {
        int family;            /* AF_INET, AF_INET6, or AF_UNSPEC for both */
        const char *interface; /* a name or an index; NULL: any */
        uint64_t variants;     /* a NameVariant; 0: both */
        JsonMode json;
        bool legend, pager, full, quiet;
        uint64_t timeout_usec; /* or TIMEOUT_INFINITE */
        Port until;            /* the port that wait waits for, in addition to an address */
        const char *file;      /* NULL: the system's nsswitch.conf */
        const char *program;   /* a command or PID that doctor checks; NULL: none */
        const char *remote;    /* another host, as an argument of ssh; NULL: this one */
        ExportOptions export;
        unsigned given; /* OptionGroup, or'ed: the options that were given */
        bool help, version;
        int n_arguments; /* after the verb */
        char **arguments;
        const char *verb; /* NULL: none */
} Options;

/* Parses the command line; reports errors on standard error.  Returns 0 or -EINVAL. */
int options_parse(int argc, char **argv, Options *ret);

/* The first of the groups that was given, as its option is spelt. */
const char *options_name(unsigned groups);
