/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * libvirt-resolve doctor: makes all checks, and prints the findings.
 */

#include "cli/doctor.h"

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/json.h"
#include "cli/pager.h"
#include "cli/style.h"
#include "cli/verbs.h"
#include "util/text.h"

/* The columns that verdicts take. */
#define INDENTATION 6

/* Each check builds on those before it. */
static const struct {
        const char *name;
        void (*check)(Doctor *d);
        bool dns; /* also matters to programs that ask DNS */
} checks[] = {
        { "modules", check_modules },
        { "nsswitch", check_nsswitch },
        { "caches", check_caches },
        { "unit", check_unit, .dns = true },
        { "service", check_service, .dns = true },
        { "directory", check_directory },
        { "files", check_files },
        { "index", check_index },
#if HAVE_HOOK
        { "hook", check_hook, .dns = true },
#endif
        { "helpers", check_helpers },
        { "names", check_names },
        { "guests", check_guests },
        { "ddns", check_ddns },
};

static const struct {
        const char *name, *mark;
        Style style;
} verdicts[_VERDICT_MAX] = {
        [VERDICT_OK] = { "ok", "ok", STYLE_GREEN },
        [VERDICT_SKIPPED] = { "skipped", "skip", STYLE_GREY },
        [VERDICT_WARNING] = { "warning", "warn", STYLE_YELLOW },
        [VERDICT_FAILURE] = { "failure", "fail", STYLE_RED },
};

void doctor_add(Doctor *d, Verdict verdict, const char *advice, const char *format, ...) {
        char text[1024];
        json_t *finding;
        va_list ap;

        if (d->n_findings++ >= DOCTOR_FINDINGS_MAX)
                return;
        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        finding = json_pack("{s:s, s:s, s:o, s:s*}", "check", d->check, "verdict", verdicts[verdict].name,
                        "text", json_from_text(text), "advice", advice);
        if (json_array_append_new(d->findings, finding) < 0)
                d->incomplete = true;
}

bool doctor_has_suffix(const char *name, const char *suffix) {
        size_t n = strlen(name), k = strlen(suffix);

        return n > k && strcmp(name + n - k, suffix) == 0;
}

bool doctor_is_same(const char *path, const char *other) {
        struct stat st, other_st;

        return stat(path, &st) >= 0 && stat(other, &other_st) >= 0 && st.st_dev == other_st.st_dev &&
               st.st_ino == other_st.st_ino;
}

const char *doctor_lease_directory(const Doctor *d) {
        return json_text(d->properties, "LeaseDirectory") ?: LEASE_DIRECTORY;
}

/* program: the command or PID to check, or NULL. */
static void run_checks(Doctor *d, const char *program) {
        bool loads_modules = true;

        if (program) {
                d->check = "program";
                loads_modules = check_program(d, program);
        }
        for (size_t i = 0; i < ELEMENTS(checks); i++) {
                if (!loads_modules && !checks[i].dns)
                        continue;
                d->check = checks[i].name;
                d->n_findings = 0;
                checks[i].check(d);
                if (d->n_findings > DOCTOR_FINDINGS_MAX) {
                        unsigned more = d->n_findings - DOCTOR_FINDINGS_MAX;

                        d->n_findings = 0;
                        doctor_add(d, VERDICT_WARNING, NULL, "... and %u more of this kind", more);
                }
        }
}

static Verdict finding_verdict(const json_t *finding) {
        const char *name = json_text(finding, "verdict");

        for (size_t i = 0; i < _VERDICT_MAX; i++)
                if (strcmp(name, verdicts[i].name) == 0)
                        return (Verdict) i;
        return VERDICT_FAILURE;
}

/* How much of the text fits into a line of so many columns: up to a blank or a newline. */
static size_t line_length(const char *text, unsigned columns) {
        size_t end = strcspn(text, "\n"), n = 0;

        if (end <= columns)
                return end;
        for (size_t i = 0; i <= columns; i++)
                if (text[i] == ' ')
                        n = i;
        return n > 0 ? n : end;
}

/* Prints lines, indented from the second one on.  Wraps long lines on a terminal. */
static void print_lines(const char *text, Style s) {
        unsigned columns = style_is_terminal() ? MAX2(style_columns(), 40U) - INDENTATION : UINT_MAX;

        for (bool first = true; *text; first = false) {
                size_t n = line_length(text, columns);

                printf("%*s%s%.*s%s\n", first ? 0 : INDENTATION, "", style(stdout, s), (int) n, text,
                                style(stdout, STYLE_PLAIN));
                text += n + (text[n] != '\0');
        }
}

static void print_finding(const json_t *finding) {
        Verdict verdict = finding_verdict(finding);
        const char *advice = json_text(finding, "advice");
        char text[2048];

        printf("%s%-*s%s", style(stdout, verdicts[verdict].style), INDENTATION, verdicts[verdict].mark,
                        style(stdout, STYLE_PLAIN));
        print_lines(text_escape(json_text(finding, "text"), text, sizeof(text)), STYLE_PLAIN);
        if (advice) {
                printf("%*s", INDENTATION, "");
                print_lines(advice, STYLE_GREY);
        }
}

static void print_findings(const Options *o, const json_t *findings, size_t n_failures, size_t n_warnings) {
        const json_t *finding;
        size_t i;

        if (o->pager)
                pager_open();
        json_array_foreach(findings, i, finding)
                print_finding(finding);
        if (o->legend)
                printf("\n%s%s%s\n",
                                style(stdout, n_failures   ? STYLE_RED :
                                                n_warnings ? STYLE_YELLOW :
                                                             STYLE_GREEN),
                                n_failures ? "Problems were found." :
                                n_warnings ? "Names resolve; see the warnings for those that may not." :
                                             "All is well.",
                                style(stdout, STYLE_PLAIN));
        pager_close();
}

int verb_doctor(const Options *o) {
        _cleanup_(json_decrefp) json_t *findings = json_array();
        Doctor d = { .nsswitch = o->file ?: "/etc/nsswitch.conf", .findings = findings };
        size_t i, n[_VERDICT_MAX] = { 0 };
        const json_t *finding;
        int r = 0;

        if (!findings)
                return EXIT_FAILED;
        run_checks(&d, o->program);
        sd_bus_close_unref(d.bus);
        json_decref(d.properties);

        json_array_foreach(findings, i, finding)
                n[finding_verdict(finding)]++;
        if (o->json != JSON_OFF)
                r = json_print(stdout, findings, o->json);
        else
                print_findings(o, findings, n[VERDICT_FAILURE], n[VERDICT_WARNING]);
        if (d.incomplete)
                fprintf(stderr, "libvirt-resolve: Not enough memory; findings are missing.\n");
        return r < 0 || d.incomplete || n[VERDICT_FAILURE] > 0 ? EXIT_FAILED : EXIT_SUCCESS;
}
