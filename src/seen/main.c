/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve-seen: states which addresses guests were seen to have on bridges.
 */

#include <getopt.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "seen/watcher.h"
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

static void help(void) {
        printf("libvirt-resolve-seen [OPTION...]\n\n"
               "States which addresses guests were seen to have on bridges.\n\n"
               "  --directory=DIR          where the facts are written\n"
               "                           (default: " SEEN_DIRECTORY ")\n"
               "  --log-level=LEVEL        emerg, alert, crit, err, warning, notice, info\n"
               "                           (default) or debug\n"
               "  --help, --version        show this, or the version, and exit\n\n"
               "See libvirt-resolve-seen(8).\n");
}

static int usage_error(const char *option, const char *value, const char *expected) {
        fprintf(stderr, "libvirt-resolve-seen: --%s=%s: expected %s.\n", option, value, expected);
        return -EINVAL;
}

static int parse_option(int c, const char *value, const char **ret_directory) {
        int level;

        switch (c) {
        case ARG_DIRECTORY:
                if (value[0] != '/')
                        return usage_error("directory", value, "an absolute path");
                *ret_directory = value;
                return 0;
        case ARG_LOG_LEVEL:
                level = log_level_from_text(value);
                if (level < 0)
                        return usage_error("log-level", value,
                                        "emerg, alert, crit, err, warning, notice, info or debug");
                log_set_level(level);
                return 0;
        default:
                return -EINVAL;
        }
}

/* Returns 1 to go on, 0 if all is done, or a negative errno after having said why. */
static int parse_options(int argc, char **argv, const char **ret_directory) {
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
                r = parse_option(c, optarg, ret_directory);
                if (r < 0)
                        return r;
        }
        if (optind < argc) {
                fprintf(stderr, "libvirt-resolve-seen: no arguments are taken, only options: \"%s\".\n",
                                argv[optind]);
                return -EINVAL;
        }
        return 1;
}

/* Gives up all capabilities, and with execve(2) no program gets any. */
static int drop_capabilities(void) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
                        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
                        syscall(SYS_capset, &header, none) < 0)
                return -errno;
        return 0;
}

static int block_signals(void) {
        sigset_t mask;

        sigemptyset(&mask);
        sigaddset(&mask, SIGTERM);
        sigaddset(&mask, SIGINT);
        return sigprocmask(SIG_BLOCK, &mask, NULL) < 0 ? -errno : 0;
}

static int setup_event(sd_event **ret) {
        sd_event *event;
        int r;

        r = sd_event_new(&event);
        if (r < 0)
                return r;
        r = block_signals();
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
        if (r >= 0)
                r = sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
        if (r < 0) {
                sd_event_unref(event);
                return r;
        }
        *ret = event;
        return 0;
}

static int watch(sd_event *event, Watcher *w) {
        int r;

        r = drop_capabilities();
        if (r < 0) {
                log_error("Capabilities can't be given up: %s.", strerror(-r));
                return r;
        }
        r = watcher_start(w);
        if (r < 0)
                return r;
        (void) sd_notify(0, "READY=1");
        r = sd_event_loop(event);
        (void) sd_notify(0, "STOPPING=1");
        if (r >= 0)
                watcher_remove_files(w);
        return r;
}

static int serve(const char *directory) {
        sd_event *event;
        Watcher *w;
        int r;

        r = setup_event(&event);
        if (r < 0)
                return r;
        r = watcher_new(event, directory, &w);
        if (r >= 0) {
                r = watch(event, w);
                watcher_free(w);
        }
        sd_event_unref(event);
        return r;
}

int main(int argc, char **argv) {
        const char *directory = SEEN_DIRECTORY;
        int r;

        r = parse_options(argc, argv, &directory);
        if (r <= 0)
                return r < 0 ? EXIT_USAGE : EXIT_SUCCESS;
        r = serve(directory);
        if (r < 0)
                log_error("libvirt-resolve-seen can't run: %s.", strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
