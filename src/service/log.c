/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The service's log.
 */

#define SD_JOURNAL_SUPPRESS_LOCATION

#include "service/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>

static int log_max_level = LOG_INFO;

static const char *const level_names[] = {
        [LOG_EMERG] = "emerg",
        [LOG_ALERT] = "alert",
        [LOG_CRIT] = "crit",
        [LOG_ERR] = "err",
        [LOG_WARNING] = "warning",
        [LOG_NOTICE] = "notice",
        [LOG_INFO] = "info",
        [LOG_DEBUG] = "debug",
};

void log_set_level(int level) {
        log_max_level = level;
}

int log_get_level(void) {
        return log_max_level;
}

int log_level_from_text(const char *text) {
        for (int i = LOG_EMERG; i <= LOG_DEBUG; i++)
                if (strcmp(text, level_names[i]) == 0 || (text[0] == '0' + i && text[1] == '\0'))
                        return i;
        return -EINVAL;
}

const char *log_level_to_text(int level) {
        return level_names[level];
}

/* $JOURNAL_STREAM identifies the journal's socket on standard error, as DEVICE:INODE. */
static bool stderr_is_journal(void) {
        unsigned long long device, inode;
        const char *e = getenv("JOURNAL_STREAM");
        struct stat st;

        return e && sscanf(e, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &st) >= 0 &&
               st.st_dev == device && st.st_ino == inode;
}

static bool log_to_journal(void) {
        static int known = -1;

        if (known < 0)
                known = stderr_is_journal();
        return known;
}

const char *log_target(void) {
        return log_to_journal() ? "journal" : "console";
}

void log_line(int level, const char *file, const char *format, ...) {
        char text[1024];
        va_list ap;
        int r = -1;

        if (level > log_max_level)
                return;

        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);

        if (log_to_journal())
                r = file ? sd_journal_send("MESSAGE=%s", text, "PRIORITY=%i", level,
                                           "LIBVIRT_RESOLVE_FILE=%s", file, NULL) :
                           sd_journal_send("MESSAGE=%s", text, "PRIORITY=%i", level, NULL);
        if (r < 0)
                fprintf(stderr, "%s\n", text);
}
