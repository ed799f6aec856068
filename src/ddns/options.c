/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The command line.
 */

#include "ddns/options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-id128.h>

#include "service/log.h"
#include "util/span.h"

#define PORT 53
#define TTL 60U
#define TTL_MAX 86400U

/* The zones' names in the order of their options, except that the forward zone comes first. */
typedef struct ZoneNames {
        char names[DDNS_CHOICES_MAX][DDNS_ZONE_SIZE];
} ZoneNames;

static ZoneNames zone_names;

enum {
        ARG_COMPARE = 0x100,
        ARG_DRY_RUN,
        ARG_HOST_ID,
        ARG_HOSTNAMES,
        ARG_INTERFACE,
        ARG_KEY_FILE,
        ARG_LOG_LEVEL,
        ARG_NETWORK_PREFIX,
        ARG_ON_STOP,
        ARG_POLICY,
        ARG_REMOVE_DELAY,
        ARG_RETRY_MAX,
        ARG_REVERSE_ZONE,
        ARG_RUNTIME_DIRECTORY,
        ARG_SERVER,
        ARG_STATE_DIRECTORY,
        ARG_TTL,
        ARG_VERSION,
        ARG_WITHDRAW,
        ARG_WITHDRAW_HOST,
        ARG_ZONE,
};

static const struct option long_options[] = {
        { "compare", required_argument, NULL, ARG_COMPARE },
        { "dry-run", no_argument, NULL, ARG_DRY_RUN },
        { "help", no_argument, NULL, 'h' },
        { "host-id", required_argument, NULL, ARG_HOST_ID },
        { "hostnames", required_argument, NULL, ARG_HOSTNAMES },
        { "interface", required_argument, NULL, ARG_INTERFACE },
        { "key-file", required_argument, NULL, ARG_KEY_FILE },
        { "log-level", required_argument, NULL, ARG_LOG_LEVEL },
        { "network-prefix", required_argument, NULL, ARG_NETWORK_PREFIX },
        { "on-stop", required_argument, NULL, ARG_ON_STOP },
        { "policy", required_argument, NULL, ARG_POLICY },
        { "remove-delay", required_argument, NULL, ARG_REMOVE_DELAY },
        { "retry-max", required_argument, NULL, ARG_RETRY_MAX },
        { "reverse-zone", required_argument, NULL, ARG_REVERSE_ZONE },
        { "runtime-directory", required_argument, NULL, ARG_RUNTIME_DIRECTORY },
        { "server", required_argument, NULL, ARG_SERVER },
        { "state-directory", required_argument, NULL, ARG_STATE_DIRECTORY },
        { "ttl", required_argument, NULL, ARG_TTL },
        { "version", no_argument, NULL, ARG_VERSION },
        { "withdraw", no_argument, NULL, ARG_WITHDRAW },
        { "withdraw-host", required_argument, NULL, ARG_WITHDRAW_HOST },
        { "zone", required_argument, NULL, ARG_ZONE },
        { 0 },
};

static void help(void) {
        printf("libvirt-resolve-ddns --server=ADDRESS --zone=ZONE [OPTION...]\n\n"
               "Keeps the names of libvirt guests in a DNS zone.\n\n"
               "  --server=ADDRESS[:PORT]  the zone's primary server; [ADDRESS]:PORT with IPv6\n"
               "  --zone=ZONE              the zone of the guests' names\n"
               "  --reverse-zone=ZONE      a zone for names of addresses; may be repeated\n"
               "  --interface=BRIDGE       guests on the bridge; may be repeated\n"
               "  --network-prefix=PREFIX  guests with an address in the prefix; may be repeated\n"
               "  --hostnames=BOOL         also hostnames that guests chose (default: no)\n"
               "  --key-file=FILE          the TSIG key (default: the credential tsig-key)\n"
               "  --host-id=ID             this host in the zone (default: from the machine ID)\n"
               "  --ttl=SECONDS            of the records (default: 60)\n"
               "  --policy=POLICY          sync (default), or upsert-only: never remove names\n"
               "  --on-stop=ACTION         keep (default), or withdraw: remove this host's names\n"
               "  --compare=SPAN           interval of checking all names (default: 15min)\n"
               "  --remove-delay=SPAN      how long to keep a vanished guest's name, in case\n"
               "                           it moved to another host (default: 10s)\n"
               "  --retry-max=SPAN         the longest pause after failures (default: 5min)\n"
               "  --dry-run                print what would be in DNS, and exit\n"
               "  --withdraw               remove this host's names, and exit\n"
               "  --withdraw-host=ID       remove those of a host that died, and exit\n"
               "  --state-directory=DIR    directory for the state\n"
               "                           (default: " DDNS_STATE_DIRECTORY ")\n"
               "  --runtime-directory=DIR  directory for the status\n"
               "                           (default: " DDNS_RUNTIME_DIRECTORY ")\n"
               "  --log-level=LEVEL        emerg, alert, crit, err, warning, notice, info\n"
               "                           (default) or debug\n"
               "  --help, --version        show this, or the version, and exit\n\n"
               "See libvirt-resolve-ddns(8).\n");
}

