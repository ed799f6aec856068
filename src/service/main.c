/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolved: resolves names of libvirt guests for everybody on this host.
 */

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "service/bus.h"
#include "service/hook.h"
#include "service/log.h"
#include "service/manager.h"
#include "service/object.h"
#include "service/publication.h"

#define EXIT_USAGE 2

/* Not enough memory, descriptors or disk space: the unit starts the service again (RestartForceExitStatus=).
 */
#define EXIT_SHORTAGE 75 /* EX_TEMPFAIL */

/* The pause before that exit: systemd restarts the service at once, and gives up after too many attempts. */
#define SHORTAGE_PAUSE_USEC 200000

typedef struct Options {
        const char *lease_directory, *runtime_directory, *domains_directory, *seen_directory;
        NamePolicy policy;
        bool publish_failure;
} Options;

static void help(void) {
        printf("libvirt-resolved [OPTION...]\n\n"
               "Answers for the names of libvirt's guests.\n\n"
               "  --lease-directory=DIR    libvirt's directory of lease files\n"
               "                           (default: " LEASE_DIRECTORY ")\n"
               "  --runtime-directory=DIR  directory for the published index\n"
               "                           (default: " RUNTIME_DIRECTORY ")\n"
               "  --domains-directory=DIR  directory of libvirt-resolve-domains's facts\n"
               "                           (default: " DOMAINS_DIRECTORY ")\n"
               "  --seen-directory=DIR     directory of libvirt-resolve-seen's facts\n"
               "                           (default: " SEEN_DIRECTORY ")\n"
               "  --domain=NAME[@BRIDGE]   guests (on BRIDGE) answer as GUEST.NAME, too, and\n"
               "                           may have such hostnames; may be given several\n"
               "                           times\n"
               "  --deny-name=NAME         no guest gets this name; may be given several\n"
               "                           times\n"
               "  --hostnames=yes|no       whether guests answer to the hostnames that they chose,\n"
               "                           or only to their libvirt domain's name (default: yes)\n"
               "  --static=yes|no          whether static names of libvirt's networks are answered\n"
               "                           (default: yes)\n"
               "  --reverse=yes|no         whether addresses have names (default: yes)\n"
               "  --log-level=LEVEL        emerg, alert, crit, err, warning, notice, info\n"
               "                           (default) or debug\n"
               "  --publish-failure        after a failed start: tell the NSS modules not to\n"
               "                           wait for the service; used by the unit\n"
               "  --help, --version        show this, or the version, and exit\n\n"
               "See libvirt-resolved(8).\n");
}

static int usage_error(const char *option, const char *value, const char *expected) {
        fprintf(stderr, "libvirt-resolved: --%s=%s: expected %s.\n", option, value, expected);
        return -EINVAL;
}

static int parse_policy_name(int (*add)(NamePolicy *, const char *), NamePolicy *policy, const char *option,
                const char *value, const char *expected) {
        int r;

        r = add(policy, value);
        if (r == -EEXIST)
                return 0;
        if (r == -E2BIG)
                return usage_error(option, value, "fewer such options");
        return r == -EINVAL ? usage_error(option, value, expected) : r;
}

