/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The resolve hook.  Every lookup on the host waits for it, so it answers from the current index, without
 * reading files.
 */

#include "service/hook.h"

#include <fcntl.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "service/clock.h"
#include "service/dns.h"
#include "service/log.h"
#include "service/lookup.h"
#include "service/varlink.h"
#include "source/json-memory.h"

#define INTERFACE "io.systemd.Resolve.Hook"

/* How long a client may cache an answer, in s. */
#define TTL_SEC 5

static const char interface_description[] =
                "interface io.systemd.Resolve.Hook\n"
                "\n"
                "type ResourceKey (class: ?int, type: int, name: string)\n"
                "type Answer (raw: string)\n"
                "\n"
                "# The names that ResolveRecord() is to be called for, and again whenever they change\n"
                "method QueryFilter() -> (filterDomains: ?[]string)\n"
                "\n"
                "# No rcode: not a name of ours\n"
                "method ResolveRecord(question: [](key: ResourceKey)) -> (rcode: ?int, answer: ?[]Answer)\n";

static const char service_description[] =
                "interface org.varlink.service\n"
                "\n"
                "method GetInfo() -> (vendor: string, product: string, version: string, url: string, "
                "interfaces: []string)\n"
                "method GetInterfaceDescription(interface: string) -> (description: string)\n"
                "\n"
                "error InterfaceNotFound (interface: string)\n"
                "error MethodNotFound (method: string)\n"
                "error ExpectedMore ()\n"
                "error InvalidParameter (parameter: string)\n";

/* A filter that passes all names. */
static const char filter_all[] = "{\"parameters\":{},\"continues\":true}";

struct Hook {
        Manager *manager;
        VarlinkServer *server;
        char *filter; /* a complete message; NULL: not made since the names changed */
};

/* ---- the filter ---- */

/* Whether DNS clients may get this name.  A libvirt domain named example.com must not take over the DNS name
 * example.com. */
static bool name_answers(const Hook *hook, const char *name) {
        char folded[NAME_SIZE];

        return name_fold(name, folded) > 0 && name_is_hostname(folded) &&
               policy_is_local(&hook->manager->policy, NULL, folded);
}

/* Whether a claim is answered now. */
static bool claim_answers(const Hook *hook, const Claim *c, int64_t now) {
        return claim_judge(c, now) == NAME_GOOD && c->binding != CATALOG_NONE && name_answers(hook, c->key) &&
               !binding_expired(hook->manager->catalog->bindings[c->binding].binding->expiry, now);
}

/* Adds a name to ask for.  The JSON object serves as a set of strings that keeps their order. */
static int filter_add(json_t *names, const char *name) {
        if (json_object_set_new_nocheck(names, name, json_null()) < 0)
                return -ENOMEM;
        return json_object_size(names) > HOOK_FILTER_MAX ? -E2BIG : 0;
}

static int filter_add_names(const Hook *hook, json_t *names, int64_t now) {
        const Catalog *catalog = hook->manager->catalog;
        int r = 0;

        for (size_t i = 0; i < catalog->n_claims && r >= 0; i++) {
                const Claim *c = catalog->claims + catalog->by_name[i];

                if (claim_answers(hook, c, now))
                        r = filter_add(names, c->key);
        }
        return r;
}

static int filter_add_addresses(const Hook *hook, json_t *names, int64_t now) {
        const Catalog *catalog = hook->manager->catalog;
        int r = 0;

        for (size_t i = 0; catalog->reverse && i < catalog->n_bindings && r >= 0; i++) {
                const CatalogBinding *l = catalog->bindings + i;
                char name[DNS_REVERSE_MAX];
                bool answers = false;

                for (uint32_t k = l->first_claim; k < l->first_claim + l->n_claims; k++)
                        answers = answers || claim_answers(hook, catalog->claims + k, now);
                if (answers && !address_is_link_local(l->binding->address.family, l->binding->address.bytes))
                        r = filter_add(names, dns_reverse_format(&l->binding->address, name));
        }
        return r;
}

static json_t *names_array(const json_t *names) {
        json_t *array = json_array(), *value;
        const char *name;

        json_object_foreach((json_t *) names, name, value)
                (void) json_array_append_new(array, json_string_nocheck(name));
        return array;
}

/* The names and addresses that systemd-resolved should ask for; NULL if there are too many. */
static json_t *filter_domains(const Hook *hook) {
        json_t *names = json_object(), *domains = NULL;
        int64_t now = clock_now();
        int r = 0;

        if (hook->manager->catalog)
                r = filter_add_names(hook, names, now);
        if (hook->manager->catalog && r >= 0)
                r = filter_add_addresses(hook, names, now);
        if (r >= 0)
                domains = names_array(names);
        json_decref(names);
        return domains;
}

