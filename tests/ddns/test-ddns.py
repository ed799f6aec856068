#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libvirt-resolve-ddns with the real service and a real DNS server: the first argument says which."""

import os
import random
import re
import signal
import subprocess
import sys
import time
import unittest

import hosts
from hosts import ZONE, Bind, Host, Knot, PowerDns, dig, guest_records, wait_all_equal, wait_equal, wait_for

SERVERS = {"bind": Bind, "knot": Knot, "powerdns": PowerDns}


class DdnsCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = SERVER_CLASS()

    @classmethod
    def tearDownClass(cls):
        cls.server.end()

    def setUp(self):
        self.started_hosts = []

    def tearDown(self):
        for host in self.started_hosts:
            host.end()
        self.server.lose_records()

    def host(self, name, *options):
        host = Host(name, *options)
        self.started_hosts.append(host)
        return host


class Records(DdnsCase):
    def test_guests_come_change_and_go(self):
        a = self.host("a")
        a.set("web1", 1, "198.51.100.1", "2001:db8::1")
        a.set("web2", 2, "198.51.100.2")
        a.start()
        wait_equal(a)
        self.assertEqual(dig("PTR", "1.100.51.198.in-addr.arpa"), {f"web1.{ZONE}."})
        self.assertEqual(dig("PTR", "1." + "0." * 23 + "8.b.d.0.1.0.0.2.ip6.arpa"), {f"web1.{ZONE}."})
        a.set("web1", 1, "198.51.100.7")
        wait_equal(a)
        wait_for(lambda: dig("PTR", "7.100.51.198.in-addr.arpa") == {f"web1.{ZONE}."})
        a.drop("web2")
        wait_equal(a)
        wait_for(lambda: not dig("PTR", "2.100.51.198.in-addr.arpa"))
        self.assertEqual(dig("A", f"mail.{ZONE}"), {"203.0.113.9"})

    def test_only_what_was_named_goes_out(self):
        a = self.host("a")
        a.set("linklocal", 1, "fe80::1")
        a.set("web1", 2, "198.51.100.2")
        a.world.write("virbr0.macs", [{"domain": "nated", "macs": [hosts.mac_of(3)]}])
        a.world.write("virbr0.status", [hosts.cli_world.lease("192.168.122.3", hosts.mac_of(3), "nated")])
        a.start()
        wait_for(lambda: dig("A", f"web1.{ZONE}"))
        self.assertEqual({owner for owner, kind, _ in guest_records(ZONE) if kind in ("A", "AAAA")}, {f"web1.{ZONE}"})

    def test_hostnames_only_with_the_option(self):
        a = self.host("a", "--hostnames=yes")
        a.set("web1", 1, "198.51.100.1")
        a.start()
        wait_for(lambda: dig("A", f"host-of-web1.{ZONE}") == {"198.51.100.1"})
        self.assertEqual(dig("A", f"web1.{ZONE}"), {"198.51.100.1"})
        self.assertEqual(dig("PTR", "1.100.51.198.in-addr.arpa"), {f"web1.{ZONE}."})

    def test_zones_own_names_stay(self):
        a = self.host("a")
        a.set("mail", 1, "198.51.100.1")
        a.set("alias", 2, "198.51.100.2")
        a.set("web1", 3, "198.51.100.3")
        a.start()
        wait_for(lambda: a.status().get("conflicts") == 2 and a.status().get("names") >= 2)
        self.assertEqual(dig("A", f"mail.{ZONE}"), {"203.0.113.9"})
        self.assertEqual(dig("A", f"web1.{ZONE}"), {"198.51.100.3"})
        self.assertEqual(set(a.status()["conflict-names"]), {f"mail.{ZONE}", f"alias.{ZONE}"})
        self.assertEqual(a.log().count("isn't this host's in DNS"), 2)

    def test_dry_run(self):
        a = self.host("a")
        a.set("web1", 1, "198.51.100.1")
        result = a.run("--dry-run")
        self.assertEqual(result.returncode, 0, result)
        self.assertIn(f"+ web1.{ZONE}. 60 IN A 198.51.100.1", result.stdout)
        self.assertEqual(guest_records(ZONE), set())

    def test_upsert_only(self):
        a = self.host("a", "--policy=upsert-only")
        a.set("web1", 1, "198.51.100.1")
        a.set("web2", 2, "198.51.100.2")
        a.start()
        wait_equal(a)
        a.set("web2", 2, "198.51.100.3")
        wait_for(lambda: dig("A", f"web2.{ZONE}") == {"198.51.100.3"})
        a.drop("web1")
        time.sleep(3)
        self.assertEqual(dig("A", f"web1.{ZONE}"), {"198.51.100.1"})

    def test_stop(self):
        a = self.host("a")
        a.set("web1", 1, "198.51.100.1")
        a.start()
        wait_equal(a)
        self.assertEqual(a.stop(), 0)
        self.assertEqual(guest_records(ZONE), a.expected())
        a.start("--on-stop=withdraw")
        wait_for(lambda: a.status().get("names"))
        self.assertEqual(a.stop(), 0, a.log())
        self.assertEqual(guest_records(ZONE), set())

    def test_stop_without_server(self):
        a = self.host("a", "--on-stop=withdraw")
        a.set("web1", 1, "198.51.100.1")
        a.start()
        wait_equal(a)
        self.server.kill()
        self.assertEqual(a.stop(), 1, a.log())
        self.assertIn("web1", a.state())
        self.server.start()
        self.assertEqual(guest_records(ZONE), a.expected())
        a.start()
        wait_for(lambda: a.status().get("names"))
        self.assertEqual(a.stop(), 0, a.log())
        self.assertEqual(guest_records(ZONE), set())

    def test_withdraw(self):
        a, b = self.host("a"), self.host("b")
        a.set("web1", 1, "198.51.100.1")
        b.set("web2", 2, "198.51.100.2")
        a.start()
        b.start()
        wait_equal(a, b)
        a.stop()
        result = a.run("--withdraw")
        self.assertEqual(result.returncode, 0, result)
        wait_equal(b)
        b.stop(signal.SIGKILL)
        result = a.run("--withdraw-host=b")
        self.assertEqual(result.returncode, 0, result)
        self.assertEqual(guest_records(ZONE), set())
        self.assertEqual(guest_records(hosts.REVERSE), set())
        self.assertIn("0 names are removed", a.run("--withdraw-host=c").stdout)

    def test_withdraw_without_server(self):
        a = self.host("a")
        a.set("web1", 1, "198.51.100.1")
        a.start()
        wait_equal(a)
        a.stop()
        self.server.kill()
        result = a.run("--withdraw")
        self.assertEqual(result.returncode, 1, result)
        self.assertRegex(result.stderr, "2 names are left in DNS: .*refused")
        self.assertEqual(a.run("--withdraw-host=a").returncode, 1)
        self.server.start()
        self.assertEqual(guest_records(ZONE), a.expected())
        self.assertEqual(a.run("--withdraw").returncode, 0)
        self.assertEqual(guest_records(ZONE), set())


