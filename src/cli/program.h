/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A program's file: finds out which C library looks names up for the program.
 */

#include <stdbool.h>
#include <stdint.h>

#include "util/limits.h"

typedef enum ProgramKind {
        PROGRAM_GLIBC = 0, /* glibc's loader starts it, so it loads NSS modules */
        PROGRAM_MUSL,
        PROGRAM_OTHER, /* another loader, unknown here */
        PROGRAM_STATIC,
        PROGRAM_STATIC_GLIBC, /* with glibc in it, which loads NSS modules if it is of the system's version
                               */
        PROGRAM_APPIMAGE,     /* has its own loader; the program is inside */
        PROGRAM_SCRIPT,
} ProgramKind;

typedef struct Program {
        ProgramKind kind;
        bool go;                                /* compiled by Go */
        uint8_t class;                          /* ELFCLASS32 or ELFCLASS64; 0: a script */
        uint16_t machine;                       /* EM_X86_64 ... */
        char interpreter[PROGRAM_LINE_MAX + 1]; /* the loader; for a script, the line after "#!" */
} Program;

/* Reads a program's file.  Returns 0; -ENOEXEC: it isn't a program for this machine; or another negative
 * errno. */
int program_read(int fd, Program *ret);

/* Whether two programs load the same libraries, judged by class and machine. */
bool program_is_alike(const Program *a, const Program *b);
