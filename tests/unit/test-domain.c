/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * XML of domains and networks, and what is stated of them.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <libmnl/libmnl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "domains/facts.h"
#include "helper/facts-file.h"
#include "unit.h"

#define UUID "6f1d8a52-0c3e-4f0b-9d77-1b2c3d4e5f60"
#define DOMAIN(name, devices) \
        "<domain type='kvm' " \
        "id='4'><name>" name "</name><uuid>" UUID "</uuid><devices>" devices "</devices></domain>"
#define MAC "<mac address='52:54:00:AA:00:01'/>"
#define TAP "<target dev='vnet4'/>"

/* ---- what the kernel says ---- */

static void take_link(Links *links, uint16_t type, int index, const char *name, int master,
                const char *kind) {
        _Alignas(struct nlmsghdr) char buffer[512];
        struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
        struct ifinfomsg *info;

        message->nlmsg_type = type;
        info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
        info->ifi_index = index;
        mnl_attr_put_strz(message, IFLA_IFNAME, name);
        if (master > 0)
                mnl_attr_put_u32(message, IFLA_MASTER, (uint32_t) master);
        if (kind) {
                struct nlattr *linkinfo = mnl_attr_nest_start(message, IFLA_LINKINFO);

                mnl_attr_put_strz(message, IFLA_INFO_KIND, kind);
                mnl_attr_nest_end(message, linkinfo);
        }
        ck_assert_int_eq(links_take(links, message), 0);
}

/* br0 and br1, an Open vSwitch, vnet4 on br0, vnet5 on no bridge, vnet6 on the switch. */
static void host_links(Links *links) {
        take_link(links, RTM_NEWLINK, 1, "lo", 0, NULL);
        take_link(links, RTM_NEWLINK, 2, "br0", 0, "bridge");
        take_link(links, RTM_NEWLINK, 3, "br1", 0, "bridge");
        take_link(links, RTM_NEWLINK, 4, "vnet4", 2, "tun");
        take_link(links, RTM_NEWLINK, 5, "vnet5", 0, "tun");
        take_link(links, RTM_NEWLINK, 6, "vnet6", 7, "tun");
        take_link(links, RTM_NEWLINK, 7, "ovs-system", 0, "openvswitch");
}

/* ---- domains ---- */

static Domain *parse(const char *xml, char problem[static DOMAIN_PROBLEM_SIZE]) {
        Domain *d = NULL;

        ck_assert_int_eq(domain_parse(xml, strlen(xml), &d, problem), 0);
        return d;
}

/* The facts of one domain as one line of JSON. */
static char *facts_text(const char *xml, char problem[static DOMAIN_PROBLEM_SIZE]) {
        Inventory inventory = { 0 };
        Links links = { 0 };
        json_t *facts;
        char *text;

        host_links(&links);
        ck_assert_int_eq(inventory_set_domain(&inventory, parse(xml, problem)), 0);
        facts = facts_of_domains(&inventory, &links);
        ck_assert_ptr_nonnull(facts);
        text = json_dumps(facts, JSON_PRESERVE_ORDER | JSON_COMPACT);
        json_decref(facts);
        inventory_clear(&inventory);
        links_done(&links);
        return text;
}

#define FACTS(name, rest) \
        "[{\"domain\":\"" name "\",\"uuid\":\"" UUID "\",\"mac-address\":\"52:54:00:aa:00:01\"," rest "}]"