class Owners(DdnsCase):
    def test_two_guests_of_one_name(self):
        a, b = self.host("a"), self.host("b")
        a.set("web1", 1, "198.51.100.1")
        a.start()
        wait_equal(a)
        b.set("web1", 2, "198.51.100.2")
        b.set("web3", 3, "198.51.100.3")
        b.start()
        wait_for(lambda: b.status().get("conflicts") == 1 and dig("A", f"web3.{ZONE}"))
        self.assertEqual(dig("A", f"web1.{ZONE}"), {"198.51.100.1"})
        a.drop("web1")
        wait_for(lambda: dig("A", f"web1.{ZONE}") == {"198.51.100.2"})
        wait_for(lambda: b.status().get("conflicts") == 0)

    def test_guest_moves(self):
        a, b = self.host("a"), self.host("b")
        a.set("web1", 1, "198.51.100.1")
        a.start()
        b.start()
        wait_equal(a)
        b.set("web1", 1, "198.51.100.1")
        wait_equal(b)
        time.sleep(3)  # the old host looks at it, and doesn't take it back
        self.assertEqual(guest_records(ZONE), b.expected())
        a.drop("web1")
        time.sleep(2)
        wait_equal(b)
        a.set("web1", 1, "198.51.100.9")
        b.drop("web1")
        wait_equal(a)


    def test_guest_comes_back_unseen(self):
        """The first host's daemon doesn't run while the guest is elsewhere: it takes the name back before the other host
        removes it, so that the name is never missing."""
        a, b = self.host("a"), self.host("b", "--remove-delay=10s")
        a.set("web1", 1, "198.51.100.1")
        a.start()
        b.start()
        wait_equal(a)
        a.daemon.send_signal(signal.SIGSTOP)
        try:
            a.drop("web1")
            b.set("web1", 1, "198.51.100.2")
            wait_equal(b)
            a.set("web1", 1, "198.51.100.1")
            b.drop("web1")
            wait_for(lambda: dig("TXT", f"_left._libvirt-resolve.web1.{ZONE}") == {'"host=b"'}, what="the mark that it left")
        finally:
            a.daemon.send_signal(signal.SIGCONT)
        addresses = set()
        while addresses != {"198.51.100.1"}:
            addresses = dig("A", f"web1.{ZONE}")
            self.assertEqual(len(addresses), 1)
        wait_all_equal(a)


