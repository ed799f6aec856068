/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The forms of a name.
 */

#include "names/form.h"

#include <errno.h>
#include <string.h>

#include "names/idna.h"

/* The first length bytes of text, and ".suffix" unless that is NULL. */
static const char *join(Arena *arena, const char *text, size_t length, const char *suffix) {
        size_t size = length + 1 + (suffix ? 1 + strlen(suffix) : 0);
        char *joined = arena_take(arena, size), *end;

        if (!joined)
                return NULL;
        end = mempcpy(joined, text, length);
        *end = '\0';
        if (suffix)
                (void) stpcpy(stpcpy(end, "."), suffix);
        return joined;
}

/* Whether a name is answered below suffixes, too. */
static bool name_takes_suffix(const char *folded) {
        return !strchr(folded, '.') && name_is_hostname(folded);
}

/* The verdict on the form with that key of a name with that verdict.  A name that reads as an address
 * doesn't below a suffix. */
static NameVerdict form_judge(const NamePolicy *policy, const char *key, NameVerdict verdict) {
        if (verdict != NAME_GOOD && verdict != NAME_ADDRESS)
                return verdict;
        return policy_judge_name(policy, key);
}

/* Adds the forms of one spelling to n others.  name is kept; folded and its length are the name's.  Returns
 * the number of all forms, or -ENOMEM. */
static int forms_add(const NamePolicy *policy, const char *interface, const char *name, const char *folded,
                NameVerdict verdict, Arena *arena, NameForm *forms, int n) {
        size_t length = strlen(folded);

        for (size_t i = 0; name_takes_suffix(folded) && i < policy->n_suffixes; i++) {
                const Suffix *suffix = policy->suffixes + i;
                NameForm *f = forms + n;

                if (!suffix_is_on(suffix, interface) ||
                                length + 1 + strlen(suffix->name) > HOSTNAME_LENGTH_MAX)
                        continue;
                f->key = join(arena, folded, length, suffix->name);
                f->name = join(arena, name, length, suffix->name);
                if (!f->key || !f->name)
                        return -ENOMEM;
                f->verdict = form_judge(policy, f->key, verdict);
                n++;
        }

        forms[n].key = join(arena, folded, length, NULL);
        forms[n].name = name[length] == '\0' ? name : join(arena, name, length, NULL);
        forms[n].verdict = verdict;
        return forms[n].key && forms[n].name ? n + 1 : -ENOMEM;
}

/* Adds the forms of the ASCII form of a name that has one. */
static int forms_add_ascii(const NamePolicy *policy, const char *interface, const char *name, Arena *arena,
                NameForm *forms) {
        char ascii[NAME_SIZE];
        const char *copy;
        int r;

        r = name_to_ascii(name, ascii);
        if (r <= 0)
                return r;
        copy = join(arena, ascii, strlen(ascii), NULL);
        if (!copy)
                return -ENOMEM;
        return forms_add(policy, interface, copy, ascii, policy_judge_name(policy, ascii), arena, forms, 0);
}

int name_forms_make(const NamePolicy *policy, const char *interface, const char *name, NameVerdict verdict,
                Arena *arena, NameForm forms[static NAME_FORMS_MAX]) {
        char folded[NAME_SIZE];
        int n = 0;

        if (name_fold(name, folded) == 0)
                return 0;
        if (verdict == NAME_GOOD)
                n = forms_add_ascii(policy, interface, name, arena, forms);
        if (n < 0)
                return n;
        return forms_add(policy, interface, name, folded, verdict, arena, forms, n);
}
