/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A helper's main(): its options, and its exit status.
 */

typedef struct HelperProgram {
        const char *name;
        const char *purpose;                 /* a sentence for --help */
        const char *directory;               /* the default of --directory= */
        int (*serve)(const char *directory); /* runs until stopped; 0 or a negative errno */
} HelperProgram;

/* Returns the exit status: 2 after a wrong option. */
int program_main(const HelperProgram *program, int argc, char **argv);
