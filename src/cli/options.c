/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The command line.
 */

#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "index/format.h"
#include "cli/style.h"
#include "names/name.h"
#include "util/span.h"
#include "util/util.h"

enum {
        ARG_LEASE = 0x100,
        ARG_DOMAIN_NAME,
        ARG_JSON,
        ARG_LEGEND,
        ARG_NO_LEGEND,
        ARG_NO_PAGER,
        ARG_TIMEOUT,
        ARG_UNTIL,
        ARG_FILE,
        ARG_FOR,
        ARG_FORMAT,
        ARG_WATCH,
        ARG_OUTPUT,
        ARG_HOSTNAMES,
        ARG_SUFFIX,
        ARG_PORT,
        ARG_LIST,
        ARG_HOST,
        ARG_VERSION,
};

static const struct option long_options[] = {
        { "interface", required_argument, NULL, 'i' },
        { "lease", no_argument, NULL, ARG_LEASE },
        { "domain-name", no_argument, NULL, ARG_DOMAIN_NAME },
        { "json", required_argument, NULL, ARG_JSON },
        { "full", no_argument, NULL, 'l' },
        { "quiet", no_argument, NULL, 'q' },
        { "legend", required_argument, NULL, ARG_LEGEND },
        { "no-legend", no_argument, NULL, ARG_NO_LEGEND },
        { "no-pager", no_argument, NULL, ARG_NO_PAGER },
        { "timeout", required_argument, NULL, ARG_TIMEOUT },
        { "until", required_argument, NULL, ARG_UNTIL },
        { "file", required_argument, NULL, ARG_FILE },
        { "for", required_argument, NULL, ARG_FOR },
        { "format", required_argument, NULL, ARG_FORMAT },
        { "watch", no_argument, NULL, ARG_WATCH },
        { "output", required_argument, NULL, ARG_OUTPUT },
        { "hostnames", no_argument, NULL, ARG_HOSTNAMES },
        { "suffix", required_argument, NULL, ARG_SUFFIX },
        { "port", required_argument, NULL, ARG_PORT },
        { "list", no_argument, NULL, ARG_LIST },
        { "host", required_argument, NULL, ARG_HOST },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, ARG_VERSION },
        { 0 },
};

const char *options_name(unsigned groups) {
        static const struct {
                OptionGroup group;
                const char *name;
        } names[] = {
                { OPTION_FAMILY, "-4 or -6" },
                { OPTION_INTERFACE, "--interface=" },
                { OPTION_VARIANT, "--lease or --domain-name" },
                { OPTION_JSON, "--json=" },
                { OPTION_FULL, "--full" },
                { OPTION_LEGEND, "--no-legend" },
                { OPTION_PAGER, "--no-pager" },
                { OPTION_TIMEOUT, "--timeout=" },
                { OPTION_UNTIL, "--until=" },
                { OPTION_FILE, "--file=" },
                { OPTION_FOR, "--for=" },
                { OPTION_FORMAT, "--format=" },
                { OPTION_WATCH, "--watch" },
                { OPTION_OUTPUT, "--output=" },
                { OPTION_HOSTNAMES, "--hostnames" },
                { OPTION_SUFFIX, "--suffix=" },
                { OPTION_PORT, "--port=" },
                { OPTION_INVENTORY, "--list or --host=" },
                { OPTION_QUIET, "--quiet" },
                { OPTION_REMOTE, "-H" },
                { OPTION_REMOTE_LONG, "--host=" },
        };

        for (size_t i = 0; i < ELEMENTS(names); i++)
                if (groups & names[i].group)
                        return names[i].name;
        return "";
}

static int parse_json(const char *value, Options *o) {
        int r;

        r = json_mode_from_text(value, &o->json);
        if (r < 0)
                fprintf(stderr, "libvirt-resolve: --json=%s: expected short, pretty or off.\n", value);
        return r;
}

static int parse_timeout(const char *value, Options *o) {
        int r;

        r = span_parse(value, &o->timeout_usec);
        if (r < 0)
                fprintf(stderr,
                                "libvirt-resolve: --timeout=%s: expected seconds, or a number with ms, s, "
                                "min, h or d.\n",
                                value);
        return r;
}

static int parse_until(const char *value, Options *o) {
        int r;

        r = port_parse(value, &o->until);
        if (r < 0)
                fprintf(stderr,
                                "libvirt-resolve: --until=%s: expected ssh, or port: and a number from 1 to "
                                "65535.\n",
                                value);
        return r;
}

static int parse_legend(const char *value, Options *o) {
        bool no = strcmp(value, "no") == 0;

        if (!no && strcmp(value, "yes") != 0) {
                fprintf(stderr, "libvirt-resolve: --legend=%s: expected yes or no.\n", value);
                return -EINVAL;
        }
        o->given |= OPTION_LEGEND;
        o->legend = !no;
        return 0;
}

static int parse_port(const char *value, Options *o) {
        uint16_t number;
        int r;

        r = port_parse_number(value, &number);
        if (r < 0) {
                fprintf(stderr, "libvirt-resolve: --port=%s: expected a number from 1 to 65535.\n", value);
                return r;
        }
        o->export.port = number;
        return 0;
}

static int parse_suffix(const char *value, Options *o) {
        if (!name_is_hostname(value)) {
                fprintf(stderr, "libvirt-resolve: --suffix=%s: expected a DNS domain, such as lab.example.\n",
                                value);
                return -EINVAL;
        }
        o->export.suffix = value;
        return 0;
}

/* These contradict each other; of repeated other options, the last one counts. */
static int contradiction(const char *one, const char *other) {
        fprintf(stderr, "libvirt-resolve: %s and %s exclude each other; with neither, all is looked up.\n",
                        one, other);
        return -EINVAL;
}

