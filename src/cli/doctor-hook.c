/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The doctor's check of the resolve hook: does systemd-resolved support it, is it enabled, and does the
 * service answer it?  Names resolve through the C library without it.
 */

#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/service-client.h"
#include "cli/doctor.h"
#include "cli/json.h"
#include "cli/systemd.h"
#include "util/clock.h"

#define UNIT "libvirt-resolved-hook.socket"
#define SOCKET_PATH "/run/systemd/resolve.hook/org.libvirt.Resolve1"

/* The first version with resolve hooks. */
#define SYSTEMD_VERSION 259U

/* How long the service may hang before its watchdog ends it. */
#define ANSWER_MSEC 3500

static const char advice_enable[] = "To enable it: systemctl enable " UNIT "\n"
                                    "and then:     systemctl restart libvirt-resolved";
static const char advice_restart[] = "Fix it with: systemctl restart libvirt-resolved";

/* ---- its answer ---- */

static int hook_connect(void) {
        static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SOCKET_PATH };
        _cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        if (fd < 0 || connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        return TAKE_FD(fd);
}

static int64_t now_msec(void) {
        return (int64_t) (clock_usec(CLOCK_MONOTONIC) / 1000);
}

/* Receives a message of at most size bytes.  Returns its size, or a negative errno. */
static ssize_t hook_receive(int fd, char *buffer, size_t size) {
        int64_t end = now_msec() + ANSWER_MSEC;
        size_t n = 0;

        while (n == 0 || buffer[n - 1] != '\0') {
                int64_t rest = end - now_msec();
                ssize_t k;

                if (rest <= 0 || poll(&(struct pollfd) { .fd = fd, .events = POLLIN }, 1, (int) rest) == 0)
                        return -ETIMEDOUT;
                k = recv(fd, buffer + n, size - n, MSG_DONTWAIT);
                if (k == 0)
                        return n < size ? -ECONNRESET : -EMSGSIZE;
                if (k < 0 && errno != EAGAIN && errno != EINTR)
                        return -errno;
                n += k > 0 ? (size_t) k : 0;
        }
        return (ssize_t) n;
}

