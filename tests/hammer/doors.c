/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The modules, called as glibc calls them.
 */

#include "doors.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "module.h"

static nss_gethostbyname2_r *by_name2[2];
static nss_gethostbyname4_r *by_name4[2];
static _Thread_local bool client_was_loaded;

/* What the modules call in libc's place. */
__attribute__((__visibility__("default"))) void *dlopen(const char *path, int mode) {
        void *(*next)(const char *, int) = (__typeof__(next)) dlsym(RTLD_NEXT, "dlopen");

        client_was_loaded = true;
        return next(path, mode);
}

uint64_t now_usec(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * 1000000 + (uint64_t) t.tv_nsec / 1000;
}

static void *function(const char *module, const char *name) {
        void *found = module_function(module, name);

        if (!found)
                exit(EXIT_FAILURE);
        return found;
}

void backends_enabled(const char *lease_module, const char *domain_module) {
        by_name2[0] = function(lease_module, "gethostbyname2_r");
        by_name4[0] = function(lease_module, "gethostbyname4_r");
        by_name2[1] = function(domain_module, "gethostbyname2_r");
        by_name4[1] = function(domain_module, "gethostbyname4_r");
}

static void take_address(Lookup *l, const void *address) {
        uint32_t value;

        memcpy(&value, address, sizeof(value));
        if (l->n_addresses++ == 0)
                l->address = ntohl(value);
}

static void ask_host(nss_gethostbyname2_r *f, const char *name, Lookup *l) {
        char buffer[16384];
        struct hostent host;
        int h_error;

        l->status = f(name, AF_INET, &host, buffer, sizeof(buffer), &l->error, &h_error);
        for (char **p = host.h_addr_list; l->status == NSS_STATUS_SUCCESS && *p; p++)
                take_address(l, *p);
}

static void ask_tuples(nss_gethostbyname4_r *f, const char *name, Lookup *l) {
        struct gaih_addrtuple *tuples = NULL;
        char buffer[16384];
        int32_t ttl;
        int h_error;

        l->status = f(name, &tuples, buffer, sizeof(buffer), &l->error, &h_error, &ttl);
        for (struct gaih_addrtuple *t = tuples; l->status == NSS_STATUS_SUCCESS && t; t = t->next)
                if (t->family == AF_INET)
                        take_address(l, t->addr);
}

void doors_ask(unsigned question, const char *name, Lookup *ret) {
        unsigned variant = question_wants_domain(question);
        uint64_t begin = now_usec();

        *ret = (Lookup) { 0 };
        client_was_loaded = false;
        if (question & 2)
                ask_tuples(by_name4[variant], name, ret);
        else
                ask_host(by_name2[variant], name, ret);
        ret->usec = now_usec() - begin;
        ret->over_bus = client_was_loaded;
}