static int take_family(int family, Options *o) {
        if (o->family != AF_UNSPEC && o->family != family)
                return contradiction("-4", "-6");
        o->given |= OPTION_FAMILY;
        o->family = family;
        return 0;
}

static int take_variant(NameVariant variant, Options *o) {
        if (o->variants != 0 && o->variants != variant)
                return contradiction("--lease", "--domain-name");
        o->given |= OPTION_VARIANT;
        o->variants = variant;
        return 0;
}

static int take_interface(const char *interface, Options *o) {
        if (o->interface && strcmp(o->interface, interface) != 0)
                return contradiction("--interface= of one network", "of another");
        o->given |= OPTION_INTERFACE;
        o->interface = interface;
        return 0;
}

static int take_remote(OptionGroup group, const char *host, Options *o) {
        if (host[0] == '\0' || host[0] == '-') {
                fprintf(stderr, "libvirt-resolve: %s%s: expected HOST or USER@HOST.\n", options_name(group),
                                host);
                return -EINVAL;
        }
        o->given |= group;
        o->remote = host;
        return 0;
}

/* The meaning of --host= depends on the verb: Ansible calls export with --host= and a guest's name. */
static int resolve_host_option(Options *o) {
        const char *host = o->export.host;

        if (!(o->given & OPTION_REMOTE_LONG))
                return 0;
        if (o->verb && strcmp(o->verb, "export") == 0) {
                o->given = (o->given & ~(unsigned) OPTION_REMOTE_LONG) | OPTION_INVENTORY;
                return 0;
        }
        o->export.host = NULL;
        return host ? take_remote(OPTION_REMOTE_LONG, host, o) : 0;
}

static int parse_export_option(int c, const char *value, Options *o) {
        ExportOptions *e = &o->export;

        switch (c) {
        case ARG_FORMAT:
                o->given |= OPTION_FORMAT;
                e->format = value;
                return 0;
        case ARG_WATCH:
                o->given |= OPTION_WATCH;
                e->watch = true;
                return 0;
        case ARG_OUTPUT:
                o->given |= OPTION_OUTPUT;
                e->output = value;
                return 0;
        case ARG_HOSTNAMES:
                o->given |= OPTION_HOSTNAMES;
                e->hostnames = true;
                return 0;
        case ARG_SUFFIX:
                o->given |= OPTION_SUFFIX;
                return parse_suffix(value, o);
        case ARG_PORT:
                o->given |= OPTION_PORT;
                return parse_port(value, o);
        case ARG_LIST:
                o->given |= OPTION_INVENTORY;
                e->host = NULL;
                return 0;
        case ARG_HOST:
                o->given |= OPTION_REMOTE_LONG;
                e->host = value;
                return 0;
        default:
                return -EINVAL;
        }
}

/* Options for how results are shown. */
static int parse_output_option(int c, const char *value, Options *o) {
        switch (c) {
        case ARG_JSON:
                o->given |= OPTION_JSON;
                return parse_json(value, o);
        case 'j':
                o->given |= OPTION_JSON;
                o->json = style_is_terminal() ? JSON_PRETTY : JSON_SHORT;
                return 0;
        case 'q':
                o->given |= OPTION_QUIET;
                o->quiet = true;
                return 0;
        case 'l':
                o->given |= OPTION_FULL;
                o->full = true;
                return 0;
        case ARG_LEGEND:
                return parse_legend(value, o);
        case ARG_NO_LEGEND:
                return parse_legend("no", o);
        case ARG_NO_PAGER:
                o->given |= OPTION_PAGER;
                o->pager = false;
                return 0;
        default:
                return parse_export_option(c, value, o);
        }
}

static int parse_option(int c, const char *value, Options *o) {
        switch (c) {
        case '4':
                return take_family(AF_INET, o);
        case '6':
                return take_family(AF_INET6, o);
        case 'i':
                return take_interface(value, o);
        case ARG_LEASE:
                return take_variant(VARIANT_LEASE, o);
        case ARG_DOMAIN_NAME:
                return take_variant(VARIANT_DOMAIN, o);
        case ARG_TIMEOUT:
                o->given |= OPTION_TIMEOUT;
                return parse_timeout(value, o);
        case ARG_UNTIL:
                o->given |= OPTION_UNTIL;
                return parse_until(value, o);
        case ARG_FOR:
                o->given |= OPTION_FOR;
                o->program = value;
                return 0;
        case ARG_FILE:
                o->given |= OPTION_FILE;
                o->file = value;
                return 0;
        case 'h':
                o->help = true;
                return 0;
        case ARG_VERSION:
                o->version = true;
                return 0;
        case 'H':
                return take_remote(OPTION_REMOTE, value, o);
        default:
                return parse_output_option(c, value, o);
        }
}

int options_parse(int argc, char **argv, Options *ret) {
        Options o = { .legend = true, .pager = true, .timeout_usec = TIMEOUT_INFINITE };

        optind = 0; /* may be called again */
        for (int c; (c = getopt_long(argc, argv, "46i:H:jlqh", long_options, NULL)) >= 0;) {
                int r;

                r = parse_option(c, optarg, &o);
                if (r < 0)
                        return r;
        }
        if (optind < argc) {
                o.verb = argv[optind];
                o.arguments = argv + optind + 1;
                o.n_arguments = argc - optind - 1;
        }
        o.legend = o.legend && !o.quiet;
        o.pager = o.pager && !o.quiet;
        if (resolve_host_option(&o) < 0)
                return -EINVAL;
        *ret = o;
        return 0;
}
