/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A private bus with the real service on it, for Check programs: a dbus-daemon
 * and libvirt-resolved as children, their directories below one temporary
 * directory.  What fails here aborts the test.  The children end with the test's process.
 */

#include <check.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#define FIXTURE_SERVICE "org.libvirt.Resolve1"
#define FIXTURE_OBJECT "/org/libvirt/Resolve1"

/* How long anything here may take, under valgrind on a busy machine. */
#define FIXTURE_PATIENCE_MSEC 20000

typedef struct Fixture {
        char directory[32]; /* all else lies below */
        char leases[48];    /* the lease directory: there, empty */
        char runtime[48];   /* the runtime directory */
        char address[96];   /* the bus's */
        char notify[48];    /* NOTIFY_SOCKET of the service */
        int notify_fd;
        pid_t bus;
        pid_t service;      /* 0: not running */
        pid_t remover;      /* of the directory, when alive_fd is closed */
        int alive_fd;
} Fixture;

/* Makes the directories and starts the bus, which is DBUS_SYSTEM_BUS_ADDRESS from then on. */
void fixture_setup(Fixture *f);

/* Ends what still runs, and removes the directories. */
void fixture_teardown(Fixture *f);

/* Starts the service, with more options (NULL-terminated; or NULL), and waits until it
 * says READY=1.  fixture_spawn() doesn't wait. */
void fixture_start(Fixture *f, const char *const *options);
void fixture_spawn(Fixture *f, const char *const *options);

/* Waits for a notification that has this line ("READY=1") and returns all of it, to be
 * freed; the others before it are passed over.  Of a service that has ended, too. */
char *fixture_notification(Fixture *f, const char *line);

/* Sends a signal (0: none) and waits for the service's end; returns waitpid(2)'s status. */
int fixture_end(Fixture *f, int signal);

/* A connection to the bus of one's own, to be freed with sd_bus_flush_close_unref(). */
sd_bus *fixture_connect(Fixture *f);

/* Puts a file into the lease directory as libvirt does: written beside, and renamed. */
void fixture_write(Fixture *f, const char *name, const char *text);

/* Removes it. */
void fixture_remove(Fixture *f, const char *name);

/* Waits until the index in the runtime directory is as new as the lease directory. */
void fixture_wait_published(Fixture *f);

/* The tests' case, its set-up and tear-down around each, with patience. */
TCase *fixture_case(const char *name, void (*setup)(void), void (*teardown)(void));

/* What main() returns: runs the case and says how it went as TAP. */
int fixture_run(TCase *tests);
