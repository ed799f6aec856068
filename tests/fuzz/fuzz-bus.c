/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Any calls to the service over a bus that is played here: any member, arguments of any types
 * and values, from several callers that come and go, while leases come and go.  Each call gets one
 * reply at most, of the kind that the interface's description says; none gets none but one that
 * waits, or whose caller left.
 *
 * The input: how the bus answers the service; then steps: a call, a change of the leases, or a
 * caller that leaves.  The service's bus is the one that its environment names, so that all of it runs but
 * its main().
 */

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "service/bus.h"
#include "service/log.h"
#include "service/object.h"
#include "util/protocol.h"
#include "values.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS_MAX 64U
#define CALLERS 4U

#define PROPERTIES "org.freedesktop.DBus.Properties"
#define LOG_PATH "/org/freedesktop/LogControl1"
#define LOG_INTERFACE "org.freedesktop.LogControl1"
#define WAIT_MEMBER "WaitForHostname"

typedef struct Member {
        const char *path, *interface, *name;
        const char *arguments;
        const char *result; /* NULL: there is no such method */
} Member;

static const Member members[] = {
        { SERVICE_PATH, SERVICE_INTERFACE, "ResolveHostname", "isit", "a(iiay)st" },
        { SERVICE_PATH, SERVICE_INTERFACE, "ResolveAddress", "iiayt", "a(is)t" },
        { SERVICE_PATH, SERVICE_INTERFACE, WAIT_MEMBER, "isitt", "a(iiay)st" },
        { SERVICE_PATH, SERVICE_INTERFACE, "ListLeases", "t", "aa{sv}" },
        { SERVICE_PATH, SERVICE_INTERFACE, "ListNetworks", "", "aa{sv}" },
        { SERVICE_PATH, SERVICE_INTERFACE, "Reload", "", "" },
        { SERVICE_PATH, SERVICE_INTERFACE, "ResetStatistics", "", "" },
        { SERVICE_PATH, SERVICE_INTERFACE, "LeaseAdded", "a{sv}", NULL },
        { SERVICE_PATH, NULL, "ResolveHostname", "isit", "a(iiay)st" },
        { SERVICE_PATH, PROPERTIES, "Get", "ss", "v" },
        { SERVICE_PATH, PROPERTIES, "GetAll", "s", "a{sv}" },
        { SERVICE_PATH, PROPERTIES, "Set", "ssv", "" },
        { SERVICE_PATH, "org.freedesktop.DBus.Introspectable", "Introspect", "", "s" },
        { SERVICE_PATH, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "", "a{oa{sa{sv}}}" },
        { SERVICE_PATH, "org.freedesktop.DBus.Peer", "Ping", "", "" },
        { SERVICE_PATH, "org.freedesktop.DBus.Peer", "GetMachineId", "", "s" },
        { SERVICE_PATH, "org.example.Other", "ResolveHostname", "isit", NULL },
        { "/org/libvirt", SERVICE_INTERFACE, "ResolveHostname", "isit", NULL },
        { "/", "org.freedesktop.DBus.Introspectable", "Introspect", "", "s" },
        { LOG_PATH, PROPERTIES, "Get", "ss", "v" },
        { LOG_PATH, PROPERTIES, "GetAll", "s", "a{sv}" },
        { LOG_PATH, PROPERTIES, "Set", "ssv", "" },
};

/* Of the interface's description, and of any object's members that D-Bus itself has. */
static const char *const errors[] = {
        SERVICE_ERROR_NO_SUCH_NAME,
        SERVICE_ERROR_NO_SUCH_ADDRESS,
        SERVICE_ERROR_NO_DATA,
        SERVICE_ERROR_NAME_REFUSED,
        SERVICE_ERROR_TIMED_OUT,
        SERVICE_ERROR_LEASES_UNAVAILABLE,
        SD_BUS_ERROR_INVALID_ARGS,
        SD_BUS_ERROR_LIMITS_EXCEEDED,
        SD_BUS_ERROR_UNKNOWN_METHOD,
        SD_BUS_ERROR_UNKNOWN_OBJECT,
        SD_BUS_ERROR_UNKNOWN_INTERFACE,
        SD_BUS_ERROR_UNKNOWN_PROPERTY,
        SD_BUS_ERROR_PROPERTY_READ_ONLY,
};

