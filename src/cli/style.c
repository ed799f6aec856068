/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Styles of text on a terminal.
 */

#include "cli/style.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "util/util.h"

static const char *const sequences[] = {
        [STYLE_PLAIN] = "\033[0m",
        [STYLE_BOLD] = "\033[1m",
        [STYLE_GREY] = "\033[90m",
        [STYLE_GREEN] = "\033[32m",
        [STYLE_YELLOW] = "\033[33m",
        [STYLE_RED] = "\033[31m",
};

bool style_is_terminal(void) {
        static int terminal = -1;

        if (terminal < 0)
                terminal = isatty(STDOUT_FILENO);
        return terminal > 0;
}

bool style_terminal_is_dumb(void) {
        const char *term = getenv("TERM");

        return !term || strcmp(term, "dumb") == 0;
}

static bool colours_wanted(void) {
        const char *no_color = getenv("NO_COLOR");

        return !(no_color && no_color[0] != '\0') && !style_terminal_is_dumb();
}

const char *style(FILE *file, Style s) {
        bool terminal = file == stdout ? style_is_terminal() : isatty(fileno(file));

        return terminal && colours_wanted() ? sequences[s] : "";
}

const char *style_cell(Style s) {
        return style_is_terminal() && colours_wanted() && s != STYLE_PLAIN ? sequences[s] : NULL;
}

static struct winsize terminal_size(void) {
        static const int fds[] = { STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO };
        struct winsize size = { 0 };

        for (size_t i = 0; i < ELEMENTS(fds); i++)
                if (ioctl(fds[i], TIOCGWINSZ, &size) >= 0)
                        break;
        return size;
}

unsigned style_columns(void) {
        unsigned columns = terminal_size().ws_col;

        return columns > 0 ? columns : 80;
}

unsigned style_rows(void) {
        unsigned rows = terminal_size().ws_row;

        return rows > 0 ? rows : 24;
}
