/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Prints a line about a lookup on standard error.
 */

#include <arpa/inet.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "debug.h"
#include "environment.h"
#include "index/reader.h"
#include "names/name.h"
#include "status.h"
#include "util/util.h"

#define LINE_SIZE 512

static const char *describe_result(int result) {
        switch (result) {
        case LOOKUP_FOUND:
                return "found";
        case LOOKUP_EXPIRED:
                return "the lease has expired";
        case LOOKUP_NO_LEASE:
                return "a domain without a lease";
        case LOOKUP_NO_FAMILY:
                return "no address of this family";
        case RESULT_TOO_LARGE:
                return "found, the buffer is too small";
        default:
                return result < 0 ? strerrorname_np(-result) ?: "failed" : "not found";
        }
}

static const char *describe_backend(unsigned backend) {
        return backend & BACKEND_BUS ? "bus" : backend & BACKEND_INDEX ? "index" : "not asked";
}

static const char *describe_family(int family) {
        return family == AF_INET   ? "inet" :
               family == AF_INET6  ? "inet6" :
               family == AF_UNSPEC ? "any" :
                                     "other";
}

/* Untrusted text may be shown on a terminal: only visible ASCII is printed unchanged. */
static const char *describe_question(const DebugLine *line, char buffer[static NAME_SIZE]) {
        size_t n = 0;

        if (!line->name)
                return inet_ntop(line->family, line->address, buffer, NAME_SIZE) ?: "?";
        for (; line->name[n] && n < NAME_SIZE - 1; n++)
                buffer[n] = line->name[n] > ' ' && line->name[n] <= '~' ? line->name[n] : '?';
        buffer[n] = '\0';
        return buffer;
}

/* If nobody reads standard error, SIGPIPE would end the process: it is blocked, and removed if pending. */
static void write_silently(const char *text, size_t n) {
        static const struct timespec at_once = { 0 };
        sigset_t pipe, pending, before;

        sigemptyset(&pipe);
        sigaddset(&pipe, SIGPIPE);
        if (sigpending(&pending) < 0 || pthread_sigmask(SIG_BLOCK, &pipe, &before) != 0)
                return;
        if (write(STDERR_FILENO, text, n) < 0 && errno == EPIPE && !sigismember(&pending, SIGPIPE))
                (void) sigtimedwait(&pipe, NULL, &at_once);
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void debug_print(const DebugLine *line) {
        char text[LINE_SIZE], question[NAME_SIZE];
        int n;

        n = snprintf(text, sizeof(text), "libnss_%s: %s(%s, %s): %s (%s) in %" PRIu64 " us\n", line->module,
                        line->function, describe_question(line, question), describe_family(line->family),
                        describe_result(line->result), describe_backend(line->backend), line->usec);
        if (n > 0)
                write_silently(text, MIN2((size_t) n, sizeof(text) - 1));
}