static const struct {
        const char *xml, *facts, *problem;
} domains[] = {
        /* a network's NIC; the bridge is the one that the tap is on */
        { DOMAIN("web1", "<interface type='network'>" MAC
                         "<source network='default' portid='b1' bridge='virbr0'/>" TAP "</interface>"),
          FACTS("web1", "\"type\":\"network\",\"bridge\":\"br0\",\"tap\":\"vnet4\",\"network\":\"default\""),
          "" },
        /* a bridge's, on no bridge yet: what the XML says */
        { DOMAIN("web1", "<interface type='bridge'>" MAC "<source bridge='br9'/><target "
          "dev='vnet5'/></interface>"),
          FACTS("web1", "\"type\":\"bridge\",\"bridge\":\"br9\",\"tap\":\"vnet5\""), "" },
        /* what a script put on a bridge, and on something else */
        { DOMAIN("web1", "<interface type='ethernet'>" MAC TAP "</interface>"),
          FACTS("web1", "\"type\":\"ethernet\",\"bridge\":\"br0\",\"tap\":\"vnet4\""), "" },
        { DOMAIN("web1", "<interface type='ethernet'>" MAC "<target dev='vnet6'/></interface>"),
          FACTS("web1", "\"type\":\"ethernet\",\"tap\":\"vnet6\","
          "\"reason\":\"its tap is on no Linux bridge\""), "" },
        /* what can't be seen */
        { DOMAIN("web1", "<interface type='direct'>" MAC "<source dev='eth0' mode='bridge'/></interface>"),
          FACTS("web1", "\"type\":\"direct\",\"reason\":\"macvtap is on no bridge\""), "" },
        { DOMAIN("web1", "<interface type='network'>" MAC
                         "<source network='lan' portid='b1' dev='eth0' mode='bridge'/></interface>"),
          FACTS("web1", "\"type\":\"network\",\"network\":\"lan\",\"reason\":\"macvtap is on no bridge\""),
          "" },
        { DOMAIN("web1", "<interface type='bridge'>" MAC "<source bridge='ovsbr0'/>"
                         "<virtualport type='openvswitch'><parameters interfaceid='" UUID "'/></virtualport>"
                         "<target dev='vnet6'/></interface>"),
          FACTS("web1", "\"type\":\"bridge\",\"tap\":\"vnet6\","
          "\"reason\":\"Open vSwitch isn't a Linux bridge\""), "" },
        { DOMAIN("web1", "<interface type='hostdev' managed='yes'>" MAC "<driver name='vfio'/><source>"
                         "<address type='pci' domain='0x0000' bus='0x06' slot='0x10' "
                         "function='0x0'/></source></interface>"),
          FACTS("web1", "\"type\":\"hostdev\",\"reason\":\"a passed-through device is on no bridge\""), "" },
        { DOMAIN("web1", "<interface type='vhostuser'>" MAC
                         "<source type='unix' path='/run/vhost1.sock' mode='client'/></interface>"),
          FACTS("web1", "\"type\":\"vhostuser\",\"reason\":\"vhost-user is on no Linux bridge\""), "" },
        { DOMAIN("web1", "<interface type='vdpa'>" MAC "<source dev='/dev/vhost-vdpa-0'/></interface>"),
          FACTS("web1", "\"type\":\"vdpa\",\"reason\":\"a network card of this type is on no bridge\""), "" },
        /* passt: one port, a range, an excluded port, all ports, no port at all */
        { DOMAIN("web1", "<interface type='user'>" MAC "<backend type='passt'/>"
                         "<portForward proto='tcp' address='127.0.0.1'><range start='2222' "
                         "to='22'/></portForward>"
                         "<portForward proto='udp'><range start='5000' end='5002'/>"
                         "<range start='5001' exclude='yes'/></portForward>"
                         "<portForward proto='tcp'/>"
                         "<portForward proto='tcp'><range start='0'/><range start='65536'/><range start='9' "
                         "end='8'/>"
                         "<range start='x'/><range start='65000' end='65535' "
                         "to='65001'/></portForward></interface>"),
          FACTS("web1", "\"type\":\"user\","
          "\"reason\":\"user mode networking is behind an address of the host\","
                        "\"ports\":[{\"protocol\":\"tcp\",\"host\":2222,\"guest\":22,"
                        "\"address\":\"127.0.0.1\"},"
                        "{\"protocol\":\"udp\",\"host\":5000,\"guest\":5000},"
                        "{\"protocol\":\"udp\",\"host\":5002,\"guest\":5002}]"), "" },
        /* odd names */
        { DOMAIN("a&quot;b", "<interface type='ethernet'>" MAC TAP "</interface>"),
          FACTS("a\\\"b", "\"type\":\"ethernet\",\"bridge\":\"br0\",\"tap\":\"vnet4\""), "" },
        { DOMAIN("höhle", ""), "[{\"domain\":\"höhle\"}]", "" },
        { DOMAIN("../x", ""), "[{\"domain\":\"../x\"}]", "" },
        { DOMAIN("web1", "<disk type='file'/>"), "[{\"domain\":\"web1\"}]", "" },
        /* a tap that is gone takes its NIC with it */
        { DOMAIN("web1", "<interface type='bridge'>" MAC "<source bridge='br0'/><target "
          "dev='vnet9'/></interface>"),
          "[{\"domain\":\"web1\"}]", "" },
        /* bad NICs hide no others */
        { DOMAIN("web1", "<interface type='bridge'><mac address='what'/></interface>"
                         "<interface>" MAC "</interface>"
                         "<interface type='far-too-long-for-a-type'>" MAC "</interface>"
                         "<interface type='ethernet'>" MAC TAP "</interface>"),
          FACTS("web1", "\"type\":\"ethernet\",\"bridge\":\"br0\",\"tap\":\"vnet4\""),
          "network card 0: \"mac\": expected a MAC address; ignored" },
        /* an interface's name that no interface can have */
        { DOMAIN("web1", "<interface type='ethernet'>" MAC "<target dev='sixteen-letters!'/></interface>"),
          FACTS("web1", "\"type\":\"ethernet\""), "" },
};