/* The message with the filter.  If there are too many names or too little memory, the filter passes all
 * names: names missing from a list would never be asked for.  NULL: no memory even for that. */
static char *filter_text(const Hook *hook) {
        JsonMemory memory = json_memory_begin();
        json_t *domains = filter_domains(hook), *message = NULL;
        _cleanup_(freep) char *text = NULL;

        if (domains)
                message = json_pack("{s:{s:o}, s:b}", "parameters", "filterDomains", domains, "continues", 1);
        if (message)
                text = json_dumps(message, JSON_COMPACT);
        json_decref(message);
        return text && !json_memory_failed(memory) ? TAKE_PTR(text) : strdup(filter_all);
}

void hook_update(Hook *hook) {
        _cleanup_(freep) char *before = TAKE_PTR(hook->filter);

        if (varlink_server_subscribers(hook->server) == 0)
                return;
        hook->filter = filter_text(hook);
        if (!before || !hook->filter || strcmp(before, hook->filter) != 0)
                varlink_server_push(hook->server, hook->filter ?: filter_all);
}

static void method_query_filter(Hook *hook, const VarlinkCall *call) {
        if (!call->more) {
                varlink_reply_error(call, "org.varlink.service.ExpectedMore", NULL);
                return;
        }
        if (!hook->filter)
                hook->filter = filter_text(hook);
        varlink_subscribe(call, hook->filter ?: filter_all);
}

/* ---- records ---- */

/* The answers to a question of one or more keys. */
typedef struct Reply {
        bool known; /* the name is a guest's */
        json_t *records;
} Reply;

static uint32_t entry_ttl(const IndexEntry *e, int64_t now) {
        return e->expiry == 0 || e->expiry - now > TTL_SEC ? TTL_SEC :
               e->expiry < now                             ? 0U :
                                                             (uint32_t) (e->expiry - now);
}

static void reply_add(Reply *reply, const uint8_t *record, size_t size) {
        char base64[(DNS_RECORD_MAX + 2) / 3 * 4 + 1];

        if (size > 0 && b64_ntop(record, size, base64, sizeof(base64)) > 0)
                (void) json_array_append_new(reply->records, json_pack("{s:s}", "raw", base64));
}

static void reply_ask_name(const Hook *hook, Reply *reply, const char *name, int family) {
        const Question q = { .name = name, .family = family };
        int64_t now = clock_now();
        Found found;

        if (!name_answers(hook, name) || lookup_name(hook->manager, &q, &found) < 0)
                return;
        if (found.canonical_name || found.lease == LOOKUP_NO_FAMILY || found.domain == LOOKUP_NO_FAMILY)
                reply->known = true;
        for (size_t i = 0; i < found.n_entries && family != AF_UNSPEC; i++) {
                const IndexEntry *e = found.entries[i];
                Address address = { .family = e->family };
                uint8_t record[DNS_RECORD_MAX];

                memcpy(address.bytes, e->address, sizeof(e->address));
                if (!address_is_link_local(address.family, address.bytes))
                        reply_add(reply, record,
                                        dns_address_record(name, &address, entry_ttl(e, now), record));
        }
}

static void reply_ask_address(const Hook *hook, Reply *reply, const char *name, const Address *address,
                bool pointers) {
        int64_t now = clock_now();
        Answer answer;

        if (lookup_address(hook->manager, 0, address, 0, &answer) != LOOKUP_FOUND)
                return;
        for (size_t i = 0; i < answer.n_entries; i++) {
                const IndexEntry *e = answer.entries + i;
                const char *target = answer_name(&answer, e);
                uint8_t record[DNS_RECORD_MAX];

                if (!name_answers(hook, target))
                        continue;
                reply->known = true;
                if (pointers)
                        reply_add(reply, record, dns_pointer_record(name, target, entry_ttl(e, now), record));
        }
}

/* Answers one key of the question: false if it isn't a valid key. */
static bool reply_ask_key(const Hook *hook, Reply *reply, const json_t *key) {
        const json_t *class = json_object_get(key, "class"), *type = json_object_get(key, "type");
        const char *name = json_string_value(json_object_get(key, "name"));
        Address address;

        if (!name || !json_is_integer(type) || (class && !json_is_null(class) && !json_is_integer(class)))
                return false;
        if (hook->manager->index.fd < 0 || (json_is_integer(class) && json_integer_value(class) != ns_c_in))
                return true;
        if (dns_reverse_parse(name, &address))
                reply_ask_address(hook, reply, name, &address, json_integer_value(type) == ns_t_ptr);
        else
                reply_ask_name(hook, reply, name,
                                json_integer_value(type) == ns_t_a    ? AF_INET :
                                json_integer_value(type) == ns_t_aaaa ? AF_INET6 :
                                                                        AF_UNSPEC);
        return true;
}

