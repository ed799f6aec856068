/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The hosts line of nsswitch.conf: how it is read, and how it is edited.
 */

#include <check.h>
#include <errno.h>
#include <string.h>

#include "index/format.h"
#include "cli/nsswitch.h"
#include "unit/unit.h"
#include "util/util.h"

#define N NSSWITCH_NOTFOUND
#define U NSSWITCH_UNAVAIL
#define T NSSWITCH_TRYAGAIN
#define S NSSWITCH_SUCCESS

/* After which answers of the first source a lookup ends. */
static const struct {
        const char *text;
        unsigned ends;
        bool merges;
} actions[] = {
        { "hosts: a b", S },
        { "hosts: a [NOTFOUND=return] b", S | N },
        { "hosts: a [notfound=RETURN] b", S | N },
        { "hosts: a[NOTFOUND=return]b", S | N },
        { "hosts: a [!UNAVAIL=return] b", S | N | T },
        { "hosts: a [NOTFOUND=return !UNAVAIL=continue] b", 0 },
        { "hosts: a [!UNAVAIL=return NOTFOUND=continue] b", S | T },
        { "hosts: a [NOTFOUND=return UNAVAIL=return] b", S | N | U },
        { "hosts: a [NOTFOUND=return] [UNAVAIL=return] b", S | N | U },
        { "hosts: a [!SUCCESS=return] b", S | N | U | T },
        { "hosts: a [SUCCESS=continue] b", 0 },
        { "hosts: a [SUCCESS=merge] b", 0, true },
        { "hosts: a [NOTFOUND=return SUCCESS=merge] b", N, true },
        { "hosts: a [ NOTFOUND=return ] b", S | N },
        { "hosts: a [TRYAGAIN=return\tUNAVAIL=return] b", S | U | T },
        { "hosts: a [NONSENSE=return] b", S },
        { "hosts: a [NOTFOUND=nonsense] b", S },
        { "hosts: a [NOTFOUND] b", S },
        { "hosts: a [] b", S },
        { "hosts: a [NOTFOUND=return", S | N },
        { "hosts: [NOTFOUND=return] a b", S },
};

START_TEST(actions_are_understood) {
        NsswitchHosts hosts;

        ck_assert_int_eq(nsswitch_parse(actions[_i].text, &hosts), 0);
        ck_assert(nsswitch_is(&hosts, 0, "a"));
        ck_assert_uint_eq(hosts.sources[0].ends, actions[_i].ends);
        ck_assert_int_eq(hosts.sources[0].merges, actions[_i].merges);
}
END_TEST

static const struct {
        const char *text, *first;
        size_t n_sources;
} lines[] = {
        { "hosts: files dns\n", "files", 2 },
        { "hosts:files\n", "files", 1 },
        { "  hosts :\tfiles\n", "files", 1 },
        { "passwd: x\nhosts: files dns # hosts: y\nnetworks: z", "files", 2 },
        { "# hosts: x\nhosts: files", "files", 1 },
        { "hosts: x\nhosts: files dns\n", "files", 2 }, /* glibc: the last counts */
        { "hosts: files dns\r\n", "files", 2 },
        { "hosts:\n", NULL, 0 },
        { "hosts: # nothing\n", NULL, 0 },
};

START_TEST(the_line_is_found) {
        NsswitchHosts hosts;

        ck_assert_int_eq(nsswitch_parse(lines[_i].text, &hosts), 0);
        ck_assert_uint_eq(hosts.n_sources, lines[_i].n_sources);
        if (lines[_i].first)
                ck_assert(nsswitch_is(&hosts, 0, lines[_i].first));
}
END_TEST

static const char *const no_lines[] = { "", "\n", "host: x", "hostsx: x", "hosts", "hosts x: y", "HOSTS: x",
                "#hosts: x" };

START_TEST(no_line_is_none) {
        NsswitchHosts hosts = { .n_sources = 42 };

        ck_assert_int_eq(nsswitch_parse(no_lines[_i], &hosts), -ENOENT);
        ck_assert_uint_eq(hosts.n_sources, 42);
}
END_TEST

#define BOTH (VARIANT_LEASE | VARIANT_DOMAIN)

START_TEST(a_line_has_a_limit) {
        char text[NSSWITCH_SOURCES_MAX * 2 + 16] = "hosts:", *changed;
        NsswitchHosts hosts;

        for (size_t i = 0; i < NSSWITCH_SOURCES_MAX; i++)
                strcat(text, " a");
        ck_assert_int_eq(nsswitch_parse(text, &hosts), 0);
        strcat(text, " b");
        ck_assert_int_eq(nsswitch_parse(text, &hosts), -E2BIG);
        ck_assert_int_eq(nsswitch_enable(text, BOTH, &changed), -E2BIG);
        ck_assert_int_eq(nsswitch_disable(text, &changed), -E2BIG);
}
END_TEST

#define L "libvirt libvirt_guest"

