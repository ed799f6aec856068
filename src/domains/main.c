/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve-domains: states which domains run, with which network cards, on which bridges.
 */

#include <libvirt/virterror.h>
#include <libxml/parser.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>

#include "domains/helper.h"
#include "helper/program.h"
#include "service/log.h"

/* Ignored: the callers of libvirt's functions report errors. */
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
        static const HelperProgram program = {
                .name = "libvirt-resolve-domains",
                .purpose = "States which libvirt domains run, with which network cards, on which bridges.",
                .directory = DOMAINS_DIRECTORY,
                .serve = serve,
        };

        return program_main(&program, argc, argv);
}