static void invalid_parameter(const VarlinkCall *call, const char *name) {
        varlink_reply_error(call, "org.varlink.service.InvalidParameter",
                        json_pack("{s:s}", "parameter", name));
}

static void method_resolve_record(const Hook *hook, const VarlinkCall *call) {
        const json_t *question = json_object_get(call->parameters, "question"), *item;
        Reply reply = { .records = json_array() };
        size_t i;

        if (!json_is_array(question) || !reply.records) {
                json_decref(reply.records);
                invalid_parameter(call, "question");
                return;
        }
        json_array_foreach(question, i, item) {
                if (i < HOOK_KEYS_MAX && !reply_ask_key(hook, &reply, json_object_get(item, "key"))) {
                        json_decref(reply.records);
                        invalid_parameter(call, "question");
                        return;
                }
        }

        hook->manager->statistics.counters[reply.known ? STATISTICS_HOOK_FOUND : STATISTICS_HOOK_PASSED]++;
        if (reply.known)
                varlink_reply(call, json_pack("{s:i, s:o}", "rcode", 0, "answer", reply.records));
        else {
                json_decref(reply.records);
                varlink_reply(call, NULL); /* the lookup goes on in DNS */
        }
}

/* ---- org.varlink.service ---- */

static void method_get_info(const VarlinkCall *call) {
        varlink_reply(call, json_pack("{s:s, s:s, s:s, s:s, s:[s, s]}", "vendor", "libvirt-resolve",
                                            "product", "libvirt-resolved", "version", PROJECT_VERSION, "url",
                                            "man:libvirt-resolved(8)", "interfaces", INTERFACE,
                                            "org.varlink.service"));
}

static void method_get_description(const VarlinkCall *call) {
        const char *name = json_string_value(json_object_get(call->parameters, "interface"));

        if (!name)
                invalid_parameter(call, "interface");
        else if (strcmp(name, INTERFACE) == 0)
                varlink_reply(call, json_pack("{s:s}", "description", interface_description));
        else if (strcmp(name, "org.varlink.service") == 0)
                varlink_reply(call, json_pack("{s:s}", "description", service_description));
        else
                varlink_reply_error(call, "org.varlink.service.InterfaceNotFound",
                                json_pack("{s:s}", "interface", name));
}

static void on_call(const VarlinkCall *call, void *userdata) {
        Hook *hook = userdata;

        /* Before the first reading, "not a guest's name" would be wrong. */
        if (hook->manager->directory->never_read)
                (void) manager_refresh(hook->manager);

        if (strcmp(call->method, INTERFACE ".ResolveRecord") == 0)
                method_resolve_record(hook, call);
        else if (strcmp(call->method, INTERFACE ".QueryFilter") == 0)
                method_query_filter(hook, call);
        else if (strcmp(call->method, "org.varlink.service.GetInfo") == 0)
                method_get_info(call);
        else if (strcmp(call->method, "org.varlink.service.GetInterfaceDescription") == 0)
                method_get_description(call);
        else
                varlink_reply_error(call, "org.varlink.service.MethodNotFound",
                                json_pack("{s:s}", "method", call->method));
}

int hook_new(Manager *m, int listen_fd, Hook **ret) {
        _cleanup_(hook_freep) Hook *hook = NULL;
        int r;

        hook = calloc(1, sizeof(*hook));
        if (!hook)
                return -ENOMEM;
        hook->manager = m;
        r = varlink_server_new(m->event, listen_fd, on_call, hook, &hook->server);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(hook);
        return 0;
}

int hook_open(Manager *m, Hook **ret) {
        _cleanup_(closep) int fd = -1;
        int n, r;

        n = sd_listen_fds(true);
        if (n <= 0)
                return n;
        r = sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, NULL, 0);
        if (r <= 0 || n > 1) {
                log_error("Not the resolve hook's socket was handed over: expected one, listening, of type "
                          "stream; "
                          "got %i.",
                                n);
                return r < 0 ? r : -EINVAL;
        }

        fd = fcntl(SD_LISTEN_FDS_START, F_DUPFD_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        r = hook_new(m, fd, ret);
        if (r < 0)
                return r;
        (void) TAKE_FD(fd);
        return 1;
}

size_t hook_connections(const Hook *hook) {
        return varlink_server_peers(hook->server);
}

size_t hook_subscribers(const Hook *hook) {
        return varlink_server_subscribers(hook->server);
}

void hook_refuse(void) {
        const int fd = SD_LISTEN_FDS_START;
        int flags, peer;

        if (sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) <= 0)
                return;
        flags = fcntl(fd, F_GETFL);
        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
                return;
        while ((peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
                (void) close(peer);
}

Hook *hook_free(Hook *hook) {
        if (!hook)
                return NULL;
        varlink_server_free(hook->server);
        free(hook->filter);
        free(hook);
        return NULL;
}