static int parse_boolean(const char *text) {
        if (strcmp(text, "yes") == 0 || strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
                return 1;
        if (strcmp(text, "no") == 0 || strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
                return 0;
        return -EINVAL;
}

static int parse_switch(const char *option, const char *value, bool *ret) {
        int r;

        r = parse_boolean(value);
        if (r < 0)
                return usage_error(option, value, "\"yes\" or \"no\"");
        *ret = r;
        return 0;
}

static int parse_directory(const char *option, const char *value, const char **ret) {
        if (value[0] != '/')
                return usage_error(option, value, "an absolute path");
        *ret = value;
        return 0;
}

enum {
        ARG_LEASE_DIRECTORY = 0x100,
        ARG_RUNTIME_DIRECTORY,
        ARG_DOMAINS_DIRECTORY,
        ARG_SEEN_DIRECTORY,
        ARG_DOMAIN,
        ARG_DENY_NAME,
        ARG_HOSTNAMES,
        ARG_REVERSE,
        ARG_STATIC,
        ARG_LOG_LEVEL,
        ARG_PUBLISH_FAILURE,
        ARG_VERSION,
};

static const struct option long_options[] = {
        { "lease-directory", required_argument, NULL, ARG_LEASE_DIRECTORY },
        { "runtime-directory", required_argument, NULL, ARG_RUNTIME_DIRECTORY },
        { "domains-directory", required_argument, NULL, ARG_DOMAINS_DIRECTORY },
        { "seen-directory", required_argument, NULL, ARG_SEEN_DIRECTORY },
        { "domain", required_argument, NULL, ARG_DOMAIN },
        { "deny-name", required_argument, NULL, ARG_DENY_NAME },
        { "hostnames", required_argument, NULL, ARG_HOSTNAMES },
        { "reverse", required_argument, NULL, ARG_REVERSE },
        { "static", required_argument, NULL, ARG_STATIC },
        { "log-level", required_argument, NULL, ARG_LOG_LEVEL },
        { "publish-failure", no_argument, NULL, ARG_PUBLISH_FAILURE },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, ARG_VERSION },
        { 0 },
};

static int parse_log_level(const char *value) {
        int level = log_level_from_text(value);

        if (level < 0)
                return usage_error("log-level", value,
                                "emerg, alert, crit, err, warning, notice, info or debug");
        log_set_level(level);
        return 0;
}

static int parse_option(int c, const char *value, Options *o) {
        bool on = true;
        int r;

        switch (c) {
        case ARG_LEASE_DIRECTORY:
                return parse_directory("lease-directory", value, &o->lease_directory);
        case ARG_RUNTIME_DIRECTORY:
                return parse_directory("runtime-directory", value, &o->runtime_directory);
        case ARG_DOMAINS_DIRECTORY:
                return parse_directory("domains-directory", value, &o->domains_directory);
        case ARG_SEEN_DIRECTORY:
                return parse_directory("seen-directory", value, &o->seen_directory);
        case ARG_DOMAIN:
                return parse_policy_name(policy_add_suffix, &o->policy, "domain", value,
                                "a host name, or HOSTNAME@BRIDGE");
        case ARG_DENY_NAME:
                return parse_policy_name(policy_add_denied, &o->policy, "deny-name", value,
                                "a name of at most 255 bytes");
        case ARG_HOSTNAMES:
                r = parse_switch("hostnames", value, &on);
                o->policy.hostnames_off = r >= 0 && !on;
                return r;
        case ARG_STATIC:
                r = parse_switch("static", value, &on);
                o->policy.static_off = r >= 0 && !on;
                return r;
        case ARG_REVERSE:
                return parse_switch("reverse", value, &o->policy.reverse);
        case ARG_LOG_LEVEL:
                return parse_log_level(value);
        case ARG_PUBLISH_FAILURE:
                o->publish_failure = true;
                return 0;
        default:
                return -EINVAL;
        }
}

/* Returns 1 to continue, 0 if nothing is left to do, or a negative errno after reporting why. */
static int parse_options(int argc, char **argv, Options *o) {
        for (int c; (c = getopt_long(argc, argv, "h", long_options, NULL)) >= 0;) {
                int r;

                if (c == 'h') {
                        help();
                        return 0;
                }
                if (c == ARG_VERSION) {
                        printf("libvirt-resolve %s\n", PROJECT_VERSION);
                        return 0;
                }
                r = parse_option(c, optarg, o);
                if (r < 0)
                        return r;
        }
        if (optind < argc) {
                fprintf(stderr, "libvirt-resolved: no arguments are taken, only options: \"%s\".\n",
                                argv[optind]);
                return -EINVAL;
        }
        return 1;
}

static bool error_passes(int r) {
        switch (r) {
        case -ENOMEM:
        case -EMFILE:
        case -ENFILE:
        case -ENOSPC:
        case -EDQUOT:
        case -ENOBUFS:
        case -EAGAIN:
                return true;
        default:
                return false;
        }
}

/* For ExecStopPost=, with the variables in which systemd describes the service's end: a service that exited
 * with an error of its own would fail again, so nobody should wait for it.  A shortage is temporary: the
 * existing index is kept. */
static int publish_failure(const char *runtime_directory) {
        const char *code = getenv("EXIT_CODE"), *status = getenv("EXIT_STATUS");
        StatSignature published;
        int r;

        if (!code || strcmp(code, "exited") != 0 || !status || strcmp(status, "0") == 0 ||
                        strcmp(status, STRINGIFY(EXIT_SHORTAGE)) == 0)
                return 0;
        r = publication_write_state(runtime_directory, INDEX_FAILED, &published);
        if (r < 0)
                log_error("The failure can't be published in %s: %s.", runtime_directory, strerror(-r));
        return r;
}

/* Sets the text that `systemctl status` shows. */
static void notify_status(const Manager *m, const char *ready) {
        const LeaseDirectory *d = m->directory;

        if (d->reading.error == -ENOENT)
                (void) sd_notifyf(0, "%sSTATUS=Waiting for %s, which doesn't exist (yet)", ready, d->path);
        else if (d->reading.error < 0)
                (void) sd_notifyf(0, "%sSTATUS=%s can't be read: %s", ready, d->path,
                                strerror(-d->reading.error));
        else
                (void) sd_notifyf(0, "%sSTATUS=Watching %s", ready, d->path);
}

static void on_changed(Manager *m, const Catalog *before, int64_t before_time, int64_t now) {
        object_report_changes(m, before, before_time, now);
        if (m->notified_error != m->directory->reading.error)
                notify_status(m, "");
        m->notified_error = m->directory->reading.error;
#if HAVE_HOOK
        if (m->hook)
                hook_update(m->hook);
#endif
}

static void on_ready(Manager *m) {
        notify_status(m, "READY=1\n");
        manager_start(m);
}

static int on_hangup(sd_event_source *s, const struct signalfd_siginfo *info, void *userdata) {
        (void) manager_reload(userdata);
        return 0;
}

static int setup_signals(sd_event *event, Manager *m) {
        sigset_t mask;
        int r;

        sigemptyset(&mask);
        sigaddset(&mask, SIGTERM);
        sigaddset(&mask, SIGINT);
        sigaddset(&mask, SIGHUP);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;
        if ((r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL)) < 0 ||
                        (r = sd_event_add_signal(event, NULL, SIGINT, NULL, NULL)) < 0 ||
                        (r = sd_event_add_signal(event, NULL, SIGHUP, on_hangup, m)) < 0)
                return r;
        return 0;
}

