/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A process that looks one name up and ends: bench-once SERVICES NAME.
 * SERVICES: as in nsswitch.conf.  Ends with 0 where the name has an address.
 */

#include <netdb.h>
#include <nss.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
        const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
        struct addrinfo *list;

        if (argc != 3 || __nss_configure_lookup("hosts", argv[1]) != 0)
                return 2;
        if (getaddrinfo(argv[2], NULL, &hints, &list) != 0)
                return 1;
        freeaddrinfo(list);
        return 0;
}
