/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Any bytes from a peer of the resolve hook, over a few guests: it answers in whole messages, no
 * more than the bytes can ask for, and is there for the next.
 */

#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "service/hook.h"
#include "service/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char leases[] =
        "[{\"hostname\":\"web1\",\"ip-address\":\"10.0.0.1\",\"mac-address\":\"52:54:00:00:00:01\","
        "\"expiry-time\":0},"
        "{\"hostname\":\"web1\",\"ip-address\":\"fd00::1\",\"mac-address\":\"52:54:00:00:00:01\","
        "\"expiry-time\":0},"
        "{\"hostname\":\"vm-app\",\"ip-address\":\"10.0.0.3\",\"mac-address\":\"52:54:00:00:00:01\","
        "\"expiry-time\":7000000000},"
        "{\"hostname\":\"a.lab.example\",\"ip-address\":\"10.0.0.2\",\"mac-address\":\"52:54:00:00:00:02\"}]";
static const char macs[] = "[{\"domain\":\"vm-app\",\"macs\":[\"52:54:00:00:00:01\"]},"
                           "{\"domain\":\"example.com\",\"macs\":[\"52:54:00:00:00:02\"]}]";

static sd_event *event;
static Hook *hook;
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static socklen_t address_size = sizeof(address);

static void on_changed(Manager *m, const Catalog *before, int64_t before_time, int64_t now) {
}

/* In a directory that is gone afterwards. */
static void read_files(Manager *m, const char *directory) {
        static const struct {
                const char *name, *text;
        } files[] = { { "virbr0.status", leases }, { "virbr0.macs", macs } };
        char path[64];

        for (size_t i = 0; i < ELEMENTS(files); i++) {
                FILE *f;

                (void) snprintf(path, sizeof(path), "%s/%s", directory, files[i].name);
                f = fopen(path, "we");
                assert(f && fputs(files[i].text, f) >= 0 && fclose(f) == 0);
        }
        assert(manager_refresh(m) == 0 && m->catalog && m->catalog->n_leases == 4);
        for (size_t i = 0; i < ELEMENTS(files); i++) {
                (void) snprintf(path, sizeof(path), "%s/%s", directory, files[i].name);
                assert(unlink(path) == 0);
        }
        assert(rmdir(directory) == 0);
}

static int listening_socket(void) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert(fd >= 0 && bind(fd, (struct sockaddr *) &address, sizeof(sa_family_t)) == 0);
        assert(listen(fd, 16) == 0 && getsockname(fd, (struct sockaddr *) &address, &address_size) == 0);
        return fd;
}

/* The manager has a loop of its own, which doesn't run: its files are gone. */
static void start(void) {
        char directory[] = "/tmp/libvirt-resolve.XXXXXX";
        NamePolicy policy = { .reverse = true };
        static sd_event *files_event;
        Manager *m;

        log_set_level(0);
        assert(sd_event_new(&event) >= 0 && sd_event_new(&files_event) >= 0);
        assert(mkdtemp(directory) && policy_add_suffix(&policy, "lab.example") == 0);
        assert(manager_new(files_event, directory, "/nonexistent", &policy, &m) == 0);
        m->changed = on_changed;
        read_files(m, directory);
        m->event = sd_event_ref(event);
        assert(hook_new(m, listening_socket(), &hook) == 0);
}

static void settle(void) {
        while (sd_event_run(event, 0) > 0)
                ;
}

/* Receives what is there: counts the messages, each of which must be one. */
static size_t receive(int fd) {
        static char reply[1 << 20];
        static size_t size;
        size_t n_replies = 0;
        ssize_t n;

        while ((n = recv(fd, reply + size, sizeof(reply) - size, MSG_DONTWAIT)) > 0) {
                size += (size_t) n;
                for (char *end; (end = memchr(reply, '\0', size));) {
                        json_t *message = json_loadb(reply, (size_t) (end - reply), 0, NULL);

                        assert(json_is_object(json_object_get(message, "parameters")));
                        json_decref(message);
                        size -= (size_t) (end + 1 - reply);
                        memmove(reply, end + 1, size);
                        n_replies++;
                }
                settle();
        }
        if (n == 0 || errno != EAGAIN)
                size = 0; /* the end */
        assert(size < sizeof(reply));
        return n_replies;
}

static int peer_connect(void) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert(fd >= 0 && connect(fd, (struct sockaddr *) &address, address_size) == 0);
        return fd;
}

static void check_well(void) {
        static const char call[] = "{\"method\":\"org.varlink.service.GetInfo\"}";
        _cleanup_(closep) int fd = peer_connect();

        assert(send(fd, call, sizeof(call), MSG_NOSIGNAL) == sizeof(call));
        settle();
        assert(receive(fd) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        size_t n_asked = 0, n_replies = 0;
        int fd;

        if (!hook)
                start();
        for (size_t i = 0; i < size; i++)
                n_asked += data[i] == '\0';

        fd = peer_connect();
        for (size_t sent = 0; sent < size;) {
                ssize_t n = send(fd, data + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

                if (n < 0 && errno != EAGAIN)
                        break;
                sent += n > 0 ? (size_t) n : 0;
                settle();
                n_replies += receive(fd);
        }
        settle();
        n_replies += receive(fd);
        assert(n_replies <= n_asked);
        close(fd);
        settle();
        check_well();
        return 0;
}
