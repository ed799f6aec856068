/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Spans of time, as people write and read them.
 */

#include "util/span.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/util.h"

static const struct {
        const char *name;
        uint64_t seconds;
} units[] = {
        { "d", 86400 },
        { "h", 3600 },
        { "min", 60 },
        { "s", 1 },
};

const char *span_format(uint64_t seconds, char buffer[static SPAN_TEXT_MAX]) {
        size_t i = 0;
        int n;

        while (units[i].seconds > 1 && seconds < units[i].seconds)
                i++;
        n = snprintf(buffer, SPAN_TEXT_MAX, "%" PRIu64 "%s", seconds / units[i].seconds, units[i].name);
        seconds %= units[i].seconds;
        if (++i < ELEMENTS(units) && seconds >= units[i].seconds)
                snprintf(buffer + n, SPAN_TEXT_MAX - (size_t) n, " %" PRIu64 "%s", seconds / units[i].seconds,
                                units[i].name);
        return buffer;
}

const char *span_format_expiry(int64_t expiry, int64_t now, char buffer[static SPAN_TEXT_MAX]) {
        if (expiry == 0)
                return strcpy(buffer, "never");
        return span_format(expiry > now ? (uint64_t) (expiry - now) / 1000000 : 0, buffer);
}

const char *span_format_ago(int64_t then, int64_t now, char buffer[static SPAN_TEXT_MAX]) {
        if (then == 0)
                return strcpy(buffer, "never");
        if (then < 0)
                return strcpy(buffer, "long ago");
        (void) span_format(now > then ? (uint64_t) (now - then) / 1000000 : 0, buffer);
        return strcat(buffer, " ago");
}

int span_parse(const char *text, uint64_t *ret_usec) {
        size_t length = strspn(text, "0123456789");
        uint64_t number;

        if (strcmp(text, "infinity") == 0) {
                *ret_usec = UINT64_MAX;
                return 0;
        }
        if (length == 0 || length > 9) /* 30 years in seconds */
                return -EINVAL;
        number = strtoull(text, NULL, 10);
        if (strcmp(text + length, "ms") == 0) {
                *ret_usec = number * 1000;
                return 0;
        }
        for (size_t i = 0; i < ELEMENTS(units); i++)
                if (strcmp(text + length, units[i].name) == 0 ||
                                (units[i].seconds == 1 && text[length] == '\0')) {
                        *ret_usec = number * units[i].seconds * 1000000;
                        return 0;
                }
        return -EINVAL;
}
