/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One question to the bus client that the NSS modules load.  Prints
 *
 *     MILLISECONDS RESULT [name address%ifindex...]
 *
 *     client-probe OBJECT lease|domain FAMILY NAME|ADDRESS [live]
 */

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "client/client.h"

static const char *result_name(int r) {
        static const char *const names[] = {
                [LOOKUP_FOUND] = "FOUND",
                [LOOKUP_NO_NAME] = "NO_NAME",
                [LOOKUP_EXPIRED] = "EXPIRED",
                [LOOKUP_NO_LEASE] = "NO_LEASE",
                [LOOKUP_NO_FAMILY] = "NO_FAMILY",
        };

        return r < 0 ? strerrorname_np(-r) : names[r];
}

static void print_entries(const Answer *answer) {
        for (size_t i = 0; i < answer->n_entries; i++) {
                const IndexEntry *entry = &answer->entries[i];
                char text[INET6_ADDRSTRLEN];

                inet_ntop(entry->family, entry->address, text, sizeof(text));
                printf(" %s %s%%%u", answer_name(answer, entry), text, entry->ifindex);
        }
}

static double now_msec(void) {
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (double) ts.tv_sec * 1e3 + (double) ts.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
        __typeof__(libvirt_resolve_client1_address) *ask_address;
        __typeof__(libvirt_resolve_client1_name) *ask_name;
        NameVariant variant;
        uint8_t address[16];
        int family, live, r;
        Answer answer;
        void *client;
        double begin;

        if (argc < 5)
                return 2;
        client = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        if (!client) {
                fprintf(stderr, "%s\n", dlerror());
                return 2;
        }
        ask_address = dlsym(client, "libvirt_resolve_client1_address");
        ask_name = dlsym(client, "libvirt_resolve_client1_name");
        variant = strcmp(argv[2], "domain") == 0 ? VARIANT_DOMAIN : VARIANT_LEASE;
        family = argv[3][0] == '4' ? AF_INET : argv[3][0] == '6' ? AF_INET6 : AF_UNSPEC;
        live = argc > 5 && strcmp(argv[5], "live") == 0;

        begin = now_msec();
        if (family != AF_UNSPEC && inet_pton(family, argv[4], address) == 1)
                r = ask_address(variant, family, address, live, &answer);
        else
                r = ask_name(variant, argv[4], family, live, &answer);
        printf("%.0f %s", now_msec() - begin, result_name(r));
        if (r == LOOKUP_FOUND)
                print_entries(&answer);
        putchar('\n');
        dlclose(client);
        return 0;
}
