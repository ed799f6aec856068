/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A helper's main(): its options, and its exit status.
 */

typedef struct HelperProgram {
        const char *name;
        const char *purpose;   /* a sentence for --help */
        const char *directory; /* where the facts are written, unless --directory= says otherwise */
        int (*serve)(const char *directory); /* runs until it is told to end; 0 or a negative errno */
} HelperProgram;

/* Returns the exit status: 2 after a wrong option. */
int program_main(const HelperProgram *program, int argc, char **argv);
