/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A wall clock that can be set, for the programs that this is loaded into before all
 * else: ahead of the kernel's by the seconds (an int64_t) in the file that TEST_CLOCK names.
 * SIGRTMAX tells a program that it was set, so that its timers keep with it.  System calls, since a
 * sanitizer asks for the time before anything can be looked up.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define PUBLIC __attribute__((__visibility__("default")))
#define TIMERS_MAX 256
#define TIME_MAX (sizeof(time_t) == 8 ? (time_t) INT64_MAX : (time_t) INT32_MAX)

/* A timer on the wall clock, by its descriptor. */
typedef struct Timer {
        bool exists, cancelled;
        int flags;
        struct itimerspec set;
} Timer;

static const int64_t none;
static const volatile int64_t *ahead = &none;
static Timer timers[TIMERS_MAX];

static Timer *timer_find(int fd) {
        return fd >= 0 && fd < TIMERS_MAX && timers[fd].exists ? timers + fd : NULL;
}

/* Sets the kernel's timer to where our time is the one that was asked for: at once, where that is over. */
static int timer_arm(int fd, const Timer *t) {
        struct itimerspec set = t->set;

        if ((t->flags & TFD_TIMER_ABSTIME) && (set.it_value.tv_sec != 0 || set.it_value.tv_nsec != 0)) {
                if (__builtin_sub_overflow(set.it_value.tv_sec, *ahead, &set.it_value.tv_sec))
                        set.it_value.tv_sec = TIME_MAX;
                if (set.it_value.tv_sec < 0 || t->cancelled)
                        set.it_value = (struct timespec) { .tv_nsec = 1 };
        }
        return (int) syscall(SYS_timerfd_settime, fd, t->flags & TFD_TIMER_ABSTIME, &set, NULL);
}

static void on_set(int signal) {
        int error = errno;

        for (int fd = 0; fd < TIMERS_MAX; fd++) {
                Timer *t = timer_find(fd);

                if (!t)
                        continue;
                t->cancelled = t->flags & TFD_TIMER_CANCEL_ON_SET;
                (void) timer_arm(fd, t);
        }
        errno = error;
}

__attribute__((__constructor__)) static void clock_start(void) {
        const char *path = getenv("TEST_CLOCK");
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

        if (fd < 0)
                return;
        ahead = mmap(NULL, sizeof(*ahead), PROT_READ, MAP_SHARED, fd, 0);
        close(fd);
        if (ahead == MAP_FAILED)
                abort();
        (void) sigaction(SIGRTMAX, &(struct sigaction) { .sa_handler = on_set, .sa_flags = SA_RESTART },
                        NULL);
}

PUBLIC int clock_gettime(clockid_t clock, struct timespec *ret) {
        int r = (int) syscall(SYS_clock_gettime, clock, ret);

        if (r == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
                ret->tv_sec += *ahead;
        return r;
}

PUBLIC time_t time(time_t *ret) {
        struct timespec t = { 0 };

        (void) clock_gettime(CLOCK_REALTIME, &t);
        if (ret)
                *ret = t.tv_sec;
        return t.tv_sec;
}

/* libldns signs with this one. */
PUBLIC int gettimeofday(struct timeval *restrict ret, void *restrict zone) {
        struct timespec t = { 0 };
        int r = clock_gettime(CLOCK_REALTIME, &t);

        if (r == 0)
                *ret = (struct timeval) { .tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000 };
        return r;
}

PUBLIC int timerfd_create(clockid_t clock, int flags) {
        int fd = (int) syscall(SYS_timerfd_create, clock, flags);

        if (fd >= 0 && fd < TIMERS_MAX)
                timers[fd] = (Timer) { .exists = clock == CLOCK_REALTIME };
        return fd;
}

PUBLIC int timerfd_settime(int fd, int flags, const struct itimerspec *set, struct itimerspec *old) {
        Timer *t = timer_find(fd);

        if (!t)
                return (int) syscall(SYS_timerfd_settime, fd, flags, set, old);
        t->flags = flags;
        t->set = *set;
        return timer_arm(fd, t);
}

PUBLIC ssize_t read(int fd, void *buffer, size_t size) {
        Timer *t = timer_find(fd);
        ssize_t n = syscall(SYS_read, fd, buffer, size);

        if (!t || !t->cancelled || n < 0)
                return n;
        t->cancelled = false;
        errno = ECANCELED;
        return -1;
}