START_TEST(domain_is_stated) {
        char problem[DOMAIN_PROBLEM_SIZE], *text = facts_text(domains[_i].xml, problem);

        ck_assert_str_eq(text, domains[_i].facts);
        ck_assert_str_eq(problem, domains[_i].problem);
        free(text);
}
END_TEST

static const char *const damaged[] = {
        "",
        "<domain",
        "<domain id='1'><name>a</name></domain>",
        "<domain id='1'><uuid>" UUID "</uuid></domain>",
        "<domain id='1'><name/><uuid>" UUID "</uuid></domain>",
        "<network><name>a</name><uuid>" UUID "</uuid></network>",
        "<domain id='1'><name>\xff</name><uuid>" UUID "</uuid></domain>",
        "<domain id='1'><name>a&#1;</name><uuid>" UUID "</uuid></domain>",
        "<!DOCTYPE domain [<!ENTITY n 'evil'>]><domain id='1'><name>&n;</name><uuid>" UUID "</uuid></domain>",
        "<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain "
        "id='1'><name>a</name><uuid>" UUID "</uuid></domain>",
        "<domain id='1'><name>&n;</name><uuid>" UUID "</uuid></domain>",
};

START_TEST(damaged_domain_is_refused) {
        char problem[DOMAIN_PROBLEM_SIZE];
        Domain *d = NULL;

        ck_assert_int_eq(domain_parse(damaged[_i], strlen(damaged[_i]), &d, problem), -EBADMSG);
        ck_assert_ptr_null(d);
}
END_TEST

START_TEST(name_has_a_limit) {
        char problem[DOMAIN_PROBLEM_SIZE], name[NAME_LENGTH_MAX + 2], xml[1024];
        Domain *d = NULL;

        memset(name, 'n', sizeof(name));
        name[NAME_LENGTH_MAX + 1] = '\0';
        (void) snprintf(xml, sizeof(xml), "<domain id='1'><name>%s</name><uuid>" UUID "</uuid></domain>",
                        name + 1);
        ck_assert_int_eq(domain_parse(xml, strlen(xml), &d, problem), 0);
        ck_assert_str_eq(d->name, name + 1);
        d = domain_free(d);
        (void) snprintf(xml, sizeof(xml), "<domain id='1'><name>%s</name><uuid>" UUID "</uuid></domain>",
                        name);
        ck_assert_int_eq(domain_parse(xml, strlen(xml), &d, problem), -EBADMSG);
}
END_TEST

START_TEST(nics_and_ports_have_limits) {
        char problem[DOMAIN_PROBLEM_SIZE], *xml = NULL;
        size_t size;
        FILE *f = open_memstream(&xml, &size);
        Domain *d;

        fputs("<domain id='1'><name>a</name><uuid>" UUID "</uuid><devices>", f);
        for (unsigned i = 0; i < DOMAIN_NICS_MAX + 1; i++)
                fputs("<interface type='user'>" MAC "<portForward proto='tcp'><range start='1' end='65535'/>"
                      "</portForward></interface>", f);
        fputs("</devices></domain>", f);
        fclose(f);
        d = parse(xml, problem);
        ck_assert_uint_eq(d->n_nics, DOMAIN_NICS_MAX);
        ck_assert_uint_eq(d->nics[0].n_ports, NIC_PORTS_MAX);
        ck_assert_str_eq(problem, "network card 64: more than a domain may have; ignored");
        domain_free(d);
        free(xml);
}
END_TEST

START_TEST(size_has_a_limit) {
        char problem[DOMAIN_PROBLEM_SIZE], *xml = malloc(DOMAIN_XML_SIZE_MAX + 1);
        Domain *d = NULL;

        ck_assert_ptr_nonnull(xml);
        memset(xml, ' ', DOMAIN_XML_SIZE_MAX + 1);
        ck_assert_int_eq(domain_parse(xml, DOMAIN_XML_SIZE_MAX + 1, &d, problem), -EFBIG);
        free(xml);
}
END_TEST

