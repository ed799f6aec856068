/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The NSS modules' entry points.  Built twice: libnss_libvirt finds guests by the hostname that they chose,
 * libnss_libvirt_guest by the name of their libvirt domain.
 *
 * Large buffers are allocated, and freed before the call returns: a thread's stack may be as small as
 * PTHREAD_STACK_MIN, 16 KiB.
 *
 * Each entry point preserves errno (except *errnop, which usually is errno) and can't be cancelled with a
 * descriptor open.
 */

#include <arpa/inet.h>
#include <netdb.h>
#include <nss.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "backend.h"
#include "debug.h"
#include "packer.h"
#include "status.h"
#include "util/clock.h"
#include "util/util.h"

#define ENTRY__(module, function) _nss_##module##_##function
#define ENTRY_(module, function) ENTRY__(module, function)
#define ENTRY(function) ENTRY_(NSS_MODULE, function)

typedef struct NssCall {
        const char *function;
        Environment environment;
        unsigned backend; /* the last one used */
        uint64_t begin;   /* 0: not needed */
        int error;
        int cancel_state;
} NssCall;

static void nss_enter(NssCall *call) {
        call->error = errno;
        (void) pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &call->cancel_state);
        call->environment = environment_read();
        if (call->environment.debug)
                call->begin = clock_usec(CLOCK_MONOTONIC);
}

static void report(const NssCall *call, int result, const char *name, const void *address, int family) {
        debug_print(&(DebugLine) {
                        .module = STRINGIFY(NSS_MODULE),
                        .function = call->function,
                        .name = name,
                        .address = address,
                        .family = family,
                        .backend = call->backend,
                        .result = result,
                        .usec = clock_usec(CLOCK_MONOTONIC) - call->begin,
        });
}

/* name: the question; or NULL, and address is the question. */
static void nss_leave(const NssCall *call, int result, const char *name, const void *address, int family) {
        if (call->environment.debug)
                report(call, result, name, address, family);
        (void) pthread_setcancelstate(call->cancel_state, NULL);
        errno = call->error;
}

static int find_host(NssCall *call, const char *name, int family, char *buffer, size_t size,
                struct hostent *ret) {
        _cleanup_(freep) Answer *answer = NULL;
        int r;

        if (family == AF_UNSPEC)
                family = AF_INET;
        if (family != AF_INET && family != AF_INET6)
                return -EAFNOSUPPORT;
        answer = malloc(sizeof(*answer));
        if (!answer)
                return -ENOMEM;
        r = backend_find_name(call->environment.backends, NSS_VARIANT, name, family, &call->backend, answer);
        if (r == LOOKUP_FOUND && !pack_host(answer, family, buffer, size, ret))
                return RESULT_TOO_LARGE;
        return r;
}

static int find_tuples(NssCall *call, const char *name, char *buffer, size_t size,
                struct gaih_addrtuple **tuples) {
        _cleanup_(freep) Answer *answer = NULL;
        int r;

        answer = malloc(sizeof(*answer));
        if (!answer)
                return -ENOMEM;
        r = backend_find_name(call->environment.backends, NSS_VARIANT, name, AF_UNSPEC, &call->backend,
                        answer);
        if (r != LOOKUP_FOUND)
                return r;
        backend_find_scopes(answer);
        return pack_tuples(answer, buffer, size, tuples) ? LOOKUP_FOUND : RESULT_TOO_LARGE;
}

/* For an IPv4-mapped address (::ffff:a.b.c.d), as sockets of both families return it, finds the names of the
 * IPv4 address. */
static int find_host_of_address(NssCall *call, const void *address, int family, char *buffer, size_t size,
                struct hostent *ret) {
        static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
        _cleanup_(freep) Answer *answer = NULL;
        bool is_mapped = family == AF_INET6 && memcmp(address, mapped, sizeof(mapped)) == 0;
        int r;

        answer = malloc(sizeof(*answer));
        if (!answer)
                return -ENOMEM;
        r = backend_find_address(call->environment.backends, NSS_VARIANT, is_mapped ? AF_INET : family,
                        (const uint8_t *) address + (is_mapped ? sizeof(mapped) : 0), &call->backend, answer);
        if (r == LOOKUP_FOUND && !pack_host_of_address(answer, family, address, buffer, size, ret))
                return RESULT_TOO_LARGE;
        return r;
}

