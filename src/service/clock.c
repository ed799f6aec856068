/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A timer that never expires, but is cancelled when the wall clock is set.
 */

#include "service/clock.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "util/util.h"

#define TIME_MAX (sizeof(time_t) == 8 ? (time_t) INT64_MAX : (time_t) INT32_MAX)

int clock_watch_open(void) {
        static const struct itimerspec never = { .it_value.tv_sec = TIME_MAX };
        _cleanup_(closep) int fd = -1;

        fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
        if (fd < 0)
                return -errno;
        if (timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0 &&
                        errno != ECANCELED)
                return -errno;
        return TAKE_FD(fd);
}

bool clock_watch_was_set(int fd) {
        uint64_t n;

        return read(fd, &n, sizeof(n)) < 0 && errno == ECANCELED;
}
