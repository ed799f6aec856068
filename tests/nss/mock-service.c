/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A service org.libvirt.Resolve1 that behaves as the name that it is asked for says: well,
 * badly, or not at all.  Prints a line when it is on the bus.
 */

#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

static unsigned calls;

typedef struct Address {
        const char *text;
        int ifindex;
} Address;

typedef struct Host {
        const char *name, *canonical;
        Address addresses[5];
} Host;

static const Host hosts[] = {
        { "web1", "Web1", { { "192.168.122.10", 3 }, { "fd00:122::10", 3 } } },
        { "scoped", "scoped", { { "fe80::10", 7 } } },
        { "v6only", "v6only", { { "fd00:122::11", 3 } } },
        { "other-name", "example.com", { { "192.168.122.11", 3 } } },
        { "reserved", "localhost", { { "192.168.122.11", 3 } } },
        { "no-guests", "no-guests",
          { { "127.0.0.1", 1 }, { "224.0.0.1", 3 }, { "::1", 1 }, { "0.0.0.0", 3 } } },
        { "some-guests", "some-guests", { { "127.0.0.1", 1 }, { "192.168.122.12", -3 }, { "ff02::1", 3 } } },
        { "none", "none", { { NULL, 0 } } },
};

static int append_address(sd_bus_message *m, int ifindex, int family, const void *bytes, size_t length) {
        int r;

        r = sd_bus_message_open_container(m, 'r', "iiay");
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "ii", ifindex, family);
        if (r < 0)
                return r;
        r = sd_bus_message_append_array(m, 'y', bytes, length);
        if (r < 0)
                return r;
        return sd_bus_message_close_container(m);
}

static int append_text(sd_bus_message *m, const Address *a) {
        uint8_t bytes[16];

        if (inet_pton(AF_INET, a->text, bytes) == 1)
                return append_address(m, a->ifindex, AF_INET, bytes, 4);
        inet_pton(AF_INET6, a->text, bytes);
        return append_address(m, a->ifindex, AF_INET6, bytes, 16);
}

static int append_host(sd_bus_message *m, const void *userdata) {
        const Host *host = userdata;
        int r = 0;

        for (const Address *a = host->addresses; a->text && r >= 0; a++)
                r = append_text(m, a);
        return r;
}

static int append_bytes(sd_bus_message *m, const void *userdata) {
        return append_address(m, 3, AF_INET, userdata, 4);
}

/* As many as are said. */
static int append_many(sd_bus_message *m, const void *userdata) {
        unsigned n = *(const unsigned *) userdata;
        int r = 0;

        for (unsigned i = 0; i < n && r >= 0; i++)
                r = append_address(m, 3, AF_INET, (uint8_t[]) { 10, 0, i / 256, i % 256 }, 4);
        return r;
}

/* Addresses of lengths and families that don't exist. */
static int append_odd(sd_bus_message *m, const void *userdata) {
        static const uint8_t bytes[20] = { 192, 168, 122, 10 };
        static const struct {
                int family;
                size_t length;
        } odd[] = { { AF_INET, 0 }, { AF_INET, 3 }, { AF_INET, 16 }, { AF_INET6, 4 }, { AF_INET6, 20 },
                { AF_UNIX, 4 }, { -1, 16 }, { AF_UNSPEC, 4 } };
        int r = 0;

        for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]) && r >= 0; i++)
                r = append_address(m, 3, odd[i].family, bytes, odd[i].length);
        return r;
}

static int reply_addresses(sd_bus_message *call, int (*append)(sd_bus_message *, const void *),
                const void *userdata, const char *canonical) {
        sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_return(call, &m);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "(iiay)");
        if (r >= 0)
                r = append(m, userdata);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        if (r >= 0)
                r = sd_bus_message_append(m, "st", canonical, UINT64_C(1));
        if (r >= 0)
                r = sd_bus_send(NULL, m, NULL);
        sd_bus_message_unref(m);
        return r < 0 ? r : 1;
}

static int reply_error(sd_bus_message *call, const char *name) {
        return sd_bus_reply_method_errorf(call, name, "as it was told to");
}

/* As long as the environment names a file that is there; takes it away. */
static bool fuse_blows(void) {
        const char *fuse = getenv("MOCK_FUSE");

        return fuse && unlink(fuse) == 0;
}