class SeveralHosts(DdnsCase):
    def settle(self, guest, hosts_now, there):
        """The guest is on that host only, or on none."""
        name, addresses = f"web{guest}", [f"198.51.100.{10 + guest + 20 * self.random.randrange(2)}"]
        if guest % 3 == 0:
            addresses.append(f"2001:db8::{guest + 1:x}")
        if there:
            there.set(name, 100 + guest, *addresses)
        for host in hosts_now:
            if host is not there and name in host.guests:
                host.drop(name)

    def test_zones_are_the_hosts_lists(self):
        """Guests come, move, change their addresses and go, while the server and a daemon are ended and started."""
        self.random = random.Random(16)
        three = [self.host(name) for name in ("a", "b", "c")]
        for host in three:
            host.start()
        for step in range(90):
            self.settle(self.random.randrange(12), three, self.random.choice([*three, *three, None]))
            if step == 30:
                wait_all_equal(*three)
                self.server.kill()
            if step == 60:
                self.server.start()
                three[1].stop(signal.SIGKILL)
        three[1].start()
        self.assertGreater(sum(len(host.guests) for host in three), 6)
        self.assertTrue(all(host.guests for host in three))
        wait_all_equal(*three)
        wait_for(lambda: all(host.status().get("pending") == host.status().get("conflicts") == 0 for host in three))
        wait_all_equal(*three)


class Faults(DdnsCase):
    def started(self):
        a = self.host("a")
        a.set("web1", 1, "198.51.100.1")
        a.set("web2", 2, "198.51.100.2")
        a.start()
        wait_equal(a)
        return a

    def change(self, a):
        a.drop("web1")
        a.set("web2", 2, "198.51.100.20")
        a.set("web3", 3, "198.51.100.3")

    def test_server_down(self):
        a = self.started()
        self.server.kill()
        self.change(a)
        wait_for(lambda: a.status().get("error"))
        before = a.status()["messages"]
        time.sleep(5)
        self.assertLess(a.status()["messages"] - before, 15)
        self.server.start()
        wait_equal(a)
        self.assertNotIn("error", wait_for(lambda: a.status().get("pending") == 0 and a.status()))

    def test_network_cut(self):
        a = self.started()
        hosts.ip("link", "set", "dns0", "down")
        self.change(a)
        time.sleep(3)
        hosts.ip("link", "set", "dns0", "up")
        wait_equal(a)

    def test_server_frozen(self):
        """The time-out, which takes ten seconds, is the daemon's own: one server is enough."""
        if not isinstance(self.server, Bind):
            self.skipTest("with BIND only")
        a = self.started()
        self.server.process.send_signal(signal.SIGSTOP)
        self.change(a)
        wait_for(lambda: "timed out" in a.status().get("error", ""))
        self.server.process.send_signal(signal.SIGCONT)
        wait_equal(a)

    def test_server_slow(self):
        """An answer that comes late is one: no failure, and nothing is sent twice."""
        a = self.started()
        self.server.process.send_signal(signal.SIGSTOP)
        try:
            self.change(a)
            time.sleep(2)
        finally:
            self.server.process.send_signal(signal.SIGCONT)
        wait_equal(a)
        self.assertNotIn("failed", a.log())

    def test_server_restarted(self):
        a = self.started()
        for number in range(3):
            self.server.stop()
            a.set("web2", 2, f"198.51.100.{50 + number}")
            self.server.start()
            wait_equal(a)

    def test_records_lost(self):
        a = self.started()
        self.server.lose_records()
        wait_equal(a)
        self.server.reload_lost()
        wait_equal(a)

    def test_some_records_lost(self):
        a = self.started()
        a.set("web3", 3, "198.51.100.3", "2001:db8::3")
        a.set("web4", 4, "198.51.100.4")
        wait_equal(a)
        hosts.administrate(f"update delete web1.{ZONE} A", f"update delete web2.{ZONE} DHCID",
                           f"update delete _libvirt-resolve.web3.{ZONE} TXT", f"update delete web4.{ZONE}",
                           f"update add web2.{ZONE} 60 A 198.51.100.99")
        wait_equal(a)

    def test_daemon_killed(self):
        a = self.started()
        for _ in range(5):
            self.change(a)
            a.stop(signal.SIGKILL)
            a.drop("web3")
            a.set("web1", 1, "198.51.100.1")
            a.start()
            time.sleep(0.3)
        wait_equal(a)

    def test_host_rebooted(self):
        a = self.started()
        a.stop(signal.SIGKILL)
        self.change(a)
        a.start()
        wait_equal(a)
        a.stop(signal.SIGKILL)
        a.guests.clear()
        a.write()
        a.start()
        wait_equal(a)
        self.assertEqual(guest_records(ZONE), set())

    def test_state_lost(self):
        """Guests that are still there keep their names; those of others go with --withdraw-host=."""
        a = self.started()
        a.stop(signal.SIGKILL)
        os.unlink(a.path("state/state.json"))
        gone = {record for record in a.expected() if f"web1.{ZONE}" in record[0]}
        self.change(a)
        a.start()
        wait_for(lambda: guest_records(ZONE) == a.expected() | gone)
        a.stop(signal.SIGKILL)
        os.unlink(a.path("state/state.json"))
        self.assertEqual(a.run("--withdraw-host=a").returncode, 0)
        self.assertEqual(guest_records(ZONE), set())
        a.start()
        wait_equal(a)

    def test_service_away(self):
        a = self.started()
        a.world.stop_service()
        time.sleep(3)
        self.assertEqual(guest_records(ZONE), a.expected())
        self.change(a)
        a.world.start_service()
        wait_equal(a)

    def test_wrong_key(self):
        a = self.host("a")
        a.set("web1", 1, "198.51.100.1")
        for wrong in hosts.KEY.replace(hosts.SECRET, "d3Jvbmc="), hosts.KEY.replace("guests", "others"):
            a.write_key(wrong)
            a.start()
            wait_for(lambda: a.status().get("error"))
            self.assertRegex(a.status()["error"], "BADSIG|BADKEY|NOTAUTH|REFUSED")
            a.stop()
            self.assertEqual(guest_records(ZONE), set())
        a.write_key(hosts.KEY)
        a.start()
        wait_equal(a)

    def test_wrong_clock(self):
        a, clock = self.host("a"), hosts.Clock()
        a.set("web1", 1, "198.51.100.1")
        clock.set(3600)
        a.start(environment=clock.environment)
        wait_for(lambda: a.status().get("error"))
        self.assertRegex(a.status()["error"], self.server.wrong_clock)
        self.assertEqual(guest_records(ZONE), set())
        clock.set(0)
        wait_equal(a)

    def test_refused(self):
        a = self.started()
        self.addCleanup(self.server.allow_updates, True)
        self.server.allow_updates(False)
        self.change(a)
        wait_for(lambda: "allow" in a.status().get("error", ""))
        self.server.allow_updates(True)
        wait_equal(a)

    def test_wrong_zone(self):
        a = self.host("a", "--interface=br0")
        a.set("web1", 1, "198.51.100.1")
        a.command = lambda *options: [option.replace(f"={ZONE}", "=other.test") for option in Host.command(a, *options)]
        a.start()
        wait_for(lambda: a.status().get("error"))
        self.assertRegex(a.status()["error"], "NOTAUTH|REFUSED")


