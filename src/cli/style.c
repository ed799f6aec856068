/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How things look on a terminal.
 */

#include "cli/style.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
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

static pid_t pager;

bool style_is_terminal(void) {
        static int terminal = -1;

        if (terminal < 0)
                terminal = isatty(STDOUT_FILENO);
        return terminal > 0;
}

/* Nothing but lines can be shown on it. */
static bool terminal_is_dumb(void) {
        const char *term = getenv("TERM");

        return !term || strcmp(term, "dumb") == 0;
}

static bool colours_wanted(void) {
        const char *no_color = getenv("NO_COLOR");

        return !(no_color && no_color[0] != '\0') && !terminal_is_dumb();
}

const char *style(FILE *file, Style s) {
        bool terminal = file == stdout ? style_is_terminal() : isatty(fileno(file));

        return terminal && colours_wanted() ? sequences[s] : "";
}

const char *style_cell(Style s) {
        return style_is_terminal() && colours_wanted() && s != STYLE_PLAIN ? sequences[s] : NULL;
}

unsigned style_columns(void) {
        struct winsize size;

        if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0)
                return 80;
        return size.ws_col > 0 ? size.ws_col : 80;
}

static const char *pager_command(void) {
        const char *command = getenv("SYSTEMD_PAGER");

        return command ? command : getenv("PAGER");
}

static void copy_input(void) {
        char buffer[4096];
        ssize_t n;

        while ((n = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0)
                if (write(STDOUT_FILENO, buffer, (size_t) n) < 0)
                        break;
}

__attribute__((__noreturn__)) static void pager_run(const char *command) {
        (void) setenv("LESS", "FRSXMK", false);
        (void) setenv("LESSCHARSET", "utf-8", false);
        (void) setenv("LESSSECURE", "1", false); /* no shell out of a pager that sudo began */
        if (command)
                (void) execl("/bin/sh", "sh", "-c", command, (char *) NULL);
        (void) execlp("less", "less", (char *) NULL);
        (void) execlp("more", "more", (char *) NULL);
        copy_input();
        _exit(EXIT_SUCCESS);
}

void pager_open(void) {
        const char *command = pager_command();
        pid_t parent = getpid();
        int fds[2];

        if (!style_is_terminal() || terminal_is_dumb() || pager > 0 ||
            (command && (command[0] == '\0' || strcmp(command, "cat") == 0)))
                return;
        (void) fflush(stdout);
        if (pipe2(fds, O_CLOEXEC) < 0)
                return;
        pager = fork();
        if (pager == 0) {
                (void) dup2(fds[0], STDIN_FILENO);
                (void) prctl(PR_SET_PDEATHSIG, SIGTERM);
                if (getppid() != parent)
                        _exit(EXIT_SUCCESS);
                pager_run(command);
        }
        close(fds[0]);
        if (pager > 0)
                (void) dup2(fds[1], STDOUT_FILENO);
        close(fds[1]);
}

void pager_close(void) {
        if (pager <= 0)
                return;
        (void) fflush(stdout);
        (void) freopen("/dev/null", "w", stdout); /* the pager sees the end */
        (void) signal(SIGINT, SIG_IGN);
        while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
                ;
        pager = 0;
}
