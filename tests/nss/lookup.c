/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * glibc's lookup functions, one question a line:
 *
 *     FUNCTION FAMILY NAME       getaddrinfo 0 web1, gethostbyaddr 4 192.168.122.7, ...
 *
 * and one answer a line: the question, a tab, the canonical name and the addresses, or
 * the error.  The argument is a list of services, as in nsswitch.conf; without, nsswitch.conf's.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <nss.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

typedef union SocketAddress {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
} SocketAddress;

static int family_from_digit(int digit) {
        return digit == 4 ? AF_INET : digit == 6 ? AF_INET6 : AF_UNSPEC;
}

static void print_address(int family, const void *address, unsigned scope) {
        char text[INET6_ADDRSTRLEN];

        printf(" %s", inet_ntop(family, address, text, sizeof(text)));
        if (scope > 0)
                printf("%%%u", scope);
}

static void print_host(const struct hostent *host) {
        if (!host) {
                printf("%s\n", h_errno == HOST_NOT_FOUND ? "no such name" :
                                h_errno == NO_DATA       ? "no data" :
                                                           hstrerror(h_errno));
                return;
        }
        printf("%s", host->h_name);
        for (char **address = host->h_addr_list; *address; address++)
                print_address(host->h_addrtype, *address, 0);
        for (char **alias = host->h_aliases; *alias; alias++)
                printf(" alias %s", *alias);
        puts("");
}

static void print_status(int status) {
        printf("%s\n", status == EAI_NONAME ? "no such name" : status == EAI_NODATA ? "no data" :
                        gai_strerror(status));
}

static void ask_getaddrinfo(int family, const char *name) {
        struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_CANONNAME };
        struct addrinfo *list;
        int status = getaddrinfo(name, NULL, &hints, &list);

        if (status != 0) {
                print_status(status);
                return;
        }
        printf("%s", list->ai_canonname);
        for (struct addrinfo *info = list; info; info = info->ai_next) {
                SocketAddress *address = (SocketAddress *) (void *) info->ai_addr;

                if (info->ai_family == AF_INET)
                        print_address(AF_INET, &address->in.sin_addr, 0);
                else
                        print_address(AF_INET6, &address->in6.sin6_addr, address->in6.sin6_scope_id);
        }
        puts("");
        freeaddrinfo(list);
}

static void ask_getnameinfo(int family, const char *text) {
        SocketAddress address = { .sa.sa_family = (sa_family_t) family };
        char name[NI_MAXHOST];
        int status;

        if (inet_pton(family, text,
                        family == AF_INET ? (void *) &address.in.sin_addr : &address.in6.sin6_addr) != 1)
                exit(2);
        status = getnameinfo(&address.sa, family == AF_INET ? sizeof(address.in) : sizeof(address.in6), name,
                        sizeof(name), NULL, 0, NI_NAMEREQD);
        if (status == 0)
                puts(name);
        else
                print_status(status);
}

static void ask_gethostbyaddr(int family, const char *text) {
        struct in6_addr address;

        if (inet_pton(family, text, &address) != 1)
                exit(2);
        print_host(gethostbyaddr(&address, family == AF_INET ? 4 : 16, family));
}

static int ask(const char *question) {
        char function[32];
        int digit, n = 0;

        if (sscanf(question, "%31s %d %n", function, &digit, &n) != 2 || n == 0)
                return -EINVAL;
        printf("%s\t", question);
        if (strcmp(function, "getaddrinfo") == 0)
                ask_getaddrinfo(family_from_digit(digit), question + n);
        else if (strcmp(function, "gethostbyname2") == 0)
                print_host(gethostbyname2(question + n, family_from_digit(digit)));
        else if (strcmp(function, "gethostbyaddr") == 0)
                ask_gethostbyaddr(family_from_digit(digit), question + n);
        else if (strcmp(function, "getnameinfo") == 0)
                ask_getnameinfo(family_from_digit(digit), question + n);
        else
                return -EINVAL;
        return 0;
}

int main(int argc, char **argv) {
        char *line = NULL;
        size_t size = 0;
        ssize_t length;
        int r = 0;

        if (argc > 1 && __nss_configure_lookup("hosts", argv[1]) != 0)
                return 2;
        while (r == 0 && (length = getline(&line, &size, stdin)) > 0) {
                line[length - 1] = '\0';
                r = ask(line);
        }
        free(line);
        return r < 0 ? 2 : 0;
}
