/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The doctor: checks everything that can keep a name from resolving, and reports how to fix it.  A check is a
 * function that adds any number of findings.
 */

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "util/util.h"

typedef enum Verdict {
        VERDICT_OK = 0,
        VERDICT_SKIPPED, /* couldn't be checked, or doesn't apply */
        VERDICT_WARNING, /* some names may not resolve */
        VERDICT_FAILURE,
        _VERDICT_MAX,
} Verdict;

/* Findings of one check that are shown; more are only counted. */
#define DOCTOR_FINDINGS_MAX 8U

typedef struct Doctor {
        const char *nsswitch; /* path of nsswitch.conf */
        sd_bus *bus;          /* NULL: unreachable */
        json_t *properties;   /* the service's; NULL: it doesn't answer */
        bool no_directory;    /* the lease directory is missing, or the service can't read it */
        json_t *findings;
        bool incomplete;     /* out of memory: a finding is missing */
        const char *check;   /* name of the current check */
        unsigned n_findings; /* its findings so far */
} Doctor;

/* Adds a finding.  advice: how to fix it, or NULL. */
_printf_(4, 5) void doctor_add(Doctor *d, Verdict verdict, const char *advice, const char *format, ...);

bool doctor_has_suffix(const char *name, const char *suffix);

/* Whether two paths lead to the same file. */
bool doctor_is_same(const char *path, const char *other);

/* The lease directory that the service reads, or was built to read. */
const char *doctor_lease_directory(const Doctor *d);

/* Checks whether a program, given as a command or a PID, loads the host's NSS modules.  If it returns false,
 * the modules' other problems don't matter to the program. */
bool check_program(Doctor *d, const char *program);

void check_modules(Doctor *d);
void check_nsswitch(Doctor *d);
void check_caches(Doctor *d);
void check_unit(Doctor *d);
void check_service(Doctor *d);
void check_directory(Doctor *d);
void check_files(Doctor *d);
void check_index(Doctor *d);
void check_hook(Doctor *d);
void check_helpers(Doctor *d);
void check_names(Doctor *d);
void check_guests(Doctor *d);
void check_ddns(Doctor *d);