START_TEST(inactive_domain_does_not_run) {
        static const char xml[] = "<domain type='kvm'><name>a</name><uuid>" UUID "</uuid></domain>";
        char problem[DOMAIN_PROBLEM_SIZE];
        Domain *d = parse(xml, problem);

        ck_assert(!d->running);
        domain_free(d);
}
END_TEST

/* ---- networks ---- */

static const struct {
        const char *xml;
        int result;
        const char *facts;
} networks[] = {
        { "<network><name>default</name><bridge name='virbr0' stp='on'/><domain name='a.lab' "
          "localOnly='yes'/></network>",
          0, "[{\"network\":\"default\",\"bridge\":\"virbr0\",\"domain\":\"a.lab\"}]" },
        { "<network><name>lan</name><forward mode='bridge'/></network>", 0, "[{\"network\":\"lan\"}]" },
        { "<network><bridge name='virbr0'/></network>", -EBADMSG, NULL },
        { "<domain><name>a</name></domain>", -EBADMSG, NULL },
};

START_TEST(network_is_stated) {
        Inventory inventory = { 0 };
        Network network;
        json_t *facts;
        char *text;

        ck_assert_int_eq(network_parse(networks[_i].xml, strlen(networks[_i].xml), &network),
                        networks[_i].result);
        if (networks[_i].result < 0)
                return;
        ck_assert_int_eq(inventory_add_network(&inventory, &network), 0);
        facts = facts_of_networks(&inventory);
        text = json_dumps(facts, JSON_PRESERVE_ORDER | JSON_COMPACT);
        ck_assert_str_eq(text, networks[_i].facts);
        free(text);
        json_decref(facts);
        inventory_clear(&inventory);
}
END_TEST

/* ---- links and the inventory ---- */

static Domain *domain_on(const char *name, const char *uuid_end, const char *tap) {
        char problem[DOMAIN_PROBLEM_SIZE], xml[1024];

        (void) snprintf(xml, sizeof(xml),
                        "<domain "
                        "id='1'><name>%s</name><uuid>6f1d8a52-0c3e-4f0b-9d77-1b2c3d4e5f%s</uuid><devices>"
                        "<interface type='bridge'>" MAC "<source bridge='br0'/><target dev='%s'/></interface>"
                        "</devices></domain>", name, uuid_end, tap);
        return parse(xml, problem);
}

START_TEST(links_follow_the_kernel) {
        Links links = { 0 };

        host_links(&links);
        ck_assert(links.changed);
        links.changed = false;
        take_link(&links, RTM_NEWLINK, 4, "vnet4", 2, "tun");
        ck_assert(!links.changed);
        take_link(&links, RTM_NEWLINK, 4, "vnet4", 3, "tun");
        ck_assert(links.changed);
        ck_assert_str_eq(links_master(&links, links_find(&links, "vnet4"))->name, "br1");
        links.changed = false;
        take_link(&links, RTM_NEWLINK, 4, "other", 3, "tun");
        ck_assert(links.changed);
        take_link(&links, RTM_NEWLINK, 4, "other", 0, "tun");
        ck_assert_ptr_null(links_find(&links, "vnet4"));
        ck_assert_ptr_null(links_master(&links, links_find(&links, "other")));
        take_link(&links, RTM_DELLINK, 4, "other", 0, "tun");
        ck_assert_ptr_null(links_find(&links, "other"));
        ck_assert_ptr_nonnull(links_find(&links, "vnet6"));
        links_done(&links);
}
END_TEST

/* That a port left its bridge is told by RTM_DELLINK, too, of the family AF_BRIDGE. */
START_TEST(bridges_own_messages_remove_no_link) {
        _Alignas(struct nlmsghdr) char buffer[512];
        struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
        struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
        Links links = { 0 };

        host_links(&links);
        message->nlmsg_type = RTM_DELLINK;
        info->ifi_family = AF_BRIDGE;
        info->ifi_index = 4;
        ck_assert_int_eq(links_take(&links, message), 0);
        ck_assert_ptr_nonnull(links_find(&links, "vnet4"));
        links_done(&links);
}
END_TEST

START_TEST(short_message_is_ignored) {
        _Alignas(struct nlmsghdr) char buffer[512];
        struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
        Links links = { 0 };

        message->nlmsg_type = RTM_NEWLINK;
        ck_assert_int_eq(links_take(&links, message), 0);
        ck_assert_uint_eq(links.n_links, 0);
}
END_TEST

