/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * musl-lookup NAME: its addresses, a line each.  For a libc that knows no NSS, linked statically.
 */

#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
        struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *addresses, *a;
        char text[128];
        int r;

        if (argc != 2)
                return 2;
        r = getaddrinfo(argv[1], NULL, &hints, &addresses);
        if (r != 0) {
                fprintf(stderr, "%s: %s\n", argv[1], gai_strerror(r));
                return 1;
        }
        for (a = addresses; a; a = a->ai_next)
                if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) == 0)
                        puts(text);
        freeaddrinfo(addresses);
        return 0;
}
