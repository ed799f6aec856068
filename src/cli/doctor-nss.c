/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The doctor's checks of the modules: are they installed, are they ours, are they asked, and does a cache
 * hold older answers?
 */

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "index/format.h"
#include "cli/caches.h"
#include "cli/config-file.h"
#include "cli/doctor.h"
#include "cli/nsswitch.h"

/* ---- modules ---- */

/* libvirt's own modules have the same names, but no reverse lookups. */
static void check_module(Doctor *d, const char *name) {
        char file[64], symbol[64];
        void *module, *entry;
        Dl_info info;

        (void) snprintf(file, sizeof(file), "libnss_%s.so.2", name);
        (void) snprintf(symbol, sizeof(symbol), "_nss_%s_gethostbyaddr_r", name);
        module = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
        if (!module) {
                doctor_add(d, VERDICT_FAILURE,
                                "Install libvirt-resolve's NSS modules into " NSS_DIRECTORY
                                ", and run ldconfig.",
                                "The NSS module %s can't be loaded: %s", name, dlerror());
                return;
        }
        entry = dlsym(module, symbol);
        if (!entry)
                doctor_add(d, VERDICT_FAILURE,
                                "Remove libvirt's own modules (the package libnss-libvirt, or libvirt-nss), "
                                "and\n"
                                "install libvirt-resolve's.",
                                "The NSS module %s isn't libvirt-resolve's: it doesn't use the service",
                                name);
        else
                doctor_add(d, VERDICT_OK, NULL, "The NSS module %s is %s", name,
                                dladdr(entry, &info) && info.dli_fname ? info.dli_fname : file);
        (void) dlclose(module);
}

void check_modules(Doctor *d) {
        check_module(d, NSSWITCH_LEASE);
        check_module(d, NSSWITCH_DOMAIN);
}

/* ---- nsswitch.conf ---- */

/* The command that repairs the hosts line.  It names only the modules that are there, as the administrator
 * may want no others; both if there is none. */
static const char *advice_enable(const Doctor *d, const NsswitchHosts *hosts,
                char buffer[static PATH_MAX + 128]) {
        unsigned modules = hosts ? nsswitch_modules(hosts) : 0;
        bool own = strcmp(d->nsswitch, "/etc/nsswitch.conf") == 0;

        (void) snprintf(buffer, PATH_MAX + 128, "Fix it with: libvirt-resolve nss enable%s%s%s",
                        modules == VARIANT_LEASE  ? " --lease" :
                        modules == VARIANT_DOMAIN ? " --domain-name" :
                                                    "",
                        own ? "" : " --file=", own ? "" : d->nsswitch);
        return buffer;
}

/* The minimal forms of multicast DNS return NOTFOUND only for names below .local. */
static bool ends_local_names_only(const NsswitchHosts *hosts, size_t i) {
        const NsswitchSource *s = hosts->sources + i;

        return (nsswitch_is(hosts, i, "mdns4_minimal") || nsswitch_is(hosts, i, "mdns6_minimal") ||
                               nsswitch_is(hosts, i, "mdns_minimal")) &&
               !(s->ends & NSSWITCH_UNAVAIL);
}

static void report_end(Doctor *d, const NsswitchHosts *hosts, size_t i, const char *name) {
        const NsswitchSource *s = hosts->sources + i;
        int length = (int) (s->end - s->begin);
        const char *text = hosts->text + s->begin;
        char buffer[PATH_MAX + 128];
        const char *advice = advice_enable(d, hosts, buffer);

        if (ends_local_names_only(hosts, i))
                doctor_add(d, VERDICT_WARNING, advice,
                                "\"%.*s\" ends lookups of names below .local before %s is asked", length,
                                text, name);
        else if (s->ends & NSSWITCH_NOTFOUND)
                doctor_add(d, VERDICT_FAILURE, advice, "\"%.*s\" ends the lookup before %s is asked", length,
                                text, name);
        else
                doctor_add(d, VERDICT_WARNING, advice,
                                "\"%.*s\" ends the lookup before %s is asked when that source is out of "
                                "order",
                                length, text, name);
}

