/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A pager for output that is longer than the screen.
 */

#include "cli/pager.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-login.h>
#include <unistd.h>
#include <wchar.h>

#include "cli/style.h"
#include "util/util.h"

/* Between pager_open() and pager_close(): the terminal, and the output so far. */
static int terminal = -1, memory = -1;

/* ---- choosing one ---- */

/* The value of $SYSTEMD_PAGERSECURE, with the meaning in systemd(1). */
typedef enum Security {
        SECURITY_UNSET, /* only less(1) if the user may not be the one who logged in */
        SECURITY_ON,
        SECURITY_OFF,
} Security;

static Security security_wanted(void) {
        static const char *const off[] = { "0", "no", "n", "false", "f", "off" };
        const char *value = getenv("SYSTEMD_PAGERSECURE");

        if (!value || value[0] == '\0')
                return SECURITY_UNSET;
        for (size_t i = 0; i < ELEMENTS(off); i++)
                if (strcasecmp(value, off[i]) == 0)
                        return SECURITY_OFF;
        return SECURITY_ON;
}

/* Whether the program runs as the user who logged in. */
static bool user_is_own(void) {
        uid_t uid;

        return sd_pid_get_owner_uid(0, &uid) >= 0 && uid == geteuid();
}

/* The pager that the user chose, or NULL. */
static const char *command_chosen(void) {
        const char *command = getenv("SYSTEMD_PAGER");

        return command ? command : getenv("PAGER");
}

static bool command_is_none(const char *command) {
        return command && (command[0] == '\0' || strcmp(command, "cat") == 0);
}

/* ---- printing ---- */

/* The number of screen rows that a text takes. */
static size_t count_rows(const char *text, size_t size, unsigned columns) {
        size_t n_rows = 0, n_columns = 0;
        mbstate_t state = { 0 };

        for (const char *p = text, *end = text + size; p < end;) {
                wchar_t c;
                size_t n = mbrtowc(&c, p, (size_t) (end - p), &state);

                if (n == 0 || n > (size_t) (end - p)) /* not in this locale: a column each byte */
                        n = 1, c = L'?', state = (mbstate_t) { 0 };
                p += n;
                if (c == L'\033') {
                        while (p < end && *p++ != 'm')
                                ;
                        continue;
                }
                if (c != L'\n') {
                        n_columns += (size_t) MAX2(wcwidth(c), 0);
                        continue;
                }
                n_rows += MAX2((n_columns + columns - 1) / columns, (size_t) 1);
                n_columns = 0;
        }
        return n_rows + (n_columns + columns - 1) / columns;
}

/* Whether the file's text fits on the screen, with a row left for the shell's prompt. */
static bool output_fits(int fd) {
        struct stat st;
        void *text;
        bool fits;

        if (fstat(fd, &st) < 0 || st.st_size == 0)
                return true;
        text = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (text == MAP_FAILED)
                return true;
        fits = count_rows(text, (size_t) st.st_size, style_columns()) < style_rows();
        (void) munmap(text, (size_t) st.st_size);
        return fits;
}

static void copy_output(int from, int to) {
        char buffer[4096];
        ssize_t n;

        while ((n = read(from, buffer, sizeof(buffer))) > 0)
                for (char *p = buffer; n > 0;) {
                        ssize_t k = write(to, p, (size_t) n);

                        if (k < 0)
                                return;
                        p += k;
                        n -= k;
                }
}

__attribute__((__noreturn__)) static void pager_run(int output) {
        Security security = security_wanted();
        bool secure = security == SECURITY_ON || (security == SECURITY_UNSET && !user_is_own());
        const char *command = security == SECURITY_UNSET && secure ? NULL : command_chosen();

        (void) dup2(output, STDIN_FILENO);
        (void) setenv("LESS", "FRSXMK", false);
        (void) setenv("LESSCHARSET", "utf-8", false);
        if (secure)
                (void) setenv("LESSSECURE", "1", true);
        if (command)
                (void) execl("/bin/sh", "sh", "-c", command, (char *) NULL);
        (void) execlp("less", "less", (char *) NULL);
        copy_output(STDIN_FILENO, STDOUT_FILENO);
        _exit(EXIT_SUCCESS);
}

static void page_output(int output) {
        pid_t parent = getpid(), pager = fork();

        if (pager == 0) {
                (void) prctl(PR_SET_PDEATHSIG, SIGTERM);
                if (getppid() != parent)
                        _exit(EXIT_SUCCESS);
                pager_run(output);
        }
        if (pager < 0) {
                copy_output(output, STDOUT_FILENO);
                return;
        }
        (void) signal(SIGINT, SIG_IGN);
        while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
                ;
        (void) signal(SIGINT, SIG_DFL);
}

/* ---- */

void pager_open(void) {
        _cleanup_(closep) int output = -1, saved = -1;

        if (memory >= 0 || !style_is_terminal() || style_terminal_is_dumb() ||
                        command_is_none(command_chosen()))
                return;
        (void) fflush(stdout);
        output = memfd_create("libvirt-resolve", MFD_CLOEXEC);
        saved = dup(STDOUT_FILENO);
        if (output < 0 || saved < 0 || dup2(output, STDOUT_FILENO) < 0)
                return;
        memory = TAKE_FD(output);
        terminal = TAKE_FD(saved);
}

void pager_close(void) {
        if (memory < 0)
                return;
        (void) fflush(stdout);
        (void) dup2(terminal, STDOUT_FILENO);
        terminal = close_safe(terminal);
        (void) lseek(memory, 0, SEEK_SET);
        if (output_fits(memory))
                copy_output(memory, STDOUT_FILENO);
        else
                page_output(memory);
        memory = close_safe(memory);
}
