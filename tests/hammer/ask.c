/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A process that looks names up, one a line, for as long as it is asked to:
 *
 *     ask LEASE-MODULE DOMAIN-MODULE
 *
 *     < web1 | domain:vm-app
 *     > STATUS errno index|bus µs number-of-addresses first-address
 */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doors.h"
#include "module.h"

static void answer(const char *line) {
        bool domain = strncmp(line, "domain:", 7) == 0;
        char text[INET_ADDRSTRLEN];
        struct in_addr address;
        Lookup l;

        doors_ask(domain, domain ? line + 7 : line, &l);
        address.s_addr = htonl(l.address);
        printf("%s %d %s %llu %u %s\n", status_name(l.status), l.error, l.over_bus ? "bus" : "index",
                        (unsigned long long) l.usec, l.n_addresses,
                        inet_ntop(AF_INET, &address, text, sizeof(text)));
        fflush(stdout);
}

int main(int argc, char **argv) {
        char line[1024];

        if (argc != 3) {
                fprintf(stderr, "usage: ask LEASE-MODULE DOMAIN-MODULE\n");
                return EXIT_FAILURE;
        }
        backends_enabled(argv[1], argv[2]);
        while (fgets(line, sizeof(line), stdin)) {
                line[strcspn(line, "\n")] = '\0';
                answer(line);
        }
        return EXIT_SUCCESS;
}
