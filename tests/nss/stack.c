/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How many bytes of stack a lookup takes:
 *
 *     stack MODULE-FILE MODULE FUNCTION NAME
 *
 * FUNCTION: gethostbyname4_r; gethostbyaddr_r, NAME being an IPv4 address; or getaddrinfo, glibc's own, for
 * comparison.  The lookup runs on a stack of its own that was filled with a pattern; what is left of it was
 * not used.
 */

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <nss.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STACK_SIZE (1U << 20)
#define PATTERN 0xa5

static const char *arg_function, *arg_name;
static void *function;
static uintptr_t entry;
static char result[4096];
static enum nss_status status = NSS_STATUS_UNAVAIL;

static void call_name(void) {
        struct gaih_addrtuple *tuples = NULL;
        int error, h_error;

        status = ((nss_gethostbyname4_r *) function)(arg_name, &tuples, result, sizeof(result), &error,
                        &h_error, NULL);
}

static void call_address(void) {
        int error, h_error;
        struct hostent host;
        struct in_addr address;

        if (inet_pton(AF_INET, arg_name, &address) == 1)
                status = ((nss_gethostbyaddr_r *) function)(&address, sizeof(address), AF_INET, &host, result,
                                sizeof(result),
                                &error, &h_error);
}

static void call_getaddrinfo(void) {
        struct addrinfo *found = NULL;

        if (getaddrinfo(arg_name, NULL, NULL, &found) == 0)
                status = NSS_STATUS_SUCCESS;
        if (found)
                freeaddrinfo(found);
}

static void *run(void *unused) {
        entry = (uintptr_t) __builtin_frame_address(0);
        if (strcmp(arg_function, "getaddrinfo") == 0)
                call_getaddrinfo();
        else if (strcmp(arg_function, "gethostbyaddr_r") == 0)
                call_address();
        else
                call_name();
        return NULL;
}

int main(int argc, char **argv) {
        uint8_t *stack = aligned_alloc(4096, STACK_SIZE);
        pthread_attr_t attributes;
        char symbol[128];
        pthread_t thread;
        size_t unused = 0;

        if (argc != 5 || !stack)
                return 2;
        arg_function = argv[3];
        arg_name = argv[4];
        if (strcmp(arg_function, "getaddrinfo") != 0) {
                void *module = dlopen(argv[1], RTLD_NOW);

                (void) snprintf(symbol, sizeof(symbol), "_nss_%s_%s", argv[2], arg_function);
                function = module ? dlsym(module, symbol) : NULL;
                if (!function)
                        return 2;
        }
        memset(stack, PATTERN, STACK_SIZE);
        (void) pthread_attr_init(&attributes);
        if (pthread_attr_setstack(&attributes, stack, STACK_SIZE) != 0 ||
            pthread_create(&thread, &attributes, run, NULL) != 0 || pthread_join(thread, NULL) != 0)
                return 2;
        while (unused < STACK_SIZE && stack[unused] == PATTERN)
                unused++;
        printf("%d %zu\n", status, (size_t) (entry - (uintptr_t) (stack + unused)));
        return 0;
}