class Usage(unittest.TestCase):
    def refused(self, *options, says):
        result = subprocess.run([hosts.DDNS, *options], capture_output=True, text=True, check=False, timeout=10)
        self.assertEqual(result.returncode, 2, result)
        self.assertIn(says, result.stderr)

    def test_wrong_options(self):
        good = ["--server=192.0.2.53", f"--zone={ZONE}", "--interface=br0"]
        self.refused(says="--zone= is missing")
        self.refused(good[1], good[2], says="--server= is missing")
        self.refused(*good[:2], says="--interface= or --network-prefix=")
        self.refused(*good, says="there is no key")
        self.refused("--server=ns.lab.test", says="expected an IP address")
        self.refused("--zone=a..b", says="expected the name of one zone")
        self.refused("--ttl=x", says="expected a number")
        self.refused("--policy=delete", says="expected sync or upsert-only")
        self.refused("--network-prefix=192.0.2.0/33", says="expected a prefix")

    def test_wrong_keys(self):
        good = ["--server=192.0.2.53", f"--zone={ZONE}", "--interface=br0"]
        path = f"/tmp/libvirt-resolve-ddns-key.{os.getpid()}"
        self.addCleanup(os.unlink, path)
        for text, mode, says in ((hosts.KEY, 0o644, "others may read it"), ("nonsense", 0o600, "expected: key"),
                                 (hosts.KEY.replace("sha256", "sha3"), 0o600, "unknown algorithm"),
                                 (hosts.KEY.replace(hosts.SECRET, "!!"), 0o600, "Base64")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(path, mode)
            self.refused(*good, f"--key-file={path}", says=says)
        self.refused(*good, "--key-file=/nonexistent", says="No such file")


if __name__ == "__main__":
    SERVER_CLASS = SERVERS[sys.argv[1]]
    if SERVER_CLASS.missing():
        print(SERVER_CLASS.program, "isn't installed")
        sys.exit(77)
    hosts.in_namespace()
    del sys.argv[1]
    unittest.main(verbosity=2)
