/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The ASCII form of a name, by libidn2.
 */

#include "names/idna.h"

#include <errno.h>
#include <string.h>

#include "util/util.h"

#if HAVE_IDN
#include <idn2.h>

static void idn2_freep(char **p) {
        idn2_free(*p);
}

static bool is_ascii(const char *text) {
        while (*text && (unsigned char) *text < 0x80)
                text++;
        return *text == '\0';
}

int name_to_ascii(const char *name, char buffer[static NAME_SIZE]) {
        _cleanup_(idn2_freep) char *ascii = NULL;
        int r;

        if (is_ascii(name))
                return 0;
        /* As glibc does for AI_IDN. */
        r = idn2_lookup_u8((const uint8_t *) name, (uint8_t **) &ascii,
                        IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
        if (r == IDN2_MALLOC)
                return -ENOMEM;
        /* A name that merely looks like an ASCII one doesn't become that one. */
        if (r != IDN2_OK || !strstr(ascii, "xn--"))
                return 0;
        return name_fold(ascii, buffer) > 0;
}
#else
int name_to_ascii(const char *name, char buffer[static NAME_SIZE]) {
        return 0;
}
#endif
