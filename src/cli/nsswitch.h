/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The hosts line of nsswitch.conf(5), as glibc reads it: which sources are asked in which order, and which
 * answers end a lookup.  Pure functions of the file's text.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NSSWITCH_SOURCES_MAX 32U

#define NSSWITCH_FILES "files" /* /etc/hosts */
#define NSSWITCH_LEASE "libvirt"
#define NSSWITCH_DOMAIN "libvirt_guest"

/* The result of an edit. */
typedef enum NsswitchEdit {
        NSSWITCH_UNCHANGED = 0, /* the line is as it should be */
        NSSWITCH_CHANGED,
        NSSWITCH_REFUSED, /* "files" ends the lookup, so the modules can't go after it */
} NsswitchEdit;

/* How a source can answer; bits of NsswitchSource.ends. */
typedef enum NsswitchAnswer {
        NSSWITCH_SUCCESS = 1 << 0,
        NSSWITCH_NOTFOUND = 1 << 1,
        NSSWITCH_UNAVAIL = 1 << 2,
        NSSWITCH_TRYAGAIN = 1 << 3,
} NsswitchAnswer;

/* A source: its name and the actions after it, as offsets in the text. */
typedef struct NsswitchSource {
        size_t begin; /* of the name */
        size_t name_end;
        size_t end;    /* after "[...]", or name_end */
        unsigned ends; /* NsswitchAnswer, or'ed: answers that end the lookup */
        bool merges;   /* has a "merge", which only groups support */
} NsswitchSource;

typedef struct NsswitchHosts {
        const char *text;
        size_t begin, end; /* of the list, without comment and surrounding blanks; equal: empty */
        size_t n_sources;
        NsswitchSource sources[NSSWITCH_SOURCES_MAX];
} NsswitchHosts;

/* Finds the last hosts line, the one that counts.  Returns 0; -ENOENT: there is none; -E2BIG: more sources
 * than NSSWITCH_SOURCES_MAX. */
int nsswitch_parse(const char *text, NsswitchHosts *ret);

/* The source's index, or -ENOENT. */
int nsswitch_find(const NsswitchHosts *hosts, const char *name);

bool nsswitch_is(const NsswitchHosts *hosts, size_t i, const char *name);

/* Which of the modules are on the line: NameVariant, or'ed. */
unsigned nsswitch_modules(const NsswitchHosts *hosts);

/* The index of the first of the first n sources that can end the lookup when it doesn't know the name, or is
 * unavailable; -ENOENT: there is none. */
int nsswitch_find_end(const NsswitchHosts *hosts, size_t n);

/* Whether exactly these modules, at least one, are on the line, and are reached. */
bool nsswitch_is_enabled(const NsswitchHosts *hosts, unsigned modules);

/* Whether "files" precedes each module on the line.  If it doesn't, a guest can take a name from /etc/hosts.
 */
bool nsswitch_files_first(const NsswitchHosts *hosts);

/*
 * Puts exactly these modules on the hosts line: after "files" and before the first source that can end the
 * lookup.  If that source precedes "files", "files" moves with the modules; if there is no "files", it is
 * added.  The rest of the text is unchanged.  Returns an NsswitchEdit, and with NSSWITCH_CHANGED the new
 * text, which the caller frees; -E2BIG; -ENOMEM.
 */
int nsswitch_enable(const char *text, unsigned modules, char **ret);

/* Removes the modules from the hosts line. */
int nsswitch_disable(const char *text, char **ret);