static int usage_error(const char *option, const char *value, const char *expected) {
        fprintf(stderr, "libvirt-resolve-ddns: --%s=%s: expected %s.\n", option, value, expected);
        return -EINVAL;
}

static int missing(const char *what) {
        fprintf(stderr, "libvirt-resolve-ddns: %s is missing.\n", what);
        return -EINVAL;
}

/* ---- values ---- */

static int parse_port(const char *text, uint16_t *ret) {
        char *end;
        unsigned long port = strtoul(text, &end, 10);

        if (text[0] < '0' || text[0] > '9' || *end || port == 0 || port > UINT16_MAX)
                return -EINVAL;
        *ret = (uint16_t) port;
        return 0;
}

static void set_address(Config *c, const Address *address, uint16_t port) {
        if (address->family == AF_INET) {
                struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

                memcpy(&in.sin_addr, address->bytes, sizeof(in.sin_addr));
                memcpy(&c->address, &in, sizeof(in));
                c->address_size = sizeof(in);
                return;
        }
        c->address = (struct sockaddr_in6) { .sin6_family = AF_INET6, .sin6_port = htons(port) };
        memcpy(&c->address.sin6_addr, address->bytes, sizeof(c->address.sin6_addr));
        c->address_size = sizeof(c->address);
}

/* "192.0.2.1", "192.0.2.1:53", "2001:db8::1", "[2001:db8::1]:53" */
static int parse_server(const char *text, Config *c) {
        char host[sizeof(c->server)];
        const char *port = NULL;
        uint16_t number = PORT;
        Address address;
        size_t n = strlen(text);

        if (n >= sizeof(host))
                return -EINVAL;
        if (text[0] == '[') {
                n = strcspn(text, "]");
                if (text[n] != ']' || (text[n + 1] && text[n + 1] != ':'))
                        return -EINVAL;
                port = text[n + 1] ? text + n + 2 : NULL;
                (void) snprintf(host, sizeof(host), "%.*s", (int) n - 1, text + 1);
        } else {
                const char *colon = strchr(text, ':');

                port = colon && !strchr(colon + 1, ':') ? colon + 1 : NULL;
                (void) snprintf(host, sizeof(host), "%.*s", port ? (int) (colon - text) : (int) n, text);
        }
        if (address_parse(host, &address) < 0 || (port && parse_port(port, &number) < 0))
                return -EINVAL;
        set_address(c, &address, number);
        (void) snprintf(c->server, sizeof(c->server), "%s", text);
        return 0;
}

/* The forward zone is the first one; its index is reserved. */
static int parse_zone(const char *text, bool reverse, Selection *s) {
        size_t i = reverse ? s->n_zones : 0;

        if (i >= DDNS_CHOICES_MAX || (!reverse && s->zones[0]) ||
                        zone_name_parse(text, zone_names.names[i]) < 0)
                return -EINVAL;
        s->zones[i] = zone_names.names[i];
        s->n_zones += reverse;
        return 0;
}

static int parse_interface(const char *text, Selection *s) {
        if (s->n_interfaces >= DDNS_CHOICES_MAX || text[0] == '\0' ||
                        strlen(text) > INTERFACE_NAME_LENGTH_MAX)
                return -EINVAL;
        s->interfaces[s->n_interfaces++] = text;
        return 0;
}