/* ---- one lookup, for all of glibc's functions ---- */

static int host_of_name(const char *function, const char *name, int family, struct hostent *host,
                char *buffer, size_t size) {
        NssCall call = { .function = function };
        int r;

        nss_enter(&call);
        r = find_host(&call, name, family, buffer, size, host);
        nss_leave(&call, r, name, NULL, family);
        return r;
}

static int host_of_address(const char *function, const void *address, socklen_t length, int family,
                struct hostent *host, char *buffer, size_t size) {
        NssCall call = { .function = function };
        int r;

        if (family != AF_INET && family != AF_INET6)
                return -EAFNOSUPPORT;
        if (length != (family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr)))
                return -EINVAL;
        nss_enter(&call);
        r = find_host_of_address(&call, address, family, buffer, size, host);
        nss_leave(&call, r, NULL, address, family);
        return r;
}

static int tuples_of_name(const char *function, const char *name, struct gaih_addrtuple **tuples,
                char *buffer, size_t size) {
        NssCall call = { .function = function };
        int r;

        nss_enter(&call);
        r = find_tuples(&call, name, buffer, size, tuples);
        nss_leave(&call, r, name, NULL, AF_UNSPEC);
        return r;
}

/* ---- glibc's functions ---- */

_public_ nss_gethostbyaddr2_r ENTRY(gethostbyaddr2_r);
_public_ nss_gethostbyaddr_r ENTRY(gethostbyaddr_r);
_public_ nss_gethostbyname2_r ENTRY(gethostbyname2_r);
_public_ nss_gethostbyname3_r ENTRY(gethostbyname3_r);
_public_ nss_gethostbyname4_r ENTRY(gethostbyname4_r);
_public_ nss_gethostbyname_r ENTRY(gethostbyname_r);

enum nss_status ENTRY(gethostbyname4_r)(const char *name, struct gaih_addrtuple **pat, char *buffer,
                size_t size, int *errnop, int *h_errnop, int32_t *ttlp) {
        int r = tuples_of_name("gethostbyname4_r", name, pat, buffer, size);

        if (r == LOOKUP_FOUND && ttlp)
                *ttlp = 0;
        return status_report(r, errnop, h_errnop);
}

enum nss_status ENTRY(gethostbyname3_r)(const char *name, int family, struct hostent *host, char *buffer,
                size_t size, int *errnop, int *h_errnop, int32_t *ttlp, char **canonp) {
        int r = host_of_name("gethostbyname3_r", name, family, host, buffer, size);

        if (r == LOOKUP_FOUND && ttlp)
                *ttlp = 0;
        if (r == LOOKUP_FOUND && canonp)
                *canonp = host->h_name;
        return status_report(r, errnop, h_errnop);
}

enum nss_status ENTRY(gethostbyname2_r)(const char *name, int family, struct hostent *host, char *buffer,
                size_t size, int *errnop, int *h_errnop) {
        return status_report(host_of_name("gethostbyname2_r", name, family, host, buffer, size), errnop,
                        h_errnop);
}

enum nss_status ENTRY(gethostbyname_r)(const char *name, struct hostent *host, char *buffer, size_t size,
                int *errnop, int *h_errnop) {
        return status_report(host_of_name("gethostbyname_r", name, AF_INET, host, buffer, size), errnop,
                        h_errnop);
}

enum nss_status ENTRY(gethostbyaddr2_r)(const void *address, socklen_t length, int family,
                struct hostent *host, char *buffer, size_t size, int *errnop, int *h_errnop, int32_t *ttlp) {
        int r = host_of_address("gethostbyaddr2_r", address, length, family, host, buffer, size);

        if (r == LOOKUP_FOUND && ttlp)
                *ttlp = 0;
        return status_report(r, errnop, h_errnop);
}

enum nss_status ENTRY(gethostbyaddr_r)(const void *address, socklen_t length, int family,
                struct hostent *host, char *buffer, size_t size, int *errnop, int *h_errnop) {
        return status_report(host_of_address("gethostbyaddr_r", address, length, family, host, buffer, size),
                        errnop, h_errnop);
}