/* What virbr0.status has by turns, NULL: there is no lease directory.  The first of them between inputs. */
#define LEASES_FULL \
        "[{\"hostname\":\"web1\",\"ip-address\":\"10.0.0.1\",\"mac-address\":\"52:54:00:00:00:01\"," \
        "\"expiry-time\":0}," \
        "{\"hostname\":\"web1\",\"ip-address\":\"fd00::1\",\"mac-address\":\"52:54:00:00:00:01\"," \
        "\"client-id\":\"01:02\"}," \
        "{\"hostname\":\"other\",\"ip-address\":\"10.0.0.5\",\"mac-address\":\"52:54:00:00:00:05\"}," \
        "{\"hostname\":\"old\",\"ip-address\":\"10.0.0.3\",\"expiry-time\":5}," \
        "{\"hostname\":\"github.com\",\"ip-address\":\"10.0.0.4\",\"expiry-time\":7000000000}," \
        "{\"hostname\":\"a.lab.example\",\"ip-address\":\"fe80::2\",\"mac-address\":\"52:54:00:00:00:02\"}]"
#define LEASES_DB \
        "[{\"hostname\":\"web1\",\"ip-address\":\"10.0.0.1\",\"mac-address\":\"52:54:00:00:00:01\"," \
        "\"expiry-time\":0}," \
        "{\"hostname\":\"db\",\"ip-address\":\"10.0.0.2\",\"mac-address\":\"52:54:00:00:00:03\"," \
        "\"expiry-time\":7000000000}]"

static const char *const leases[] = { LEASES_FULL, LEASES_DB, "[{\"hostname\":\"cut", NULL };
static const char macs[] = "[{\"domain\":\"vm-app\",\"macs\":[\"52:54:00:00:00:02\"]},"
                           "{\"domain\":\"web1\",\"macs\":[\"52:54:00:00:00:01\",\"52:54:00:00:00:05\"]},"
                           "{\"domain\":\"Web Server\",\"macs\":[\"52:54:00:00:00:03\","
                           "\"52:54:00:00:00:04\"]}]";

/* ---- the bus ---- */

typedef struct Call {
        uint64_t cookie;
        const Member *member;
        unsigned caller;
        bool of_contract; /* its arguments are those that the member takes */
} Call;

static struct {
        sd_bus *bus; /* with the service at its other end */
        Call calls[STEPS_MAX];
        size_t n_calls;      /* that wait for a reply */
        bool there[CALLERS]; /* as far as the service was told */
        size_t n_matches;    /* that the service asked for, given or not, and didn't take back */
        uint8_t uid_answer, match_answer;
} broker;

static const char *const caller_names[CALLERS] = { ":1.2", ":1.3", ":1.40", ":1.500" };

static void reply_uid(sd_bus_message *call) {
        const char *name;

        assert(sd_bus_message_read(call, "s", &name) >= 0);
        for (unsigned i = 0; i < CALLERS; i++)
                if (strcmp(name, caller_names[i]) == 0 && broker.uid_answer == 1)
                        broker.there[i] = false;
        if (broker.uid_answer == 0)
                assert(sd_bus_reply_method_return(call, "u", 1000) >= 0);
        else if (broker.uid_answer == 1)
                assert(sd_bus_reply_method_errorf(call, SD_BUS_ERROR_NAME_HAS_NO_OWNER, "gone") >= 0);
}

static void reply_match(sd_bus_message *call) {
        broker.n_matches++;
        if (broker.match_answer == 0)
                assert(sd_bus_reply_method_return(call, NULL) >= 0);
        else
                assert(sd_bus_reply_method_errorf(call, SD_BUS_ERROR_LIMITS_EXCEEDED, "too many") >= 0);
}

/* What the service asks of the bus. */
static void answer_service(sd_bus_message *call) {
        assert(strcmp(sd_bus_message_get_destination(call), "org.freedesktop.DBus") == 0);
        if (sd_bus_message_is_method_call(call, NULL, "Hello"))
                assert(sd_bus_reply_method_return(call, "s", ":1.1") >= 0);
        else if (sd_bus_message_is_method_call(call, NULL, "RequestName"))
                assert(sd_bus_reply_method_return(call, "u", 1) >= 0);
        else if (sd_bus_message_is_method_call(call, NULL, "GetConnectionUnixUser"))
                reply_uid(call);
        else if (sd_bus_message_is_method_call(call, NULL, "AddMatch"))
                reply_match(call);
        else {
                assert(sd_bus_message_is_method_call(call, NULL, "RemoveMatch") && broker.n_matches > 0);
                broker.n_matches--;
        }
}

static bool error_is_known(const sd_bus_error *e) {
        for (size_t i = 0; i < ELEMENTS(errors); i++)
                if (strcmp(e->name, errors[i]) == 0)
                        return true;
        (void) fprintf(stderr, "%s: %s\n", e->name, e->message);
        return false;
}

static void call_remove(Call *call) {
        *call = broker.calls[--broker.n_calls];
}

