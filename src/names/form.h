/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The forms of a name under which it is answered: "web1", and below each suffix "web1.lab.example".
 */

#include "names/policy.h"
#include "util/arena.h"

#define NAME_FORMS_MAX (POLICY_NAMES_MAX + 1U)

typedef struct NameForm {
        const char *key;  /* folded */
        const char *name; /* spelled as in the source, without a trailing dot */
        NameVerdict verdict;
} NameForm;

/*
 * Makes all forms of a name whose own verdict is given: those below suffixes first, in the policy's order,
 * then the bare one.  Strings are taken from the arena, but a form may point to name itself.  Returns their
 * number, 0 for a name that isn't one, or -ENOMEM.
 */
int name_forms_make(const NamePolicy *policy, const char *name, NameVerdict verdict, Arena *arena,
                NameForm forms[static NAME_FORMS_MAX]);