static int resolve_hostname(sd_bus_message *call) {
        const char *name, *freeze = getenv("MOCK_FREEZE");
        int ifindex, family, r;
        uint64_t flags;

        r = sd_bus_message_read(call, "isit", &ifindex, &name, &family, &flags);
        if (r < 0)
                return r;
        if (strcmp(name, "calls") == 0)
                return reply_addresses(call, append_bytes,
                                (uint8_t[]) { 10, 0, (uint8_t) (calls / 256), (uint8_t) calls }, name);
        calls++;

        /* That error; once; four times of five. */
        if (strncmp(name, "error.", 6) == 0)
                return reply_error(call, name + 6);
        if (strncmp(name, "once.", 5) == 0)
                return fuse_blows() ? reply_error(call, name + 5) : reply_addresses(call, append_host,
                                &hosts[0], name);
        if (strncmp(name, "passing.", 8) == 0)
                return calls % 5 != 0 ? reply_error(call, name + 8)
                                      : reply_addresses(call, append_host, &hosts[0], name);
        if (strcmp(name, "hang") == 0)
                return 1;
        if (strcmp(name, "freeze-bus") == 0 && freeze)
                return kill(atoi(freeze), SIGSTOP) == 0;
        if (strcmp(name, "die-once") == 0) {
                if (fuse_blows())
                        _exit(1);
                return reply_addresses(call, append_host, &hosts[0], name);
        }
        if (strcmp(name, "signature") == 0)
                return sd_bus_reply_method_return(call, "as", 2, "web1", "web2");
        if (strcmp(name, "empty") == 0)
                return sd_bus_reply_method_return(call, NULL);
        if (strcmp(name, "thousand") == 0)
                return reply_addresses(call, append_many, &(unsigned) { 1000 }, name);
        if (strcmp(name, "flood") == 0)
                return reply_addresses(call, append_many, &(unsigned) { 4097 }, name);
        if (strcmp(name, "odd") == 0)
                return reply_addresses(call, append_odd, NULL, name);
        if (strcmp(name, "question") == 0)
                return reply_addresses(call, append_bytes,
                                (uint8_t[]) { 10, (uint8_t) ifindex, (uint8_t) family, (uint8_t) flags },
                                name);
        for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
                if (strcmp(name, hosts[i].name) == 0)
                        return reply_addresses(call, append_host, &hosts[i], hosts[i].canonical);
        return reply_error(call, "org.libvirt.Resolve1.NoSuchName");
}

/* The names of an address, n of them no names. */
static int reply_names(sd_bus_message *call, unsigned n, const char *name) {
        sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_method_return(call, &m);
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'a', "(is)");
        for (unsigned i = 0; i < n && r >= 0; i++)
                r = sd_bus_message_append(m, "(is)", 3, "-bad");
        if (r >= 0)
                r = sd_bus_message_append(m, "(is)", 3, name);
        if (r >= 0)
                r = sd_bus_message_close_container(m);
        if (r >= 0)
                r = sd_bus_message_append(m, "t", UINT64_C(1));
        if (r >= 0)
                r = sd_bus_send(NULL, m, NULL);
        sd_bus_message_unref(m);
        return r < 0 ? r : 1;
}

static int resolve_address(sd_bus_message *call) {
        const uint8_t *address;
        int ifindex, family, r;
        size_t length;

        r = sd_bus_message_read(call, "ii", &ifindex, &family);
        if (r >= 0)
                r = sd_bus_message_read_array(call, 'y', (const void **) &address, &length);
        if (r < 0)
                return r;
        if (length == 4 && address[3] == 10)
                return sd_bus_reply_method_return(call, "a(is)t", 1, 3, "Web1", UINT64_C(1));
        if (length == 4 && address[3] == 11)
                return sd_bus_reply_method_return(call, "a(is)t", 6, 3, "localhost", 3, "2130706433", 3,
                                "-bad", 3, "", 3,
                                "good", 3, "better.example", UINT64_C(1));
        if (length == 4 && address[3] == 12)
                return sd_bus_reply_method_return(call, "a(is)t", 0, UINT64_C(1));
        if (length == 4 && address[3] == 13)
                return sd_bus_reply_method_return(call, "as", 1, "web1");
        if (length == 4 && (address[3] == 14 || address[3] == 15))
                return reply_names(call, address[3] == 14 ? 4095 : 4096, "web1");
        if (length == 16)
                return sd_bus_reply_method_return(call, "a(is)t", 1, 3, "six", UINT64_C(1));
        return reply_error(call, "org.libvirt.Resolve1.NoSuchAddress");
}


/* Not by a vtable, which would hold the replies' signatures against its own. */
static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        if (sd_bus_message_is_method_call(message, "org.libvirt.Resolve1", "ResolveHostname"))
                return resolve_hostname(message);
        if (sd_bus_message_is_method_call(message, "org.libvirt.Resolve1", "ResolveAddress"))
                return resolve_address(message);
        return 0;
}

int main(void) {
        sd_bus *bus;
        int r;

        r = sd_bus_open_system(&bus);
        if (r >= 0)
                r = sd_bus_add_object(bus, NULL, "/org/libvirt/Resolve1", on_message, NULL);
        if (r >= 0)
                r = sd_bus_request_name(bus, "org.libvirt.Resolve1", 0);
        if (r < 0) {
                fprintf(stderr, "mock-service: %s\n", strerror(-r));
                return 1;
        }
        puts("ready");
        fflush(stdout);

        for (;;) {
                r = sd_bus_process(bus, NULL);
                if (r < 0)
                        return 0; /* the bus is gone */
                if (r == 0)
                        sd_bus_wait(bus, UINT64_MAX);
        }
}