static void check_reply(sd_bus_message *reply) {
        const sd_bus_error *e = sd_bus_message_get_error(reply);
        uint64_t cookie;
        Call *call = broker.calls;

        assert(sd_bus_message_get_reply_cookie(reply, &cookie) >= 0);
        while (call < broker.calls + broker.n_calls && call->cookie != cookie)
                call++;
        assert(call < broker.calls + broker.n_calls);
        assert(strcmp(sd_bus_message_get_destination(reply), caller_names[call->caller]) == 0);
        if (e)
                assert(error_is_known(e));
        else
                assert(call->of_contract && call->member->result &&
                       sd_bus_message_has_signature(reply, call->member->result));
        call_remove(call);
}

static void check_signal(sd_bus_message *signal) {
        assert(sd_bus_message_is_signal(signal, SERVICE_INTERFACE, "AddressAdded") ||
               sd_bus_message_is_signal(signal, SERVICE_INTERFACE, "AddressRemoved") ||
               sd_bus_message_is_signal(signal, SERVICE_INTERFACE, "AddressChanged") ||
               sd_bus_message_is_signal(signal, SERVICE_INTERFACE, "LeaseAdded") ||
               sd_bus_message_is_signal(signal, SERVICE_INTERFACE, "LeaseRemoved") ||
               sd_bus_message_is_signal(signal, SERVICE_INTERFACE, "LeaseChanged"));
        assert(sd_bus_message_has_signature(signal, "a{sv}"));
}

static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        if (sd_bus_message_is_method_call(message, NULL, NULL))
                answer_service(message);
        else if (sd_bus_message_is_signal(message, NULL, NULL))
                check_signal(message);
        else
                check_reply(message);
        return 1;
}

/* ---- the service ---- */

static sd_event *event;
static Manager *manager;
static BusLink *bus_link;
static char directory[] = "/tmp/libvirt-resolve.XXXXXX";
static size_t leases_now;

typedef struct Path {
        char text[64];
} Path;

static Path path_of(const char *name) {
        Path p;

        (void) snprintf(p.text, sizeof(p.text), "%s/%s", directory, name);
        return p;
}

static void move(const char *from, const char *to) {
        assert(rename(path_of(from).text, path_of(to).text) == 0);
}

static void write_file(const char *name, const char *text) {
        _cleanup_(closep) int fd = open(path_of("new").text, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t) strlen(text));
        move("new", name);
}

static void write_leases(size_t which) {
        if (which == leases_now)
                return;
        if (!leases[leases_now])
                move("aside", "leases");
        if (leases[which])
                write_file("leases/virbr0.status", leases[which]);
        else
                move("leases", "aside");
        leases_now = which;
}

static void remove_files(void) {
        static const char *const files[] = { "leases/virbr0.status", "leases/virbr0.macs", INDEX_FILE_NAME };

        write_leases(0);
        for (size_t i = 0; i < ELEMENTS(files); i++)
                (void) unlink(path_of(files[i]).text);
        (void) rmdir(path_of("leases").text);
        (void) rmdir(directory);
}

static void on_ready(Manager *m) {
        manager_start(m);
}

static void settle(void) {
        bool more;

        do {
                more = sd_event_run(event, 0) > 0;
                for (int r; (r = sd_bus_process(broker.bus, NULL)) != 0; more = true)
                        assert(r > 0);
        } while (more);
}

/* Where the bus that the environment now names listens. */
static int bus_socket(void) {
        struct sockaddr_un a = { .sun_family = AF_UNIX };
        socklen_t size = sizeof(a);
        char address[64];
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert(fd >= 0 && bind(fd, (struct sockaddr *) &a, sizeof(sa_family_t)) == 0 && listen(fd, 1) == 0);
        assert(getsockname(fd, (struct sockaddr *) &a, &size) == 0);
        (void) snprintf(address, sizeof(address), "unix:abstract=%.*s",
                        (int) (size - offsetof(struct sockaddr_un, sun_path) - 1), a.sun_path + 1);
        assert(setenv("DBUS_SYSTEM_BUS_ADDRESS", address, true) == 0);
        return fd;
}

static void start_bus(int fd) {
        int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        assert(peer >= 0 && sd_bus_new(&broker.bus) >= 0 && sd_bus_set_fd(broker.bus, peer, peer) >= 0);
        assert(sd_bus_set_server(broker.bus, true, (sd_id128_t) { .qwords = { 1, 2 } }) >= 0);
        assert(sd_bus_negotiate_fds(broker.bus, true) >= 0);
        assert(sd_bus_add_filter(broker.bus, NULL, on_message, NULL) >= 0 && sd_bus_start(broker.bus) >= 0);
}

