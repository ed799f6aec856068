/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reading files: whatever may lie at a lease file's name.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "documents.h"
#include "source/file-contents.h"
#include "unit.h"
#include "util/limits.h"
#include "util/util.h"

static char directory[] = "/tmp/test-document-XXXXXX";
static int directory_fd = -1;

static void set_up(void) {
        ck_assert_ptr_nonnull(mkdtemp(directory));
        ck_assert_int_eq(chmod(directory, 0755), 0);
        directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(directory_fd, 0);
}

static void tear_down(void) {
        (void) unlinkat(directory_fd, "x.status", 0);
        (void) unlinkat(directory_fd, "x.status", AT_REMOVEDIR);
        (void) unlinkat(directory_fd, "y.status", 0);
        directory_fd = close_safe(directory_fd);
        ck_assert_int_eq(rmdir(directory), 0);
        memcpy(strrchr(directory, '-'), "-XXXXXX", 7);
}

static void write_file(const char *name, const char *data, size_t size) {
        _cleanup_(closep) int fd = openat(directory_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(write(fd, data, size), (ssize_t) size);
}

/* That x.status can be read, and is this. */
static void check_read(const char *expected, size_t expected_size) {
        _cleanup_(freep) char *data = NULL;
        DocumentError error;
        size_t size;

        ck_assert_int_eq(file_contents_read(directory_fd, "x.status", &data, &size, &error), 0);
        ck_assert_uint_eq(size, expected_size);
        ck_assert_mem_eq(data, expected, size);
        ck_assert_int_eq(data[size], '\0');
}

/* That x.status can't be read, for this reason; and that nothing is given out nor left open. */
static void check_failed(int expected, const char *text) {
        int fd_before = dup(0), fd_after;
        char *data = directory;
        size_t size = 4711;
        DocumentError error;

        close_safe(fd_before);
        memset(&error, 0xff, sizeof(error));
        ck_assert_int_eq(file_contents_read(directory_fd, "x.status", &data, &size, &error), expected);
        check_error(&error);
        ck_assert_str_eq(error.text, text);
        ck_assert_int_eq(error.line, 0);
        ck_assert_ptr_eq(data, directory);
        ck_assert_uint_eq(size, 4711);

        fd_after = dup(0);
        ck_assert_int_eq(fd_after, fd_before);
        close_safe(fd_after);
}

START_TEST(test_regular) {
        static const char bytes[] = "[ {}, \0\xff ]\n";

        write_file("x.status", bytes, sizeof(bytes));
        check_read(bytes, sizeof(bytes));
}
END_TEST

START_TEST(test_empty) {
        write_file("x.status", "", 0);
        check_read("", 0);
}
END_TEST

START_TEST(test_link) {
        write_file("y.status", "[]", 2);
        ck_assert_int_eq(symlinkat("y.status", directory_fd, "x.status"), 0);
        check_read("[]", 2);
}
END_TEST

START_TEST(test_current_directory) {
        _cleanup_(freep) char *data = NULL;
        DocumentError error;
        size_t size;

        write_file("x.status", "[]", 2);
        ck_assert_int_eq(fchdir(directory_fd), 0);
        ck_assert_int_eq(file_contents_read(AT_FDCWD, "x.status", &data, &size, &error), 0);
        ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(test_largest) {
        _cleanup_(freep) char *data = NULL;
        DocumentError error;
        size_t size;

        write_file("x.status", "[", 1);
        ck_assert_int_eq(fchdir(directory_fd), 0);
        ck_assert_int_eq(truncate("x.status", LEASE_FILE_SIZE_MAX), 0);
        ck_assert_int_eq(file_contents_read(directory_fd, "x.status", &data, &size, &error), 0);
        ck_assert_uint_eq(size, LEASE_FILE_SIZE_MAX);
        ck_assert_int_eq(data[0], '[');

        ck_assert_int_eq(truncate("x.status", LEASE_FILE_SIZE_MAX + (off_t) 1), 0);
        check_failed(-EFBIG, "larger than 33554432 bytes");
        ck_assert_int_eq(truncate("x.status", (off_t) 1 << 40), 0);
        check_failed(-EFBIG, "larger than 33554432 bytes");
        ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(test_vanished) {
        check_failed(-ENOENT, "can't be read: No such file or directory");
        ck_assert_int_eq(symlinkat("y.status", directory_fd, "x.status"), 0);
        check_failed(-ENOENT, "can't be read: No such file or directory");
}
END_TEST

START_TEST(test_directory) {
        ck_assert_int_eq(mkdirat(directory_fd, "x.status", 0755), 0);
        check_failed(-EBADFD, "not a regular file");
}
END_TEST

START_TEST(test_fifo) {
        ck_assert_int_eq(mkfifoat(directory_fd, "x.status", 0644), 0);
        check_failed(-EBADFD, "not a regular file");
}
END_TEST

START_TEST(test_socket) {
        _cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        (void) snprintf(address.sun_path, sizeof(address.sun_path), "%s/x.status", directory);
        ck_assert_int_eq(bind(fd, (struct sockaddr *) &address, sizeof(address)), 0);
        check_failed(-EBADFD, "not a regular file");
}
END_TEST

START_TEST(test_device) {
        static const char *const devices[] = { "/dev/zero", "/dev/null", "/dev/tty", "/dev/full" };

        for (size_t i = 0; i < ELEMENTS(devices); i++) {
                ck_assert_int_eq(symlinkat(devices[i], directory_fd, "x.status"), 0);
                check_failed(-EBADFD, "not a regular file");
                ck_assert_int_eq(unlinkat(directory_fd, "x.status", 0), 0);
        }
}
END_TEST

START_TEST(test_loop) {
        ck_assert_int_eq(symlinkat("y.status", directory_fd, "x.status"), 0);
        ck_assert_int_eq(symlinkat("x.status", directory_fd, "y.status"), 0);
        check_failed(-ELOOP, "can't be read: Too many levels of symbolic links");
}
END_TEST

START_TEST(test_unreadable) {
        bool is_root = geteuid() == 0;
        char text[80];

        write_file("x.status", "[]", 2);
        ck_assert_int_eq(fchmodat(directory_fd, "x.status", 0, 0), 0);
        if (is_root)
                ck_assert_int_eq(seteuid(65534), 0);
        (void) snprintf(text, sizeof(text),
                        is_root ? "can't be opened: Permission denied (mode 0000, owner root)" :
                                                      "can't be opened: Permission denied (mode 0000, owner "
                                                      "uid %u)",
                        geteuid());
        check_failed(-EACCES, text);
        if (is_root)
                ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

/* A process that exchanges x.status and y.status without end. */
static pid_t start_exchanging(void) {
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                for (;;)
                        (void) renameat2(directory_fd, "x.status", directory_fd, "y.status", RENAME_EXCHANGE);
        }
        return pid;
}

/* A FIFO that comes between the look and the opening isn't waited for either. */
START_TEST(test_exchanged) {
        size_t n_read = 0, n_refused = 0;
        pid_t pid;

        write_file("x.status", "[]", 2);
        ck_assert_int_eq(mkfifoat(directory_fd, "y.status", 0644), 0);
        pid = start_exchanging();

        for (unsigned i = 0; i < 20000 || n_read == 0 || n_refused == 0; i++) {
                _cleanup_(freep) char *data = NULL;
                DocumentError error;
                size_t size;
                int r;

                r = file_contents_read(directory_fd, "x.status", &data, &size, &error);
                ck_assert(r == 0 || r == -EBADFD);
                *(r == 0 ? &n_read : &n_refused) += 1;
        }

        ck_assert_int_eq(kill(pid, SIGKILL), 0);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("file-contents");

        tcase_add_checked_fixture(tcase, set_up, tear_down);
        tcase_add_test(tcase, test_regular);
        tcase_add_test(tcase, test_empty);
        tcase_add_test(tcase, test_link);
        tcase_add_test(tcase, test_current_directory);
        tcase_add_test(tcase, test_largest);
        tcase_add_test(tcase, test_vanished);
        tcase_add_test(tcase, test_directory);
        tcase_add_test(tcase, test_fifo);
        tcase_add_test(tcase, test_socket);
        tcase_add_test(tcase, test_device);
        tcase_add_test(tcase, test_loop);
        tcase_add_test(tcase, test_unreadable);
        tcase_add_test(tcase, test_exchanged);
        return unit_run("file-contents", tcase);
}
