/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve-seen: states the addresses that guests use on bridges.
 */

#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "helper/program.h"
#include "seen/watcher.h"
#include "service/log.h"

/* Drops all capabilities, and keeps execve(2) from granting any. */
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
                log_error("Capabilities can't be dropped: %s.", strerror(-r));
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
        static const HelperProgram program = {
                .name = "libvirt-resolve-seen",
                .purpose = "States the addresses that guests use on bridges.",
                .directory = SEEN_DIRECTORY,
                .serve = serve,
        };

        return program_main(&program, argc, argv);
}