static int parse_prefix(const char *text, Selection *s) {
        if (s->n_prefixes >= DDNS_CHOICES_MAX || prefix_parse(text, s->prefixes + s->n_prefixes) < 0)
                return -EINVAL;
        s->n_prefixes++;
        return 0;
}

static int parse_ttl(const char *text, uint32_t *ret) {
        char *end;
        unsigned long ttl = strtoul(text, &end, 10);

        if (text[0] < '0' || text[0] > '9' || *end || ttl > TTL_MAX)
                return -EINVAL;
        *ret = (uint32_t) ttl;
        return 0;
}

static bool host_is_valid(const char *text) {
        return text[0] && strlen(text) < DDNS_HOST_SIZE &&
               strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") ==
                               strlen(text);
}

static int parse_host(const char *text, Config *c) {
        if (!host_is_valid(text))
                return -EINVAL;
        (void) snprintf(c->host, sizeof(c->host), "%s", text);
        return 0;
}

/* Parses one of two words. */
static int parse_choice(const char *text, const char *off, const char *on, bool *ret) {
        if (strcmp(text, on) != 0 && strcmp(text, off) != 0)
                return -EINVAL;
        *ret = strcmp(text, on) == 0;
        return 0;
}

static int parse_time(const char *text, uint64_t min, uint64_t *ret) {
        uint64_t usec;

        if (span_parse(text, &usec) < 0 || usec < min || usec > UINT64_C(86400000000))
                return -EINVAL;
        *ret = usec;
        return 0;
}

static int parse_log_level(const char *text) {
        int level = log_level_from_text(text);

        if (level >= 0)
                log_set_level(level);
        return MIN2(level, 0);
}

/* r: the result of parsing the value. */
static int checked(int r, const char *option, const char *value, const char *expected) {
        return r < 0 ? usage_error(option, value, expected) : 0;
}

/* ---- options ---- */

static int parse_time_option(int c, const char *value, Config *config) {
        static const char expected[] = "a span of time up to a day, such as 30s or 15min";

        switch (c) {
        case ARG_COMPARE:
                return checked(parse_time(value, 1000000, &config->compare_usec), "compare", value, expected);
        case ARG_REMOVE_DELAY:
                return checked(parse_time(value, 0, &config->remove_delay_usec), "remove-delay", value,
                                expected);
        default:
                return checked(parse_time(value, 500000, &config->retry_max_usec), "retry-max", value,
                                expected);
        }
}

static int parse_selection_option(int c, const char *value, Selection *s) {
        switch (c) {
        case ARG_ZONE:
                return checked(parse_zone(value, false, s), "zone", value, "the name of one zone");
        case ARG_REVERSE_ZONE:
                return checked(parse_zone(value, true, s), "reverse-zone", value,
                                "a zone, such as 2.0.192.in-addr.arpa");
        case ARG_INTERFACE:
                return checked(parse_interface(value, s), "interface", value, "a bridge");
        case ARG_NETWORK_PREFIX:
                return checked(parse_prefix(value, s), "network-prefix", value,
                                "a prefix, such as 192.0.2.0/24");
        default:
                return checked(parse_choice(value, "no", "yes", &s->hostnames), "hostnames", value,
                                "yes or no");
        }
}

static int parse_server_option(int c, const char *value, Config *config) {
        switch (c) {
        case ARG_SERVER:
                return checked(parse_server(value, config), "server", value,
                                "an IP address, optionally with a colon and a port");
        case ARG_HOST_ID:
                return checked(parse_host(value, config), "host-id", value,
                                "letters, digits, hyphens and dots, up to 63");
        case ARG_TTL:
                return checked(parse_ttl(value, &config->ttl), "ttl", value,
                                "a number of seconds, up to 86400");
        case ARG_POLICY:
                return checked(parse_choice(value, "sync", "upsert-only", &config->upsert_only), "policy",
                                value, "sync or upsert-only");
        default:
                return checked(parse_choice(value, "keep", "withdraw", &config->withdraw_on_stop), "on-stop",
                                value, "keep or withdraw");
        }
}

static int parse_absolute(const char *option, const char *value, const char **ret) {
        if (value[0] != '/')
                return usage_error(option, value, "an absolute path");
        *ret = value;
        return 0;
}