/* One module alone is put there, and counts as enabled; the other is taken out. */
static const struct {
        const char *before;
        unsigned modules;
        const char *after;
} single_edits[] = {
        { "hosts: files dns\n", VARIANT_DOMAIN, "hosts: files libvirt_guest dns\n" },
        { "hosts: files dns\n", VARIANT_LEASE, "hosts: files libvirt dns\n" },
        { "hosts: files " L " dns\n", VARIANT_DOMAIN, "hosts: files libvirt_guest dns\n" },
        { "hosts: files resolve [!UNAVAIL=return] libvirt_guest dns\n", VARIANT_DOMAIN,
          "hosts: files libvirt_guest resolve [!UNAVAIL=return] dns\n" },
        { "", VARIANT_DOMAIN, "hosts:          files libvirt_guest dns\n" },
        { "hosts: dns\n", VARIANT_LEASE, "hosts: files libvirt dns\n" },
        { "hosts: libvirt files dns\n", VARIANT_LEASE, "hosts: files libvirt dns\n" },
        { "hosts:\n", VARIANT_LEASE, "hosts: files libvirt dns\n" },
};

START_TEST(enabling_one) {
        _cleanup_(freep) char *after = NULL, *again = NULL;
        NsswitchHosts hosts;

        ck_assert_int_eq(nsswitch_enable(single_edits[_i].before, single_edits[_i].modules, &after), 1);
        ck_assert_str_eq(after, single_edits[_i].after);
        ck_assert_int_eq(nsswitch_parse(after, &hosts), 0);
        ck_assert(nsswitch_is_enabled(&hosts, single_edits[_i].modules));
        ck_assert(!nsswitch_is_enabled(&hosts, BOTH));
        ck_assert_uint_eq(nsswitch_modules(&hosts), single_edits[_i].modules);
        ck_assert_int_eq(nsswitch_enable(after, single_edits[_i].modules, &again), 0);
}
END_TEST

/* after: NULL: nothing is to be changed.  back: whether disabling gives the same bytes as before. */
static const struct {
        const char *before, *after;
        bool back;
} edits[] = {
        { "hosts: files dns\n", "hosts: files " L " dns\n", true },
        { "hosts:\tfiles\t dns  # mine\n", "hosts:\tfiles " L "\t dns  # mine\n", true },
        { "# top\n\npasswd: files\nhosts:          files dns\nnetworks: files\n",
          "# top\n\npasswd: files\nhosts:          files " L " dns\nnetworks: files\n", true },
        { "hosts: files", "hosts: files " L, true },
        { "hosts: files " L " dns\n", NULL },
        { "hosts: files dns " L "\n", NULL }, /* reached: the administrator's order */
        { "hosts: files mdns4_minimal [NOTFOUND=return] dns\n",
          "hosts: files " L " mdns4_minimal [NOTFOUND=return] dns\n", true },
        { "hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns\n",
          "hosts: mymachines files " L " resolve [!UNAVAIL=return] myhostname dns\n", false }, /* NixOS */
        { "hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns # c\nx: y\n",
          "hosts: mymachines files " L " resolve [!UNAVAIL=return] myhostname dns # c\nx: y\n", false },
        { "hosts: resolve [!UNAVAIL=return] files myhostname dns\n",
          "hosts: files " L " resolve [!UNAVAIL=return] myhostname dns\n", false }, /* Arch */
        { "hosts: resolve [!UNAVAIL=return] dns files [SUCCESS=continue]\n",
          "hosts: files [SUCCESS=continue] " L " resolve [!UNAVAIL=return] dns\n", false },
        { "hosts: resolve [!UNAVAIL=return] files dns\n",
          "hosts: files " L " resolve [!UNAVAIL=return] dns\n", false },
        { "hosts: files [SUCCESS=continue] dns\n", "hosts: files [SUCCESS=continue] " L " dns\n", true },
        { "hosts: dns\n", "hosts: files " L " dns\n", false },
        { "hosts: resolve [!UNAVAIL=return] dns\n", "hosts: files " L " resolve [!UNAVAIL=return] dns\n",
          false },
        { "hosts: " L " files dns\n", "hosts: files " L " dns\n", false },
        { "hosts: libvirt files libvirt_guest dns\n", "hosts: files " L " dns\n", false },
        { "hosts: " L " dns\n", "hosts: files " L " dns\n", false },
        { "hosts: files resolve [!UNAVAIL=return] " L " dns\n",
          "hosts: files " L " resolve [!UNAVAIL=return] dns\n", false },
        { "hosts: files libvirt dns\n", "hosts: files " L " dns\n", false },
        { "hosts: files libvirt_guest dns\n", "hosts: files " L " dns\n", false },
        { "hosts: files libvirt [NOTFOUND=return] libvirt_guest dns\n", "hosts: files " L " dns\n", false },
        { "hosts: files libvirt libvirt dns\n", "hosts: files " L " dns\n", false },
        { "hosts: x\nhosts: files dns\n", "hosts: x\nhosts: files " L " dns\n", true },
        { "hosts:\n", "hosts: files " L " dns\n", false },
        { "hosts: # nothing\n", "hosts: files " L " dns # nothing\n", false },
        { "", "hosts:          files " L " dns\n", false },
        { "passwd: files", "passwd: files\nhosts:          files " L " dns\n", false },
        { "hosts: files dns\r\n", "hosts: files " L " dns\r\n", true },
};

