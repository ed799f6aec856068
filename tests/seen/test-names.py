#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The helper libvirt-resolve-seen and the service together: from a guest's frame to its name, and whose name it is."""

import json
import os
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../cli"))

from bench import REQUEST, Host, arp, dhcp_request, main, packed, solicit, until  # noqa: E402
from world import World, at_most  # noqa: E402

MACS = [f"52:54:00:00:00:0{i}" for i in range(1, 4)]
VICTIM, EVIL, OTHER = range(3)

# The promise: a name this long after the guest's first frame with an address.
PROMISE = 2.5

# Long enough for the two questions and the second after each.
SILENCE = 2.3


class Case(unittest.TestCase):
    def setUp(self):
        self.host = Host()
        self.addCleanup(self.host.end)
        self.world = World(f"--seen-directory={self.host.facts_directory}")
        self.addCleanup(self.world.end)
        self.guests = [self.host.guest(f"vnet{i + 1}", mac) for i, mac in enumerate(MACS)]
        self.world.write("br0.macs", [{"domain": name, "macs": [mac]} for name, mac in zip(("victim", "evil", "other"), MACS)])
        self.host.start()
        until(lambda: self.host.facts() is not None)

    def addresses(self, name):
        answers = json.loads(self.world.run("query", "--json=short", name).stdout)
        return [answer["address"] for answer in answers if "address" in answer]

    def published(self, address):
        """Whether the index that the modules read has the address."""
        with open(os.path.join(self.world.runtime, "names.cdb"), "rb") as file:
            return packed(address) in file.read()

    def neighbours(self):
        return subprocess.run(["ip", "neighbour", "show", "dev", "br0"], check=True, capture_output=True, text=True).stdout


class Names(Case):
    def test_before_any_contact(self):
        """The host has never sent the guest a packet, and has no neighbour."""
        self.guests[VICTIM].announce("10.9.0.21")
        self.assertLess(until(lambda: self.published("10.9.0.21")), at_most(PROMISE))
        self.assertEqual(self.addresses("victim"), ["10.9.0.21"])
        self.assertEqual(self.neighbours(), "")
        self.guests[VICTIM].announce("fd09::21")
        self.assertLess(until(lambda: self.published("fd09::21")), at_most(PROMISE))
        self.assertEqual(self.addresses("victim"), ["10.9.0.21", "fd09::21"])

    def test_dhcp(self):
        guest = self.guests[OTHER]
        guest.addresses.add("10.9.0.50")
        guest.send(dhcp_request(guest.mac, "10.9.0.50"))
        self.assertLess(until(lambda: self.published("10.9.0.50")), at_most(PROMISE + 1))
        self.assertEqual(self.addresses("other"), ["10.9.0.50"])

    def test_wait_ends_when_it_is_confirmed(self):
        wait = subprocess.Popen([os.environ["LIBVIRT_RESOLVE"], "wait", "--timeout=20", "victim"],
                                env=self.world.environment, text=True, stdout=subprocess.PIPE)
        self.addCleanup(wait.stdout.close)
        time.sleep(0.3)
        self.guests[VICTIM].announce("10.9.0.21")
        self.assertEqual(wait.wait(10), 0)
        self.assertEqual(wait.stdout.read(), "victim: 10.9.0.21\n")

    def test_a_domain_that_stops(self):
        self.guests[VICTIM].announce("10.9.0.21")
        until(lambda: self.published("10.9.0.21"))
        self.world.write("br0.macs", [])
        self.assertEqual(self.addresses("victim"), [])

    def test_a_helper_that_is_killed_or_stopped(self):
        self.guests[VICTIM].announce("10.9.0.21")
        until(lambda: self.published("10.9.0.21"))
        for _ in range(5):
            self.host.stop(9)
            self.assertEqual(self.addresses("victim"), ["10.9.0.21"])
            self.host.start()
            self.assertEqual(self.addresses("victim"), ["10.9.0.21"])
        until(lambda: "10.9.0.21" in str(self.host.facts()))
        self.host.stop()
        until(lambda: self.addresses("victim") == [])


class Attacks(Case):
    def setUp(self):
        super().setUp()
        self.guests[VICTIM].announce("10.9.0.21")
        until(lambda: self.published("10.9.0.21"))

    def check_victim(self):
        self.assertEqual(self.addresses("victim"), ["10.9.0.21"])

    def test_the_victims_address(self):
        self.guests[EVIL].announce("10.9.0.21")
        self.guests[EVIL].announce("10.9.0.22")
        until(lambda: self.addresses("evil") == ["10.9.0.22"])
        time.sleep(SILENCE)
        self.check_victim()
        self.assertEqual(self.addresses("evil"), ["10.9.0.22"])
        self.assertIn("10.9.0.21, too, which is", " ".join(self.world.run("query", "victim").stderr.split()))

    def test_the_victims_mac_address(self):
        for _ in range(400):
            self.guests[EVIL].send(arp(REQUEST, MACS[VICTIM], "10.9.0.66", "10.9.0.66"))
            self.guests[VICTIM].send(arp(REQUEST, MACS[VICTIM], "10.9.0.21", "10.9.0.1"))
        time.sleep(SILENCE)
        self.check_victim()
        self.assertEqual(self.addresses("evil"), [])

    def test_addresses_of_the_host_and_its_routers(self):
        subprocess.run(["ip", "route", "add", "10.77.0.0/16", "via", "10.9.0.254"], check=True)
        for address in "10.9.0.1", "10.10.0.1", "10.9.0.254", "10.9.0.255", "10.9.0.0", "10.11.0.1", "224.0.0.1":
            self.guests[EVIL].announce(address)
        time.sleep(SILENCE)
        self.assertEqual(self.addresses("evil"), [])
        self.check_victim()

    def test_a_flood_of_addresses(self):
        self.guests[OTHER].announce("10.9.0.23")
        until(lambda: self.addresses("other") == ["10.9.0.23"])
        for i in range(20000):
            self.guests[EVIL].send(solicit(MACS[EVIL], "::", f"fd09::{1 + i:x}"))
        start = time.monotonic()
        self.check_victim()
        self.assertLess(time.monotonic() - start, at_most(2))
        self.assertEqual(self.addresses("other"), ["10.9.0.23"])
        self.assertLessEqual(len(self.addresses("evil")), 8)
        self.guests[OTHER].announce("10.9.0.24")
        until(lambda: "10.9.0.24" in self.addresses("other"))


if __name__ == "__main__":
    main()
