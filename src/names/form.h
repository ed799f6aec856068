/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The forms of a name under which it is answered: "web1"; below each suffix that applies on the guest's
 * network, "web1.lab.example"; and the same of the IDNA form of a name that isn't ASCII, "xn--bro-hoa" of
 * "büro".
 */

#include "names/policy.h"
#include "util/arena.h"

#define NAME_FORMS_MAX (2U * (POLICY_NAMES_MAX + 1U))

typedef struct NameForm {
        const char *key;  /* folded */
        const char *name; /* spelled as in the source, without a trailing dot */
        NameVerdict verdict;
} NameForm;

/*
 * Makes all forms of the name of a guest on that interface.  verdict: the name's own.  The forms below
 * suffixes are first, in the policy's order, then the bare one; if the name has an IDNA form, those of that
 * before all others. Strings are taken from the arena, but a form may point to name itself.  Returns their
 * number, 0 for a name that isn't one, or -ENOMEM.
 */
int name_forms_make(const NamePolicy *policy, const char *interface, const char *name, NameVerdict verdict,
                Arena *arena, NameForm forms[static NAME_FORMS_MAX]);
