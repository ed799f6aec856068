/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How long a change takes to be seen:
 *
 *     bench-change ROUNDS DIRECTORY FILE INDEX PID NAME DOCUMENT...
 *
 * Each round puts the next of the DOCUMENTs in FILE's place, as libvirt does, asks the service
 * (process PID) for NAME, and waits until INDEX is published.  Prints a JSON object: jansson's parse of
 * the document alone; from the rename's end to the answer, and to the published index; and the
 * processor time that each of these took, the index's with the answer's.  All in ns.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "measure.h"
#include "util/protocol.h"
#include "util/util.h"

typedef struct Document {
        char *data;
        size_t size;
} Document;

static Document document_read(const char *path) {
        Document d = { 0 };
        FILE *f = fopen(path, "re");
        struct stat st;

        if (!f || fstat(fileno(f), &st) < 0)
                die(path);
        d.size = (size_t) st.st_size;
        d.data = malloc(d.size + 1);
        if (!d.data || fread(d.data, 1, d.size, f) != d.size)
                die(path);
        (void) fclose(f);
        return d;
}

static void parse(const Document *d, Samples *wall, Samples *cpu) {
        uint64_t begin = now_ns(CLOCK_MONOTONIC), begin_cpu = now_ns(CLOCK_THREAD_CPUTIME_ID);
        json_t *json = json_loadb(d->data, d->size, JSON_ALLOW_NUL, NULL);

        samples_add(cpu, now_ns(CLOCK_THREAD_CPUTIME_ID) - begin_cpu);
        samples_add(wall, now_ns(CLOCK_MONOTONIC) - begin);
        if (!json)
                die("json_loadb");
        json_decref(json);
}

/* What the process has used of the processors' time. */
static uint64_t process_ns(const char *pid) {
        char path[64];
        uint64_t ns;
        FILE *f;

        (void) snprintf(path, sizeof(path), "/proc/%s/schedstat", pid);
        f = fopen(path, "re");
        if (!f || fscanf(f, "%" SCNu64, &ns) != 1)
                die(path);
        (void) fclose(f);
        return ns;
}

static void document_put(const Document *d, const char *directory, const char *file) {
        char path[512], new[520];
        int fd;

        (void) snprintf(path, sizeof(path), "%s/%s", directory, file);
        (void) snprintf(new, sizeof(new), "%s.new", path);
        fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (fd < 0 || write(fd, d->data, d->size) != (ssize_t) d->size || close(fd) < 0 ||
                        rename(new, path) < 0)
                die(path);
}

/* Asks, and returns the last byte of the address. */
static uint8_t ask(sd_bus *bus, const char *name) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        const void *address;
        int ifindex, family;
        size_t size;

        if (sd_bus_call_method(bus, SERVICE_NAME, SERVICE_PATH, SERVICE_INTERFACE, "ResolveHostname", &error,
                            &reply, "isit", 0, name, 0, UINT64_C(1)) < 0 ||
                        sd_bus_message_enter_container(reply, 'a', "(iiay)") <= 0 ||
                        sd_bus_message_enter_container(reply, 'r', "iiay") <= 0 ||
                        sd_bus_message_read(reply, "ii", &ifindex, &family) < 0 ||
                        sd_bus_message_read_array(reply, 'y', &address, &size) < 0 || size == 0) {
                fprintf(stderr, "%s: %s\n", name, error.message);
                exit(EXIT_FAILURE);
        }
        return ((const uint8_t *) address)[size - 1];
}

/* The index gets the directory's mtime. */
static void wait_published(const char *directory, const char *index) {
        for (int i = 0; i < 200000; i++) {
                struct stat d, f;

                if (stat(directory, &d) == 0 && stat(index, &f) == 0 &&
                                d.st_mtim.tv_sec == f.st_mtim.tv_sec &&
                                d.st_mtim.tv_nsec == f.st_mtim.tv_nsec)
                        return;
                (void) usleep(100);
        }
        errno = ETIMEDOUT;
        die(index);
}

int main(int argc, char **argv) {
        Samples parses = { 0 }, answers = { 0 }, publications = { 0 };
        Samples parses_cpu = { 0 }, answers_cpu = { 0 }, publications_cpu = { 0 };
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        Document documents[8];
        uint8_t before = 0;
        int n = argc - 7;

        if (n < 2 || n > 8 || sd_bus_open_system(&bus) < 0) {
                fprintf(stderr, "usage: bench-change ROUNDS DIRECTORY FILE INDEX PID NAME DOCUMENT...\n");
                return 2;
        }
        for (int i = 0; i < n; i++)
                documents[i] = document_read(argv[7 + i]);

        for (int i = 0; i < atoi(argv[1]); i++) {
                const Document *d = documents + i % n;
                uint64_t begin, begin_cpu = process_ns(argv[5]);
                uint8_t now;

                parse(d, &parses, &parses_cpu);
                document_put(d, argv[2], argv[3]);
                begin = now_ns(CLOCK_MONOTONIC);
                now = ask(bus, argv[6]);
                samples_add(&answers, now_ns(CLOCK_MONOTONIC) - begin);
                samples_add(&answers_cpu, process_ns(argv[5]) - begin_cpu);
                if (now == before) {
                        fprintf(stderr, "%s: the answer is as before\n", argv[6]);
                        return EXIT_FAILURE;
                }
                before = now;
                wait_published(argv[2], argv[4]);
                samples_add(&publications, now_ns(CLOCK_MONOTONIC) - begin);
                samples_add(&publications_cpu, process_ns(argv[5]) - begin_cpu);
        }

        printf("{\"parse\": ");
        samples_print(&parses);
        printf(", \"answer\": ");
        samples_print(&answers);
        printf(", \"published\": ");
        samples_print(&publications);
        printf(", \"parse-cpu\": ");
        samples_print(&parses_cpu);
        printf(", \"answer-cpu\": ");
        samples_print(&answers_cpu);
        printf(", \"published-cpu\": ");
        samples_print(&publications_cpu);
        printf("}\n");
        return 0;
}