START_TEST(enabling_edits) {
        _cleanup_(freep) char *after = NULL, *again = NULL, *back = NULL;
        NsswitchHosts hosts;
        int r;

        r = nsswitch_enable(edits[_i].before, BOTH, &after);
        ck_assert_int_eq(r, edits[_i].after ? 1 : 0);
        if (r == 0)
                return;
        ck_assert_str_eq(after, edits[_i].after);
        ck_assert_int_eq(nsswitch_parse(after, &hosts), 0);
        ck_assert(nsswitch_is_enabled(&hosts, BOTH));
        ck_assert(nsswitch_files_first(&hosts));

        ck_assert_int_eq(nsswitch_enable(after, BOTH, &again), NSSWITCH_UNCHANGED);
        ck_assert_int_eq(nsswitch_disable(after, &back), 1);
        if (edits[_i].back)
                ck_assert_str_eq(back, edits[_i].before);
        ck_assert_ptr_null(strstr(back, "libvirt"));
}
END_TEST

/* Behind "files" the modules would never be asked, and before it they must not be. */
static const char *const refused[] = {
        "hosts: files [NOTFOUND=return] dns\n",
        "hosts: files [NOTFOUND=return]\n",
        "hosts: files [!SUCCESS=return] dns\n",
        "hosts: files [NOTFOUND=return] " L " dns\n",
        "hosts: resolve [!UNAVAIL=return] files [NOTFOUND=return] dns\n",
};

START_TEST(enabling_is_refused) {
        char *after = (char *) "untouched";

        ck_assert_int_eq(nsswitch_enable(refused[_i], BOTH, &after), NSSWITCH_REFUSED);
        ck_assert_str_eq(after, "untouched");
}
END_TEST

static const struct {
        const char *text;
        bool first;
} orders[] = {
        { "hosts: files " L " dns", true },
        { "hosts: files dns " L, true },
        { "hosts: files dns", true },
        { "hosts: dns", true },
        { "hosts: dns files", true },
        { "hosts: " L " files dns", false },
        { "hosts: libvirt_guest files libvirt", false },
        { "hosts: files libvirt files", true },
        { "hosts: libvirt dns", false },
};

START_TEST(files_come_first) {
        NsswitchHosts hosts;

        ck_assert_int_eq(nsswitch_parse(orders[_i].text, &hosts), 0);
        ck_assert_int_eq(nsswitch_files_first(&hosts), orders[_i].first);
}
END_TEST

static const struct {
        const char *before, *after;
} removals[] = {
        { "hosts: files " L " dns\n", "hosts: files dns\n" },
        { "hosts: " L " dns\n", "hosts: dns\n" },
        { "hosts: files " L "\n", "hosts: files\n" },
        { "hosts: files dns libvirt_guest [NOTFOUND=return] # c\n", "hosts: files dns # c\n" },
        { "hosts: libvirt\n", "hosts: \n" },
        { "hosts: libvirt files libvirt\n", "hosts: files\n" },
        { "hosts: files dns\n", NULL },
        { "hosts: libvirtx xlibvirt\n", NULL },
        { "passwd: libvirt\n", NULL },
        { "", NULL },
};

START_TEST(disabling_edits) {
        _cleanup_(freep) char *after = NULL;

        ck_assert_int_eq(nsswitch_disable(removals[_i].before, &after), removals[_i].after ? 1 : 0);
        if (removals[_i].after)
                ck_assert_str_eq(after, removals[_i].after);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("hosts");

        tcase_add_loop_test(tcase, actions_are_understood, 0, ELEMENTS(actions));
        tcase_add_loop_test(tcase, the_line_is_found, 0, ELEMENTS(lines));
        tcase_add_loop_test(tcase, no_line_is_none, 0, ELEMENTS(no_lines));
        tcase_add_test(tcase, a_line_has_a_limit);
        tcase_add_loop_test(tcase, enabling_edits, 0, ELEMENTS(edits));
        tcase_add_loop_test(tcase, enabling_one, 0, ELEMENTS(single_edits));
        tcase_add_loop_test(tcase, enabling_is_refused, 0, ELEMENTS(refused));
        tcase_add_loop_test(tcase, files_come_first, 0, ELEMENTS(orders));
        tcase_add_loop_test(tcase, disabling_edits, 0, ELEMENTS(removals));
        return unit_run("nsswitch", tcase);
}