START_TEST(inventory_is_sorted_and_replaced) {
        Inventory inventory = { 0 };

        ck_assert_int_eq(inventory_set_domain(&inventory, domain_on("b", "01", "vnet4")), 0);
        ck_assert_int_eq(inventory_set_domain(&inventory, domain_on("a", "02", "vnet5")), 0);
        ck_assert_int_eq(inventory_set_domain(&inventory, domain_on("c", "01", "vnet4")), 0);
        ck_assert_uint_eq(inventory.n_domains, 2);
        ck_assert_str_eq(inventory.domains[0]->name, "a");
        ck_assert_str_eq(inventory.domains[1]->name, "c");
        inventory_remove_domain(&inventory, inventory.domains[0]->uuid);
        ck_assert_uint_eq(inventory.n_domains, 1);
        ck_assert_str_eq(inventory.domains[0]->name, "c");
        inventory_clear(&inventory);
}
END_TEST

START_TEST(without_libvirt_a_vanished_tap_ends_its_domain) {
        Inventory inventory = { 0 };
        Links links = { 0 };

        host_links(&links);
        ck_assert_int_eq(inventory_set_domain(&inventory, domain_on("a", "01", "vnet4")), 0);
        ck_assert_int_eq(inventory_set_domain(&inventory, domain_on("b", "02", "vnet5")), 0);
        inventory_prune(&inventory, &links);
        ck_assert_uint_eq(inventory.n_domains, 2);
        take_link(&links, RTM_DELLINK, 4, "vnet4", 2, "tun");
        inventory_prune(&inventory, &links);
        ck_assert_uint_eq(inventory.n_domains, 1);
        ck_assert_str_eq(inventory.domains[0]->name, "b");
        inventory_clear(&inventory);
        links_done(&links);
}
END_TEST

START_TEST(moved_tap_is_noticed_once) {
        Inventory inventory = { 0 };
        Links links = { 0 };

        host_links(&links);
        ck_assert_int_eq(inventory_set_domain(&inventory, domain_on("a", "01", "vnet4")), 0);
        ck_assert_ptr_null(inventory_next_moved(&inventory, &links));
        take_link(&links, RTM_NEWLINK, 4, "vnet4", 3, "tun");
        ck_assert_ptr_eq(inventory_next_moved(&inventory, &links), inventory.domains[0]);
        ck_assert_ptr_null(inventory_next_moved(&inventory, &links));
        inventory_clear(&inventory);
        links_done(&links);
}
END_TEST

/* ---- the files ---- */

START_TEST(file_is_replaced_and_readable) {
        char directory[] = "/tmp/test-domain.XXXXXX", path[64];
        json_t *facts = json_array(), *read_back;
        struct stat st;
        int fd;

        ck_assert_ptr_nonnull(mkdtemp(directory));
        fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        (void) umask(077);
        ck_assert_int_eq(facts_file_write(fd, "domains.json", facts), 0);
        json_array_append_new(facts, json_string("more"));
        ck_assert_int_eq(facts_file_write(fd, "domains.json", facts), 0);
        ck_assert_int_eq(fstatat(fd, "domains.json", &st, 0), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0644);
        (void) snprintf(path, sizeof(path), "%s/domains.json", directory);
        read_back = json_load_file(path, 0, NULL);
        ck_assert(json_equal(read_back, facts));
        ck_assert_int_eq(unlinkat(fd, "domains.json", 0), 0);
        ck_assert_int_eq(rmdir(directory), 0); /* nothing else was left in it */
        json_decref(read_back);
        json_decref(facts);
        close_safe(fd);
}
END_TEST

int main(void) {
        TCase *tcase = unit_case("domain");

        tcase_add_loop_test(tcase, domain_is_stated, 0, ELEMENTS(domains));
        tcase_add_loop_test(tcase, damaged_domain_is_refused, 0, ELEMENTS(damaged));
        tcase_add_test(tcase, name_has_a_limit);
        tcase_add_test(tcase, nics_and_ports_have_limits);
        tcase_add_test(tcase, size_has_a_limit);
        tcase_add_test(tcase, inactive_domain_does_not_run);
        tcase_add_loop_test(tcase, network_is_stated, 0, ELEMENTS(networks));
        tcase_add_test(tcase, links_follow_the_kernel);
        tcase_add_test(tcase, bridges_own_messages_remove_no_link);
        tcase_add_test(tcase, short_message_is_ignored);
        tcase_add_test(tcase, inventory_is_sorted_and_replaced);
        tcase_add_test(tcase, without_libvirt_a_vanished_tap_ends_its_domain);
        tcase_add_test(tcase, moved_tap_is_noticed_once);
        tcase_add_test(tcase, file_is_replaced_and_readable);
        return unit_run("domain", tcase);
}
