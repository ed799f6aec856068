/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The forms of a name.
 */

#include "names/form.h"

#include <errno.h>
#include <string.h>

/* The first length bytes of text, and ".suffix" unless that is NULL. */
static const char *join(Arena *arena, const char *text, size_t length, const char *suffix) {
        size_t size = length + 1 + (suffix ? 1 + strlen(suffix) : 0);
        char *joined = arena_take(arena, size), *end;

        if (!joined)
                return NULL;
        end = stpncpy(joined, text, length);
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

int name_forms_make(const NamePolicy *policy, const char *name, NameVerdict verdict, Arena *arena,
                NameForm forms[static NAME_FORMS_MAX]) {
        char folded[NAME_SIZE];
        size_t length = name_fold(name, folded);
        int n = 0;

        if (length == 0)
                return 0;

        for (size_t i = 0; name_takes_suffix(folded) && i < policy->n_suffixes; i++) {
                const char *suffix = policy->suffixes[i];
                NameForm *f = forms + n;

                if (length + 1 + strlen(suffix) > HOSTNAME_LENGTH_MAX)
                        continue;
                f->key = join(arena, folded, length, suffix);
                f->name = join(arena, name, length, suffix);
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