static void start(void) {
        _cleanup_(closep) int fd = bus_socket();
        NamePolicy policy = { .reverse = true };

        log_set_level(0);
        assert(mkdtemp(directory) && mkdir(path_of("leases").text, 0755) == 0 && atexit(remove_files) == 0);
        write_file("leases/virbr0.macs", macs);
        write_file("leases/virbr0.status", leases[0]);
        assert(policy_add_suffix(&policy, "lab.example") == 0 && policy_add_denied(&policy, "puppet") == 0);

        assert(sd_event_new(&event) >= 0 &&
                        manager_new(event, path_of("leases").text, directory, &policy, &manager) == 0);
        manager->changed = object_report_changes;
        assert(object_setup(manager) == 0 && bus_link_new(manager, on_ready, &bus_link) == 0);
        start_bus(fd);
        settle();
        assert(manager->catalog && manager->catalog->n_leases == 6);
}

/* ---- steps ---- */

/* What sd-bus answers itself may have more arguments, which it ignores. */
static bool arguments_are_good(const Member *member, const char *arguments) {
        bool own = !member->interface || strncmp(member->interface, "org.freedesktop.DBus.", 21) != 0;

        return own ? strcmp(arguments, member->arguments) == 0 :
                     strncmp(arguments, member->arguments, strlen(member->arguments)) == 0;
}

static void step_call(Input *in) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL;
        const Member *member = members + input_byte(in) % ELEMENTS(members);
        uint8_t how = input_byte(in);
        unsigned caller = how % CALLERS;
        char signature[SIGNATURE_SIZE];
        const char *arguments = how & 64 ? values_choose_signature(in, signature) : member->arguments;
        uint64_t cookie;

        assert(sd_bus_message_new_method_call(broker.bus, &message, SERVICE_NAME, member->path,
                        member->interface,
                               member->name) >= 0);
        assert(sd_bus_message_set_sender(message, caller_names[caller]) >= 0);
        assert(sd_bus_message_set_expect_reply(message, !(how & 128)) >= 0);
        values_append(message, arguments, in);

        broker.there[caller] = true;
        assert(sd_bus_send(broker.bus, message, how & 128 ? NULL : &cookie) >= 0);
        if (!(how & 128))
                broker.calls[broker.n_calls++] =
                                (Call) { cookie, member, caller, arguments_are_good(member, arguments) };
}

static void step_leave(unsigned caller) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *signal = NULL;

        broker.there[caller] = false;
        assert(sd_bus_message_new_signal(broker.bus, &signal, "/org/freedesktop/DBus", "org.freedesktop.DBus",
                               "NameOwnerChanged") >= 0);
        assert(sd_bus_message_set_sender(signal, "org.freedesktop.DBus") >= 0);
        assert(sd_bus_message_append(signal, "sss", caller_names[caller], caller_names[caller], "") >= 0);
        assert(sd_bus_send(broker.bus, signal, NULL) >= 0);
}

/* What may still be without a reply: calls that wait.  Nobody is watched who doesn't. */
static void check_calls(void) {
        for (size_t i = broker.n_calls; i-- > 0;) {
                Call *call = broker.calls + i;

                assert(call->of_contract && strcmp(call->member->name, WAIT_MEMBER) == 0);
                if (!broker.there[call->caller])
                        call_remove(call);
        }
        assert(broker.n_calls <= waits_count(manager->waits));
        assert(broker.n_matches == 0 || waits_count(manager->waits) > 0);
}

static void step(Input *in) {
        uint8_t what = input_byte(in);

        switch (what % 8) {
        case 6:
                write_leases(what / 8 % ELEMENTS(leases));
                break;
        case 7:
                step_leave(what / 8 % CALLERS);
                break;
        default:
                step_call(in);
        }
        settle();
        check_calls();
}

static size_t count_descriptors(void) {
        DIR *d = opendir("/proc/self/fd");
        size_t n = 0;

        assert(d);
        while (readdir(d))
                n++;
        closedir(d);
        return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Input input = { data, size };
        uint8_t what = input_byte(&input);
        size_t n_descriptors;

        if (!manager)
                start();
        n_descriptors = count_descriptors();
        broker.uid_answer = what % 3;
        broker.match_answer = what / 3 % 2;

        for (size_t i = 0; i < STEPS_MAX && input.size > 0; i++)
                step(&input);

        for (unsigned i = 0; i < CALLERS; i++)
                if (broker.there[i])
                        step_leave(i);
        settle();
        check_calls();
        assert(broker.n_calls == 0 && waits_count(manager->waits) == 0);

        write_leases(0);
        log_set_level(0);
        assert(manager_refresh(manager) == 0);
        settle();
        assert(sd_bus_is_ready(manager->bus) > 0 && count_descriptors() == n_descriptors);
        return 0;
}
