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

#define NSSWITCH_LEASE "libvirt"
#define NSSWITCH_DOMAIN "libvirt_guest"

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

/* The first source before the one at place whose answer to a name that it doesn't know, or whose
 * absence, may end the lookup; -ENOENT: there is none. */
int nsswitch_find_end(const NsswitchHosts *hosts, size_t place);

/* Whether both modules are there, and are reached. */
bool nsswitch_is_enabled(const NsswitchHosts *hosts);

/*
 * The text with both modules on its hosts line, behind "files" and before whatever could
 * end the lookup; or without them.  All else stays as it is.
 * Returns 1 and the new text, which the caller frees; 0: nothing is to be changed; -E2BIG; -ENOMEM.
 */
int nsswitch_enable(const char *text, char **ret);
int nsswitch_disable(const char *text, char **ret);