/* Returns the exit status, or a negative errno that isn't logged yet. */
static int serve(Options *o) {
        _cleanup_(sd_event_unrefp) sd_event *event = NULL;
        _cleanup_(manager_freep) Manager *m = NULL;
#if HAVE_HOOK
        _cleanup_(hook_freep) Hook *hook = NULL;
#endif
        _cleanup_(bus_link_freep) BusLink *link = NULL;
        int r;

        r = sd_event_default(&event);
        if (r < 0)
                return r;
        r = manager_new(event, o->lease_directory, o->runtime_directory, &o->policy, &m);
        if (r < 0)
                return r;
        r = manager_use_facts(m, o->domains_directory, o->seen_directory);
        if (r < 0)
                return r;
        m->changed = on_changed;
        r = object_setup(m);
        if (r < 0)
                return r;
#if HAVE_HOOK
        r = hook_open(m, &hook);
        if (r < 0)
                return r;
        m->hook = hook;
#endif
        r = setup_signals(event, m);
        if (r < 0)
                return r;
        r = sd_event_set_watchdog(event, true);
        if (r < 0)
                return r;
        r = bus_link_new(m, on_ready, &link);
        if (r < 0)
                return r;

        r = sd_event_loop(event);
        (void) sd_notify(0, "STOPPING=1");
        return r;
}

/* A service that can't start must not keep clients waiting at the hook's socket. */
static void refuse(bool failed) {
#if HAVE_HOOK
        if (failed)
                hook_refuse();
#endif
}

static int run(Options *o) {
        int r;

        r = serve(o);
        if (r < 0)
                log_error("The service can't run: %s.", strerror(-r));
        if (error_passes(r)) {
                (void) usleep(SHORTAGE_PAUSE_USEC);
                return EXIT_SHORTAGE;
        }
        return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
        Options o = {
                .lease_directory = LEASE_DIRECTORY,
                .runtime_directory = RUNTIME_DIRECTORY,
                .domains_directory = DOMAINS_DIRECTORY,
                .seen_directory = SEEN_DIRECTORY,
                .policy = { .reverse = true },
        };
        int r;

        r = parse_options(argc, argv, &o);
        if (r <= 0) {
                policy_clear(&o.policy);
                refuse(r < 0);
                return r < 0 ? EXIT_USAGE : EXIT_SUCCESS;
        }

        if (o.publish_failure)
                r = publish_failure(o.runtime_directory) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        else
                r = run(&o);
        policy_clear(&o.policy);
        refuse(r != EXIT_SUCCESS && r != EXIT_SHORTAGE);
        return r;
}
