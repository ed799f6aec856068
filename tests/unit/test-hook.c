/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The resolve hook where memory is short: a filter is whole, or lets all names pass.
 */

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "service/hook.h"
#include "unit.h"

static unsigned n_appended, fails_at; /* the call of json_array_append_new() that fails; 0: none */

int __wrap_json_array_append_new(json_t *array, json_t *value);
int __real_json_array_append_new(json_t *array, json_t *value);

int __wrap_json_array_append_new(json_t *array, json_t *value) {
        if (++n_appended != fails_at)
                return __real_json_array_append_new(array, value);
        json_decref(value);
        return -1;
}

static void on_changed(Manager *m, const Catalog *before, int64_t before_time, int64_t now) {
}

static Manager *manager_of(sd_event *event, const char *directory) {
        NamePolicy policy = { .reverse = true };
        char path[64];
        Manager *m;
        FILE *f;

        (void) snprintf(path, sizeof(path), "%s/virbr0.status", directory);
        f = fopen(path, "we");
        ck_assert_ptr_nonnull(f);
        ck_assert_int_ge(fputs("[{\"hostname\":\"web1\",\"ip-address\":\"10.0.0.1\"},"
                               "{\"hostname\":\"web2\",\"ip-address\":\"10.0.0.2\"}]", f), 0);
        ck_assert_int_eq(fclose(f), 0);
        ck_assert_int_eq(manager_new(event, directory, directory, &policy, &m), 0);
        m->changed = on_changed;
        ck_assert_int_eq(manager_refresh(m), 0);
        ck_assert_int_eq(unlink(path), 0);
        (void) snprintf(path, sizeof(path), "%s/" INDEX_FILE_NAME, directory);
        ck_assert_int_eq(unlink(path), 0);
        ck_assert_int_eq(rmdir(directory), 0);
        return m;
}

/* What a client that asks for the filter gets. */
static void ask_filter(sd_event *event, const struct sockaddr_un *address, socklen_t size, char *ret, size_t n) {
        static const char question[] = "{\"method\":\"io.systemd.Resolve.Hook.QueryFilter\",\"more\":true}";
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        ck_assert_int_eq(connect(fd, (const struct sockaddr *) address, size), 0);
        ck_assert_int_eq(send(fd, question, sizeof(question), 0), sizeof(question));
        for (unsigned i = 0; i < 10; i++)
                ck_assert_int_ge(sd_event_run(event, 1000), 0);
        ck_assert_int_gt(recv(fd, ret, n, MSG_DONTWAIT), 0);
        close(fd);
}

/* Row 0 is without a failure. */
START_TEST(test_filter) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        char directory[] = "/tmp/libvirt-resolve.XXXXXX", reply[1024];
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        socklen_t size = sizeof(address);
        sd_event *event, *files_event;
        Manager *m;
        Hook *hook;

        /* the manager's own loop doesn't run: its files are gone */
        ck_assert_int_ge(sd_event_new(&event), 0);
        ck_assert_int_ge(sd_event_new(&files_event), 0);
        ck_assert_ptr_nonnull(mkdtemp(directory));
        m = manager_of(files_event, directory);
        m->event = event;
        ck_assert_int_eq(bind(fd, (struct sockaddr *) &address, sizeof(sa_family_t)), 0);
        ck_assert_int_eq(listen(fd, 16), 0);
        ck_assert_int_eq(getsockname(fd, (struct sockaddr *) &address, &size), 0);
        ck_assert_int_eq(hook_new(m, fd, &hook), 0);

        fails_at = (unsigned) _i;
        ask_filter(event, &address, size, reply, sizeof(reply));
        ck_assert_str_eq(reply, fails_at > 0 ? "{\"parameters\":{},\"continues\":true}" :
                                               "{\"parameters\":{\"filterDomains\":[\"web1\",\"web2\","
                                               "\"1.0.0.10.in-addr.arpa\",\"2.0.0.10.in-addr.arpa\"]},\"continues\":true}");
        ck_assert_uint_ge(n_appended, fails_at > 0 ? fails_at : 4);

        hook_free(hook);
        m->event = files_event;
        manager_free(m);
        sd_event_unref(files_event);
        sd_event_unref(event);
}
END_TEST

int main(void) {
        TCase *tests = unit_case("hook");

        tcase_add_loop_test(tests, test_filter, 0, 5);
        return unit_run("hook", tests);
}
