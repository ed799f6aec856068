/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve-domains: states which domains run, with which network cards, on which bridges.
 */

#include <getopt.h>
#include <libvirt/virterror.h>
#include <libxml/parser.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>

#include "domains/helper.h"
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
        printf("libvirt-resolve-domains [OPTION...]\n\n"
               "States which libvirt domains run, with which network cards, on which bridges.\n\n"
               "  --directory=DIR          where the facts are written\n"
               "                           (default: " DOMAINS_DIRECTORY ")\n"
               "  --log-level=LEVEL        emerg, alert, crit, err, warning, notice, info\n"
               "                           (default) or debug\n"
               "  --help, --version        show this, or the version, and exit\n\n"
               "See libvirt-resolve-domains(8).\n");
}

static int usage_error(const char *option, const char *value, const char *expected) {
        fprintf(stderr, "libvirt-resolve-domains: --%s=%s: expected %s.\n", option, value, expected);
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
                fprintf(stderr, "libvirt-resolve-domains: no arguments are taken, only options: \"%s\".\n",
                                argv[optind]);
                return -EINVAL;
        }
        return 1;
}

/* Errors are said where they are met. */
static void on_libvirt_error(void *userdata, virErrorPtr error) {
}

static void on_xml_error(void *userdata, const char *format, ...) {
}

static void on_signal(int watch, int fd, int events, void *userdata) {
        struct signalfd_siginfo info;
        Helper *h = userdata;

        if (read(fd, &info, sizeof(info)) == sizeof(info))
                h->stop = true;
}

static int setup_signals(Helper *h) {
        sigset_t mask;
        int fd;

        sigemptyset(&mask);
        sigaddset(&mask, SIGTERM);
        sigaddset(&mask, SIGINT);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;
        (void) signal(SIGPIPE, SIG_IGN);
        fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
        if (fd < 0)
                return -errno;
        return virEventAddHandle(fd, VIR_EVENT_HANDLE_READABLE, on_signal, h, NULL) < 0 ? -ENOMEM : 0;
}

static int serve(const char *directory) {
        _cleanup_(helper_done) Helper h = { .directory_fd = -1, .hints.fd = -1 };
        int r;

        if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0)
                return -ENOTSUP;
        virSetErrorFunc(NULL, on_libvirt_error);
        xmlSetGenericErrorFunc(NULL, on_xml_error);
        r = setup_signals(&h);
        if (r < 0)
                return r;
        r = helper_start(&h, directory);
        if (r < 0)
                return r;
        (void) sd_notify(0, "READY=1");
        r = helper_run(&h);
        (void) sd_notify(0, "STOPPING=1");
        return r;
}

int main(int argc, char **argv) {
        const char *directory = DOMAINS_DIRECTORY;
        int r;

        r = parse_options(argc, argv, &directory);
        if (r <= 0)
                return r < 0 ? EXIT_USAGE : EXIT_SUCCESS;
        r = serve(directory);
        if (r < 0)
                log_error("libvirt-resolve-domains can't run: %s.", strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