/* Checks the sources before a module.  Returns whether the module is always reached, or isn't there. */
static bool check_reached(Doctor *d, const NsswitchHosts *hosts, const char *name, const char *without) {
        int position = nsswitch_find(hosts, name);
        bool reached = true;

        if (position < 0)
                doctor_add(d, VERDICT_SKIPPED, NULL, "%s isn't on the hosts line of %s: %s", name,
                                d->nsswitch, without);
        for (size_t i = 0; position > 0 && i < (size_t) position; i++)
                if (hosts->sources[i].ends & ~(unsigned) NSSWITCH_SUCCESS) {
                        report_end(d, hosts, i, name);
                        reached = false;
                }
        return reached;
}

static bool check_order(Doctor *d, const NsswitchHosts *hosts) {
        char advice[PATH_MAX + 128];

        if (nsswitch_files_first(hosts))
                return true;
        doctor_add(d, VERDICT_WARNING, advice_enable(d, hosts, advice),
                        "The modules stand before \"files\": a guest can take a name that is in /etc/hosts");
        return false;
}

static bool check_merges(Doctor *d, const NsswitchHosts *hosts) {
        bool merges = false;

        for (size_t i = 0; i < hosts->n_sources; i++)
                if (hosts->sources[i].merges) {
                        const NsswitchSource *s = hosts->sources + i;

                        doctor_add(d, VERDICT_WARNING, "Take the action out of the hosts line.",
                                        "\"%.*s\": merge is for groups, and makes lookups of hosts fail",
                                        (int) (s->end - s->begin), hosts->text + s->begin);
                        merges = true;
                }
        return merges;
}

void check_nsswitch(Doctor *d) {
        _cleanup_(freep) char *text = NULL;
        char advice[PATH_MAX + 128];
        bool lease, domain, merges, order;
        NsswitchHosts hosts;
        int r;

        r = config_file_read(d->nsswitch, &text);
        if (r < 0) {
                doctor_add(d, VERDICT_FAILURE, NULL, "%s can't be read: %s", d->nsswitch, strerror(-r));
                return;
        }
        r = nsswitch_parse(text, &hosts);
        if (r < 0) {
                doctor_add(d, VERDICT_FAILURE, advice_enable(d, NULL, advice),
                                "%s has no hosts line that can be read", d->nsswitch);
                return;
        }
        if (nsswitch_modules(&hosts) == 0) {
                doctor_add(d, VERDICT_FAILURE, advice_enable(d, NULL, advice),
                                "Neither libvirt nor libvirt_guest is on the hosts line of %s", d->nsswitch);
                return;
        }
        lease = check_reached(d, &hosts, NSSWITCH_LEASE,
                        "guests aren't found by the hostnames that they chose");
        domain = check_reached(d, &hosts, NSSWITCH_DOMAIN,
                        "guests aren't found by the name of their libvirt domain");
        merges = check_merges(d, &hosts);
        order = check_order(d, &hosts);
        if (lease && domain && !merges && order)
                doctor_add(d, VERDICT_OK, NULL, "Lookups reach %s: hosts: %.*s",
                                nsswitch_modules(&hosts) == (VARIANT_LEASE | VARIANT_DOMAIN) ?
                                                "both modules" :
                                                "the module",
                                (int) (hosts.end - hosts.begin), text + hosts.begin);
}

/* ---- caches ---- */

static bool check_sss(Doctor *d) {
        _cleanup_(freep) char *text = NULL;
        int sss, position;
        NsswitchHosts hosts;

        if (config_file_read(d->nsswitch, &text) < 0 || nsswitch_parse(text, &hosts) < 0)
                return false;
        sss = nsswitch_find(&hosts, "sss");
        position = nsswitch_find(&hosts, NSSWITCH_LEASE);
        if (sss < 0 || position < sss)
                return false;
        doctor_add(d, VERDICT_WARNING,
                        "Put libvirt and libvirt_guest before sss, or take sss out of the hosts line.",
                        "sssd is asked for hosts before the modules, and remembers its answers");
        return true;
}

void check_caches(Doctor *d) {
        bool sss = check_sss(d);

        if (caches_nscd_runs())
                doctor_add(d, VERDICT_WARNING,
                                "To clear it now: nscd --invalidate=hosts\n"
                                "Permanently: \"enable-cache hosts no\" in /etc/nscd.conf, and restart nscd.",
                                "nscd runs: it caches for 20s that a name doesn't exist, and addresses "
                                "longer");
        else if (!sss)
                doctor_add(d, VERDICT_OK, NULL, "No cache stands between programs and the modules");
}