/* Asks the service for its identity, which needs no privileges. */
static int hook_ask(void) {
        static const char call[] = "{\"method\":\"org.varlink.service.GetInfo\"}";
        _cleanup_(json_decrefp) json_t *reply = NULL;
        _cleanup_(closep) int fd = hook_connect();
        char buffer[4096];
        ssize_t n;

        if (fd < 0)
                return fd;
        if (send(fd, call, sizeof(call), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
                return -errno;
        n = hook_receive(fd, buffer, sizeof(buffer));
        if (n < 0)
                return (int) n;
        reply = json_loadb(buffer, (size_t) n - 1, 0, NULL);
        return json_is_array(json_object_get(json_object_get(reply, "parameters"), "interfaces")) ? 0 :
                                                                                                    -EBADMSG;
}

/* ---- the socket ---- */

/* If systemd-resolved can't connect to the socket, it fails lookups instead of skipping the hook. */
static bool check_socket_file(Doctor *d) {
        struct stat st;

        if (stat(SOCKET_PATH, &st) < 0)
                doctor_add(d, VERDICT_WARNING, advice_restart,
                                "The resolve hook's socket can't be seen: " SOCKET_PATH ": %s",
                                strerror(errno));
        else if ((st.st_mode & 0666) != 0666)
                doctor_add(d, VERDICT_FAILURE, "Fix it with: chmod 0666 " SOCKET_PATH,
                                "systemd-resolved may not connect to " SOCKET_PATH
                                ", and fails every lookup of this host");
        else
                return true;
        return false;
}

static void check_answer(Doctor *d, bool enabled) {
        const json_t *statistics = json_object_get(d->properties, "Statistics");
        int r;

        r = hook_ask();
        if (r < 0)
                doctor_add(d, VERDICT_FAILURE, advice_restart,
                                "The resolve hook doesn't answer, and programs that ask DNS for a guest "
                                "wait: %s",
                                strerror(-r));
        else if (!enabled)
                doctor_add(d, VERDICT_WARNING, "Fix it with: systemctl enable " UNIT,
                                "The resolve hook answers, but won't after the next boot");
        else
                doctor_add(d, VERDICT_OK, NULL,
                                "The resolve hook answers; connections: %i, of which are told the guests' "
                                "names: %i",
                                (int) json_number(statistics, "hook-connections"),
                                (int) json_number(statistics, "hook-subscribers"));
}

static void judge_socket(Doctor *d, const json_t *unit) {
        const char *load = json_text(unit, "LoadState") ?: "", *active = json_text(unit, "ActiveState") ?: "",
                   *state = json_text(d->properties, "ResolveHook");
        bool enabled = systemd_unit_is_enabled(unit);

        if (strcmp(load, "not-found") == 0)
                doctor_add(d, VERDICT_SKIPPED, NULL, UNIT " isn't installed: DNS doesn't know the guests");
        else if (strcmp(load, "masked") == 0)
                doctor_add(d, VERDICT_SKIPPED, "To enable it: systemctl unmask " UNIT,
                                UNIT " is masked: DNS doesn't know the guests");
        else if (strcmp(load, "loaded") != 0)
                doctor_add(d, VERDICT_WARNING, "See why: systemctl status " UNIT, UNIT " can't be loaded: %s",
                                load);
        else if (!enabled && strcmp(active, "active") != 0 && state && strcmp(state, "listening") == 0)
                doctor_add(d, VERDICT_WARNING, advice_restart,
                                UNIT
                                " isn't enabled, but the service, which ran before, still has the socket");
        else if (!enabled && strcmp(active, "active") != 0)
                doctor_add(d, VERDICT_SKIPPED, advice_enable,
                                "The resolve hook isn't enabled: programs that ask DNS don't see the guests");
        else if (strcmp(active, "failed") == 0)
                doctor_add(d, VERDICT_WARNING,
                                "See why:     journalctl -b -u libvirt-resolved -u " UNIT "\n"
                                "Then try it: systemctl restart libvirt-resolved",
                                UNIT " was given up (%s): programs that ask DNS don't see the guests",
                                json_text(unit, "Result") ?: "failed");
        else if (strcmp(active, "active") != 0 || (state && strcmp(state, "listening") != 0))
                doctor_add(d, VERDICT_WARNING, advice_restart,
                                UNIT
                                " is enabled, but the service, which ran before, doesn't have the socket");
        else if (check_socket_file(d))
                check_answer(d, enabled);
}

/* ---- */

static bool resolved_runs(Doctor *d) {
        _cleanup_(json_decrefp) json_t *unit = NULL;

        return systemd_get_unit(d->bus, "systemd-resolved.service", "Service", &unit) >= 0 &&
               strcmp(json_text(unit, "ActiveState") ?: "", "active") == 0;
}

void check_hook(Doctor *d) {
        _cleanup_(json_decrefp) json_t *unit = NULL;
        unsigned version;

        if (!d->bus || systemd_get_version(d->bus, &version) < 0)
                doctor_add(d, VERDICT_SKIPPED, NULL, "systemd can't be asked about the resolve hook");
        else if (version < SYSTEMD_VERSION)
                doctor_add(d, VERDICT_SKIPPED, NULL,
                                "systemd %u has no resolve hooks, %u has: programs that ask DNS don't see "
                                "the guests",
                                version, SYSTEMD_VERSION);
        else if (!resolved_runs(d))
                doctor_add(d, VERDICT_SKIPPED, NULL,
                                "systemd-resolved doesn't run: nobody would ask the resolve hook");
        else if (systemd_get_unit(d->bus, UNIT, "Socket", &unit) < 0)
                doctor_add(d, VERDICT_SKIPPED, NULL, "systemd can't be asked about " UNIT);
        else
                judge_socket(d, unit);
}
