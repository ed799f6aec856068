/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A pager for output that is longer than the screen.
 *
 * Between pager_open() and pager_close() standard output, if it is a terminal, goes to memory.  If the output
 * fits on the screen it is then printed as it is, else through less(1), or the pager that the user chose.  A
 * pager that can start a shell isn't used if the user may not be the one who logged in, as under sudo.
 */

void pager_open(void);

/* Prints the output, and waits for the pager to end. */
void pager_close(void);