static int parse_mode_option(int c, const char *value, Config *config) {
        config->mode = c == ARG_DRY_RUN ? MODE_DRY_RUN : MODE_WITHDRAW;
        if (c != ARG_WITHDRAW_HOST)
                return 0;
        config->withdraw_host = value;
        return host_is_valid(value) ? 0 : usage_error("withdraw-host", value, "a host's ID");
}

static int parse_option(int c, const char *value, Config *config) {
        switch (c) {
        case ARG_ZONE:
        case ARG_REVERSE_ZONE:
        case ARG_INTERFACE:
        case ARG_NETWORK_PREFIX:
        case ARG_HOSTNAMES:
                return parse_selection_option(c, value, &config->selection);
        case ARG_COMPARE:
        case ARG_REMOVE_DELAY:
        case ARG_RETRY_MAX:
                return parse_time_option(c, value, config);
        case ARG_DRY_RUN:
        case ARG_WITHDRAW:
        case ARG_WITHDRAW_HOST:
                return parse_mode_option(c, value, config);
        case ARG_KEY_FILE:
                return parse_absolute("key-file", value, &config->key_file);
        case ARG_STATE_DIRECTORY:
                return parse_absolute("state-directory", value, &config->state_directory);
        case ARG_RUNTIME_DIRECTORY:
                return parse_absolute("runtime-directory", value, &config->runtime_directory);
        case ARG_SERVER:
        case ARG_HOST_ID:
        case ARG_TTL:
        case ARG_POLICY:
        case ARG_ON_STOP:
                return parse_server_option(c, value, config);
        case ARG_LOG_LEVEL:
                return checked(parse_log_level(value), "log-level", value,
                                "emerg, alert, crit, err, warning, notice, info or debug");
        default:
                return -EINVAL;
        }
}

/* Derived from the machine ID, which must not be published itself. */
static int set_default_host(Config *c) {
        static const sd_id128_t application =
                        SD_ID128_MAKE(ee, 34, 61, 0b, b1, 5f, 4f, 5c, 9a, b2, 08, d9, 1f, 32, c7, 4e);
        sd_id128_t id;
        int r;

        if (c->host[0])
                return 0;
        r = sd_id128_get_machine_app_specific(application, &id);
        if (r < 0) {
                fprintf(stderr, "libvirt-resolve-ddns: The machine ID can't be read: %s. Set --host-id=.\n",
                                strerror(-r));
                return r;
        }
        (void) sd_id128_to_string(id, c->host);
        return 0;
}

/* Checks that required options are given. */
static int check(const Config *c) {
        if (!c->selection.zones[0])
                return missing("--zone=");
        if (!c->server[0] && c->mode != MODE_DRY_RUN)
                return missing("--server=");
        if (c->selection.n_interfaces + c->selection.n_prefixes == 0 && c->mode != MODE_WITHDRAW)
                return missing("--interface= or --network-prefix=, which names the networks,");
        return 0;
}

int options_parse(int argc, char **argv, Config *ret) {
        Config config = {
                .selection.n_zones = 1,
                .state_directory = DDNS_STATE_DIRECTORY,
                .runtime_directory = DDNS_RUNTIME_DIRECTORY,
                .ttl = TTL,
                .compare_usec = UINT64_C(900000000),
                .remove_delay_usec = UINT64_C(10000000),
                .retry_max_usec = UINT64_C(300000000),
        };
        int r;

        for (int c; (c = getopt_long(argc, argv, "h", long_options, NULL)) >= 0;) {
                if (c == 'h' || c == ARG_VERSION) {
                        if (c == 'h')
                                help();
                        else
                                printf("libvirt-resolve %s\n", PROJECT_VERSION);
                        return 0;
                }
                r = parse_option(c, optarg, &config);
                if (r < 0)
                        return r;
        }
        if (optind < argc) {
                fprintf(stderr, "libvirt-resolve-ddns: no arguments are taken, only options: \"%s\".\n",
                                argv[optind]);
                return -EINVAL;
        }
        r = check(&config);
        if (r >= 0)
                r = set_default_host(&config);
        if (r < 0)
                return r;
        *ret = config;
        return 1;
}
