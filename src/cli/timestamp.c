/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Points in time, formatted for people.
 */

#include "cli/timestamp.h"

#include <string.h>
#include <time.h>

const char *timestamp_format(int64_t usec, char buffer[static TIMESTAMP_TEXT_MAX]) {
        time_t seconds = (time_t) (usec / 1000000);
        struct tm tm;

        if (usec == 0)
                return strcpy(buffer, "never");
        if (!localtime_r(&seconds, &tm) ||
                        strftime(buffer, TIMESTAMP_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &tm) == 0)
                return strcpy(buffer, "?");
        return buffer;
}
