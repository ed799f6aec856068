/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The resolve hook where memory is short.  In turn each allocation fails: a filter is whole or passes all
 * names, and a reply is whole or isn't sent.
 *
 * Linked with --wrap, so that all allocations come here; jansson's, too.
 */

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "service/hook.h"
#include "unit.h"

static unsigned n_allocated, fails_at; /* the allocation that fails; 0: none */

static bool fails(void) {
        return ++n_allocated == fails_at;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *s);

void *__wrap_malloc(size_t size) {
        return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
        return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size) {
        return fails() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *s) {
        return fails() ? NULL : __real_strdup(s);
}

static void on_changed(Manager *m, const Catalog *before, int64_t before_time, int64_t now) {
}

static Manager *manager_of(sd_event *loop, const char *directory) {
        NamePolicy policy = { .reverse = true };
        char path[64];
        Manager *m;

        (void) snprintf(path, sizeof(path), "%s/virbr0.status", directory);
        unit_put(path, "[{\"hostname\":\"web1\",\"ip-address\":\"10.0.0.1\"},"
                       "{\"hostname\":\"web2\",\"ip-address\":\"10.0.0.2\"}]");
        ck_assert_int_eq(manager_new(loop, directory, directory, &policy, &m), 0);
        m->changed = on_changed;
        ck_assert_int_eq(manager_refresh(m), 0);
        ck_assert_int_eq(unlink(path), 0);
        (void) snprintf(path, sizeof(path), "%s/" INDEX_FILE_NAME, directory);
        ck_assert_int_eq(unlink(path), 0);
        ck_assert_int_eq(rmdir(directory), 0);
        return m;
}

static sd_event *event, *files_event;
static Manager *manager;
static Hook *hook;
static struct sockaddr_un address = { .sun_family = AF_UNIX };
static socklen_t address_size = sizeof(address);

static void setup(void) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        char directory[] = "/tmp/libvirt-resolve.XXXXXX";

        /* the manager's own loop doesn't run: its files are gone */
        ck_assert_int_ge(sd_event_new(&event), 0);
        ck_assert_int_ge(sd_event_new(&files_event), 0);
        ck_assert_ptr_nonnull(mkdtemp(directory));
        manager = manager_of(files_event, directory);
        manager->event = event;
        ck_assert_int_eq(bind(fd, (struct sockaddr *) &address, sizeof(sa_family_t)), 0);
        ck_assert_int_eq(listen(fd, 16), 0);
        ck_assert_int_eq(getsockname(fd, (struct sockaddr *) &address, &address_size), 0);
        ck_assert_int_eq(hook_new(manager, fd, &hook), 0);
}

static void teardown(void) {
        hook_free(hook);
        manager->event = files_event;
        manager_free(manager);
        sd_event_unref(files_event);
        sd_event_unref(event);
}

/* What a client that asks gets; "" where it is hung up on.  The given allocation fails meanwhile, 0: none. */
static const char *ask(const char *question, unsigned failing) {
        static char reply[1024];
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r = 0;
        ssize_t n;

        ck_assert_int_eq(connect(fd, (const struct sockaddr *) &address, address_size), 0);
        ck_assert_int_eq(send(fd, question, strlen(question) + 1, 0), (ssize_t) strlen(question) + 1);
        n_allocated = 0;
        fails_at = failing;
        for (unsigned i = 0; i < 10 && r >= 0; i++) /* no assertion in it: Check allocates */
                r = sd_event_run(event, 1000);
        fails_at = 0;
        ck_assert_int_ge(r, 0);
        n = recv(fd, reply, sizeof(reply), MSG_DONTWAIT);
        ck_assert(n >= 0 || errno == ECONNRESET);
        reply[n > 0 ? n - 1 : 0] = '\0';
        close(fd);
        return reply;
}

/* A whole question is answered in the same way, or with "instead", or not at all. */
static void check(const char *question, const char *wanted, const char *instead) {
        unsigned n;

        ck_assert_str_eq(ask(question, 0), wanted);
        n = n_allocated;
        ck_assert_uint_gt(n, 10);
        for (unsigned i = 1; i <= n; i++) {
                const char *reply;

                teardown();
                setup();
                reply = ask(question, i);
                ck_assert(*reply == '\0' || strcmp(reply, wanted) == 0 ||
                                (instead && strcmp(reply, instead) == 0));
        }
}

START_TEST(test_filter) {
        check("{\"method\":\"io.systemd.Resolve.Hook.QueryFilter\",\"more\":true}",
                        "{\"parameters\":{\"filterDomains\":[\"web1\",\"web2\","
                        "\"1.0.0.10.in-addr.arpa\",\"2.0.0.10.in-addr.arpa\"]},\"continues\":true}",
                        "{\"parameters\":{},\"continues\":true}");
}
END_TEST

/* Nor does a question that isn't understood count as one for another name. */
START_TEST(test_records) {
        check("{\"method\":\"io.systemd.Resolve.Hook.ResolveRecord\",\"parameters\":{\"question\":["
              "{\"key\":{\"class\":1,\"type\":1,\"name\":\"web1\"}},{\"key\":{\"class\":1,\"type\":1,"
              "\"name\":\"web2\"}}]}}",
                        "{\"parameters\":{\"rcode\":0,\"answer\":[{\"raw\":\"BHdlYjEAAAEAAQAAAAUABAoAAAE=\"},"
                        "{\"raw\":\"BHdlYjIAAAEAAQAAAAUABAoAAAI=\"}]}}",
                        NULL);
}
END_TEST

int main(void) {
        TCase *tests = unit_case("hook");

        tcase_add_checked_fixture(tests, setup, teardown);
        tcase_add_test(tests, test_filter);
        tcase_add_test(tests, test_records);
        return unit_run("hook", tests);
}
