/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The service's unit.
 */

#include "cli/service-unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-journal.h>

#include "cli/json.h"
#include "cli/service-client.h"
#include "cli/systemd.h"
#include "index/reader.h"
#include "util/text.h"

static const char advice_log[] = "See why:     journalctl -b -u libvirt-resolved\n"
                                 "Then try it: systemctl restart libvirt-resolved";

/* ---- its last log line ---- */

/* The last line that the service has logged since boot, if this user may read it, else "". */
static const char *last_line(char *buffer, size_t size) {
        _cleanup_(freep) char *line = NULL;
        sd_journal *journal = NULL;
        const void *data;
        size_t n;

        buffer[0] = '\0';
        if (sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM) >= 0 &&
                        sd_journal_add_match(journal, "_SYSTEMD_UNIT=" SERVICE_UNIT, 0) >= 0 &&
                        sd_journal_seek_tail(journal) >= 0 && sd_journal_previous(journal) > 0 &&
                        sd_journal_get_data(journal, "MESSAGE", &data, &n) >= 0 && n > strlen("MESSAGE="))
                line = strndup((const char *) data + strlen("MESSAGE="), n - strlen("MESSAGE="));
        sd_journal_close(journal);
        return line ? text_escape(line, buffer, size) : buffer;
}

/* ---- judging ---- */

_printf_(4, 5) static void judge(ServiceUnit *u, UnitVerdict verdict, const char *advice, const char *format,
                ...) {
        va_list ap;

        u->verdict = verdict;
        u->advice = advice;
        va_start(ap, format);
        (void) vsnprintf(u->text, sizeof(u->text), format, ap);
        va_end(ap);
}

static void judge_failed(ServiceUnit *u, bool failed) {
        const char *what = failed ? SERVICE_UNIT " failed" : SERVICE_UNIT " doesn't get ready";
        char line[256];

        if (last_line(line, sizeof(line))[0] != '\0')
                judge(u, UNIT_BROKEN, advice_log, "%s; it logged last: %s", what, line);
        else
                judge(u, UNIT_BROKEN, advice_log, "%s", what);
}

static void judge_loaded(ServiceUnit *u, const json_t *unit) {
        const char *active = json_text(unit, "ActiveState") ?: "",
                   *file = json_text(unit, "UnitFileState") ?: "";
        int n_restarts = (int) json_number(unit, "NRestarts");
        bool enabled = systemd_unit_is_enabled(unit);

        if (strcmp(active, "failed") == 0 || strcmp(active, "activating") == 0)
                judge_failed(u, strcmp(active, "failed") == 0);
        else if (strcmp(active, "active") != 0 && strcmp(active, "reloading") != 0)
                judge(u, enabled ? UNIT_DOUBTFUL : UNIT_BROKEN,
                                enabled ? "Fix it with: systemctl start libvirt-resolved" :
                                          "Fix it with: systemctl enable --now libvirt-resolved",
                                SERVICE_UNIT " is stopped (%s)", active);
        else if (!enabled)
                judge(u, UNIT_DOUBTFUL, "Fix it with: systemctl enable libvirt-resolved",
                                SERVICE_UNIT " runs, but won't after the next boot (%s)", file);
        else if (n_restarts > 0)
                judge(u, UNIT_DOUBTFUL, "See why: journalctl -b -u libvirt-resolved",
                                SERVICE_UNIT " has crashed, and was restarted %i times", n_restarts);
        else
                judge(u, UNIT_RUNS, NULL, SERVICE_UNIT " runs, and is enabled");
}

int service_unit_ask(sd_bus *bus, ServiceUnit *ret) {
        _cleanup_(json_decrefp) json_t *unit = NULL;
        const char *load;
        int r;

        r = systemd_get_unit(bus, SERVICE_UNIT, "Service", &unit);
        if (r < 0)
                return r;
        load = json_text(unit, "LoadState") ?: "";
        if (strcmp(load, "not-found") == 0)
                judge(ret, UNIT_BROKEN, "Install libvirt-resolve.", SERVICE_UNIT " isn't installed");
        else if (strcmp(load, "masked") == 0)
                judge(ret, UNIT_BROKEN,
                                "Fix it with: systemctl unmask libvirt-resolved\n"
                                "and then:    systemctl enable --now libvirt-resolved",
                                SERVICE_UNIT " is masked");
        else if (strcmp(load, "loaded") != 0)
                judge(ret, UNIT_BROKEN, "See why: systemctl status libvirt-resolved",
                                SERVICE_UNIT " can't be loaded: %s", load);
        else
                judge_loaded(ret, unit);
        return 0;
}

/* ---- */

static bool service_is_there(sd_bus *bus) {
        return sd_bus_get_name_creds(bus, SERVICE_NAME, 0, NULL) >= 0;
}

bool service_unit_has_failed(sd_bus *bus) {
        _cleanup_(closep) int fd = -1;
        Index index;

        fd = open(RUNTIME_DIRECTORY "/" INDEX_FILE_NAME,
                        O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        return fd >= 0 && index_load(fd, &index) >= 0 && index_meta(&index).state == INDEX_FAILED &&
               !service_is_there(bus);
}
