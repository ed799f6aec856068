/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Macros and inline functions that every part uses: automatic clean-up, transfer of ownership, array sizes.
 * libc only.
 */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((__cleanup__(f)))
#define _public_ __attribute__((__visibility__("default")))
#define _printf_(a, b) __attribute__((__format__(printf, a, b)))

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))
#define MIN2(a, b) ((a) < (b) ? (a) : (b))
#define MAX2(a, b) ((a) > (b) ? (a) : (b))

/* The text of a macro's value. */
#define STRINGIFY_(x) #x
#define STRINGIFY(x) STRINGIFY_(x)

/* Transfers ownership of the pointer, and sets the variable to NULL. */
#define TAKE_PTR(p)                                                                                          \
        ({                                                                                                   \
                __typeof__(p) *_pp = &(p), _p = *_pp;                                                        \
                *_pp = NULL;                                                                                 \
                _p;                                                                                          \
        })

/* Transfers ownership of the descriptor, and sets the variable to -1. */
#define TAKE_FD(fd)                                                                                          \
        ({                                                                                                   \
                int *_pfd = &(fd), _fd = *_pfd;                                                              \
                *_pfd = -1;                                                                                  \
                _fd;                                                                                         \
        })

/* Defines "static inline void FUNCp(TYPE *)" for _cleanup_(), from a destructor. */
#define DEFINE_CLEANUP(type, func)                                                                           \
        static inline void func##p(type *p) {                                                                \
                if (*p)                                                                                      \
                        func(*p);                                                                            \
        }                                                                                                    \
        struct _cleanup_needs_semicolon_

static inline void freep(void *p) {
        free(*(void **) p);
}

/* Closes the descriptor unless it is negative, and preserves errno.  Returns -1: "fd = close_safe(fd)". */
static inline int close_safe(int fd) {
        if (fd >= 0) {
                int saved = errno;

                (void) close(fd);
                errno = saved;
        }
        return -1;
}

static inline void closep(int *fd) {
        close_safe(*fd);
}
