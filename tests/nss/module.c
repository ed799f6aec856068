/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The functions of an NSS module, by name.
 */

#include "module.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *module_function(const char *path, const char *name) {
        const char *base = strstr(path, "libnss_");
        char symbol[128];
        void *module;

        module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!module || !base) {
                (void) fprintf(stderr, "%s\n", module ? path : dlerror());
                exit(2);
        }
        base += strlen("libnss_");
        (void) snprintf(symbol, sizeof(symbol), "_nss_%.*s_%s", (int) strcspn(base, "."), base, name);
        return dlsym(module, symbol);
}

const char *status_name(enum nss_status status) {
        switch (status) {
        case NSS_STATUS_SUCCESS:
                return "SUCCESS";
        case NSS_STATUS_NOTFOUND:
                return "NOTFOUND";
        case NSS_STATUS_UNAVAIL:
                return "UNAVAIL";
        case NSS_STATUS_TRYAGAIN:
                return "TRYAGAIN";
        default:
                return "?";
        }
}
