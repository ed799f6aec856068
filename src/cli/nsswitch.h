/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The hosts line of nsswitch.conf(5), as glibc reads it: which sources are asked, one
 * after the other, and after which a lookup ends.  Pure functions over the file's text.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NSSWITCH_SOURCES_MAX 32U

#define NSSWITCH_FILES "files" /* /etc/hosts */
#define NSSWITCH_LEASE "libvirt"
#define NSSWITCH_DOMAIN "libvirt_guest"

/* What became of an edit. */
typedef enum NsswitchEdit {
        NSSWITCH_UNCHANGED = 0, /* the line is as it should be */
        NSSWITCH_CHANGED,
        NSSWITCH_REFUSED,       /* "files" ends the lookup, so there is no right place for the modules */
} NsswitchEdit;

/* How a source may answer; the bits of NsswitchSource.ends. */
typedef enum NsswitchAnswer {
        NSSWITCH_SUCCESS = 1 << 0,
        NSSWITCH_NOTFOUND = 1 << 1,
        NSSWITCH_UNAVAIL = 1 << 2,
        NSSWITCH_TRYAGAIN = 1 << 3,
} NsswitchAnswer;

/* A source: its name and the actions behind it, as places in the text. */
typedef struct NsswitchSource {
        size_t begin;      /* of the name */
        size_t name_end;
        size_t end;        /* behind "[...]", or as name_end */
        unsigned ends;     /* NsswitchAnswer, or'ed: after these no more sources are asked */
        bool merges;       /* has a "merge", which is for groups only */
} NsswitchSource;

typedef struct NsswitchHosts {
        const char *text;
        size_t begin, end; /* of the list, without comment and blanks around; equal: it is empty */
        size_t n_sources;
        NsswitchSource sources[NSSWITCH_SOURCES_MAX];
} NsswitchHosts;

/* Finds the hosts line that counts, which is the last.  Returns 0; -ENOENT: there is
 * none; -E2BIG: more sources than NSSWITCH_SOURCES_MAX. */
int nsswitch_parse(const char *text, NsswitchHosts *ret);

/* The source's place, or -ENOENT. */
int nsswitch_find(const NsswitchHosts *hosts, const char *name);

bool nsswitch_is(const NsswitchHosts *hosts, size_t i, const char *name);

/* Which of the modules are there: values of NameVariant, or'ed. */
unsigned nsswitch_modules(const NsswitchHosts *hosts);

/* The first of the n first sources that can end the lookup of a name that it doesn't know, or when it is
 * out of order; -ENOENT: there is none. */
int nsswitch_find_end(const NsswitchHosts *hosts, size_t n);

/* Whether just these modules, at least one, are there, and are reached. */
bool nsswitch_is_enabled(const NsswitchHosts *hosts, unsigned modules);

/* Whether "files" stands before each of the modules that are there.  Where it doesn't, a guest can take a
 * name that is in /etc/hosts. */
bool nsswitch_files_first(const NsswitchHosts *hosts);

/*
 * Puts just these modules on the hosts line: after "files" and before the first source that can end the
 * lookup.  Where that source stands before "files", "files" moves with the modules; where there is no
 * "files", it is added.  The rest of the text stays as it is.
 * Returns an NsswitchEdit, with NSSWITCH_CHANGED the new text, which the caller frees; -E2BIG; -ENOMEM.
 */
int nsswitch_enable(const char *text, unsigned modules, char **ret);

/* Takes the modules off the hosts line. */
int nsswitch_disable(const char *text, char **ret);
