#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the service makes of the facts that libvirt-resolve-seen and libvirt-resolve-domains state of guests, on real
bridges in a network namespace of the test's own."""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import time
import unittest

from world import CLI, PATIENCE, World, at_most, lease, main

MAC = "52:54:00:bb:00:{:02x}"


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def add_bridge(name, *addresses):
    ip("link", "add", name, "type", "bridge")
    for address in addresses:
        ip("address", "add", address, "dev", name, *(["nodad"] if ":" in address else []))
    ip("link", "set", name, "up")


def add_tap(name, number):
    """A tap as libvirt makes it, as far as the service looks at it: the port is the helper's to know."""
    ip("link", "add", name, "address", "fe" + MAC.format(number)[2:], "type", "bridge")


def nic(domain, number, bridge="br0", tap=None, **more):
    return {"domain": domain, "mac-address": MAC.format(number), "type": "bridge", "bridge": bridge,
            "tap": tap or f"vnet{number}", **more}


def seen(address, number, tap=None, ago=60, **more):
    now = int(time.time())
    return {"ip-address": address, "mac-address": MAC.format(number), "tap": tap or f"vnet{number}", "by": "arp",
            "first-seen": now - ago - 1, "confirmed": now - ago, "expiry-time": now - ago + 86400, **more}


class SeenWorld(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        add_bridge("br0", "10.9.0.1/24", "fd09::1/64")
        add_bridge("virbr1", "192.168.150.1/24")
        for number in 1, 2, 3:
            add_tap(f"vnet{number}", number)

    @classmethod
    def tearDownClass(cls):
        for name in "br0", "virbr1", "vnet1", "vnet2", "vnet3":
            ip("link", "del", name)

    def setUp(self):
        self.facts = f"/tmp/libvirt-resolve-seen.{os.getpid()}"
        os.makedirs(self.facts)
        self.addCleanup(shutil.rmtree, self.facts, True)
        self.world = World(f"--domains-directory={self.facts}/domains", f"--seen-directory={self.facts}/seen")
        self.addCleanup(self.world.end)

    def state(self, name, document):
        """As a helper does it: written beside, and renamed."""
        path = os.path.join(self.facts, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(document if isinstance(document, str) else json.dumps(document))
        os.rename(path + ".new", path)

    def addresses(self, name):
        answers = json.loads(self.world.run("query", "--json=short", name).stdout)
        return [answer["address"] for answer in answers if "address" in answer]

    def names(self, address):
        answers = json.loads(self.world.run("query", "--json=short", address).stdout)
        return [name for answer in answers for name in answer.get("names", [])]

    def explain(self, *arguments):
        """The result of a query whose comments, of which long ones are broken, each are one line."""
        result = self.world.run("query", *arguments)
        self.assertLessEqual(max(len(line) for line in result.stderr.splitlines()[1:] or [""]), 80)
        return result, " ".join(re.sub("^-- *", "", line) for line in result.stderr.splitlines())

    def wait(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition() and time.monotonic() < end:
            time.sleep(0.02)
        return condition()

    def published(self, name):
        """Whether the index that the modules read has the name."""
        with open(os.path.join(self.world.runtime, "names.cdb"), "rb") as file:
            return name.encode() in file.read()

    def readings(self):
        """How often the service has read anything, once it rests."""
        before = None
        for _ in range(50):
            now = json.loads(self.world.run("statistics", "--json=short").stdout)[0]["readings"]
            if now == before:
                break
            before = now
            time.sleep(0.3)
        return before

    def log(self):
        with open(os.path.join(self.world.directory, "log"), encoding="utf-8") as file:
            return file.read()


class TestExport(SeenWorld):
    """What is answered is exported."""

    def export(self, *options):
        return self.world.run("export", "--format=hosts", *options).stdout.splitlines()[1:]

    def test_seen(self):
        self.state("domains/domains.json", [nic("bridged", 1), nic("other", 2)])
        self.state("seen/br0.json", [seen("10.9.0.7", 1), seen("fd09::7", 1), seen("10.9.0.8", 2, ago=10 ** 7)])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7", "fd09::7"])
        self.assertEqual(self.export("-i", "br0"), ["10.9.0.7 bridged", "fd09::7 bridged"])
        self.assertEqual(self.export("-i", "br0", "--hostnames"), ["10.9.0.7 bridged", "fd09::7 bridged"])
        self.assertEqual(self.export("-i", "virbr0"), ["192.168.122.50 vm-app"])

    def test_watch(self):
        path = os.path.join(self.facts, "guests")
        self.state("domains/domains.json", [nic("bridged", 1)])
        with subprocess.Popen([CLI, "export", "--format=hosts", "--watch", f"--output={path}"],
                              env=self.world.environment) as process:
            def text():
                with open(path, encoding="utf-8") as file:
                    return file.read()

            try:
                self.assertTrue(self.wait(lambda: os.path.exists(path)))
                self.state("seen/br0.json", [seen("10.9.0.7", 1)])
                self.assertTrue(self.wait(lambda: "10.9.0.7 bridged\n" in text()))
                self.state("seen/br0.json", [])
                self.assertTrue(self.wait(lambda: "bridged" not in text()))
            finally:
                process.terminate()


class TestIndex(SeenWorld):
    """Without helpers the index is what it was before there were any."""

    def start_again(self):
        """A service that makes an index of its own from the same lease directory."""
        path = os.path.join(self.world.runtime, "names.cdb")
        self.world.stop_service()
        os.unlink(path)
        self.world.start_service(f"--domains-directory={self.facts}/domains",
                                 f"--seen-directory={self.facts}/seen")
        self.assertTrue(self.wait(lambda: os.path.exists(path) and self.published("web1")))

    def index(self):
        """Its size and its records in their order (see src/index/format.h), without what the random salt
        changes: the salt, the keys' tags, and the tables of hashes behind the records."""
        with open(os.path.join(self.world.runtime, "names.cdb"), "rb") as file:
            data = file.read()
        at, end, records = 2048, struct.unpack_from("<I", data)[0], []
        while at < end:
            key, value = struct.unpack_from("<II", data, at)
            records.append([data[at + 8:at + 8 + key], data[at + 8 + key:at + 8 + key + value]])
            at += 8 + key + value
        self.assertEqual(records[0][0], b"META")
        records[0][1] = records[0][1][:56] + records[0][1][72:]
        self.assertEqual(at, end)
        return len(data), records[0][1], [[key[8:], value] for key, value in records[1:]]

    def test_without_helpers_it_has_the_same_bytes(self):
        self.start_again()
        without = self.index()
        self.assertGreater(len(without[2]), 10)
        for documents in (), ("domains/domains.json", "domains/networks.json", "seen/br0.json"):
            for name in "domains", "seen":
                os.makedirs(f"{self.facts}/{name}", exist_ok=True)
            for name in documents:
                self.state(name, [])
            self.start_again()
            self.assertEqual(self.index(), without, documents)
        self.state("domains/domains.json", [nic("bridged", 1)])
        self.state("seen/br0.json", [seen("10.9.0.7", 1)])
        self.start_again()
        self.assertTrue(self.wait(lambda: self.published("bridged")))
        self.assertNotEqual(self.index(), without)


class TestSeen(SeenWorld):
    def test_any_bridge(self):
        self.state("domains/domains.json", [nic("bridged", 1), nic("other", 2)])
        self.assertEqual(self.addresses("bridged"), [])
        self.state("seen/br0.json", [seen("10.9.0.7", 1), seen("fd09::7", 1)])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7", "fd09::7"])
        self.assertEqual(self.names("10.9.0.7"), ["bridged"])
        self.assertEqual(self.addresses("other"), [])
        self.assertIn("The libvirt domain 'other' has no address that is known (yet)", self.world.run("query", "other").stderr)

    def test_libvirts_own_network_without_the_other_helper(self):
        self.world.write("virbr1.macs", [{"domain": "static1", "macs": [MAC.format(1)]}])
        self.state("seen/virbr1.json", [seen("192.168.150.7", 1), seen("192.168.150.8", 1, "vnet2")])
        self.assertEqual(self.addresses("static1"), ["192.168.150.7"])

    def test_it_is_published_without_a_lookup(self):
        self.assertTrue(self.wait(lambda: self.published("web1")))
        self.state("domains/domains.json", [nic("bridged", 1)])
        self.state("seen/br0.json", [seen("10.9.0.7", 1)])
        self.assertTrue(self.wait(lambda: self.published("bridged") and self.published(bytes([10, 9, 0, 7]).decode())))

    def test_what_is_the_hosts_is_no_guests(self):
        self.state("domains/domains.json", [nic("bridged", 1)])
        self.state("seen/br0.json", [seen(a, 1) for a in ("10.9.0.1", "192.168.150.1", "192.168.150.7", "10.9.0.255",
                                                          "10.8.0.7", "10.9.0.254")])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.254"])
        ip("route", "add", "10.77.0.0/16", "via", "10.9.0.254", "dev", "br0", "table", "77")
        self.addCleanup(lambda: subprocess.run(["ip", "route", "flush", "table", "77"], check=False))
        self.assertEqual(self.addresses("bridged"), [])
        self.assertIn("The libvirt domain 'bridged' on br0 claims 10.9.0.254, which isn't answered: it is the next hop of "
                      "one of this host's routes.", self.world.run("query", "10.9.0.254").stderr)
        ip("route", "del", "10.77.0.0/16", "table", "77")
        self.assertEqual(self.addresses("bridged"), ["10.9.0.254"])
        for gateway in ["nexthop", "via", "10.9.0.254", "nexthop", "via", "10.9.0.253"], ["via", "10.9.0.254"]:
            ip("route", "add", "10.77.0.0/16", "table", "77", *gateway)
            self.assertEqual(self.addresses("bridged"), [], gateway)
            ip("route", "del", "10.77.0.0/16", "table", "77")
        ip("route", "add", "10.77.0.0/16", "table", "77", "via", "inet6", "fd09::99", "dev", "br0")
        self.state("seen/br0.json", [seen("fd09::99", 1), seen("fd09::98", 1)])
        self.assertEqual(self.addresses("bridged"), ["fd09::98"])

    def test_an_address_of_the_host_that_comes_and_goes(self):
        self.state("domains/domains.json", [nic("bridged", 1)])
        self.state("seen/br0.json", [seen("10.9.7.7", 1)])
        self.assertEqual(self.addresses("bridged"), [])
        ip("address", "add", "10.9.7.1/24", "dev", "br0")
        self.assertEqual(self.addresses("bridged"), ["10.9.7.7"])
        ip("address", "del", "10.9.7.1/24", "dev", "br0")
        self.assertEqual(self.addresses("bridged"), [])

    def test_helpers_that_come_and_go(self):
        for _ in range(3):
            self.state("domains/domains.json", [nic("bridged", 1)])
            self.state("seen/br0.json", [seen("10.9.0.7", 1)])
            self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])
            self.state("seen/br0.json", [])
            self.assertEqual(self.addresses("bridged"), [])
            self.state("seen/br0.json", [seen("10.9.0.8", 1)])
            self.assertEqual(self.addresses("bridged"), ["10.9.0.8"])
            os.unlink(f"{self.facts}/seen/br0.json")
            self.assertEqual(self.addresses("bridged"), [])
            self.state("seen/br0.json", [seen("10.9.0.8", 1)])
            self.state("domains/domains.json", [nic("renamed", 1)])
            self.assertEqual(self.addresses("renamed"), ["10.9.0.8"])
            self.assertEqual(self.addresses("bridged"), [])
            shutil.rmtree(f"{self.facts}/domains")
            shutil.rmtree(f"{self.facts}/seen")
            self.assertEqual(self.addresses("renamed"), [])

    def test_a_tap_that_is_gone(self):
        """libvirt-resolve-domains died, and so did the guest."""
        ip("link", "add", "vnet9", "type", "bridge")
        self.state("domains/domains.json", [nic("bridged", 9)])
        self.state("seen/br0.json", [seen("10.9.0.7", 9)])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])
        ip("link", "del", "vnet9")
        self.assertEqual(self.addresses("bridged"), [])

    def test_other_interfaces_make_no_new_index(self):
        """Containers come and go; a tap without libvirt's MAC address, too, but that one is stated."""
        ip("link", "add", "odd1", "address", "02:00:00:00:00:01", "type", "bridge")
        self.state("domains/domains.json", [nic("bridged", 1), nic("odd", 8, tap="odd1")])
        self.state("seen/br0.json", [seen("10.9.0.7", 1), seen("10.9.0.8", 8, tap="odd1")])
        self.assertEqual(self.addresses("odd"), ["10.9.0.8"])
        readings = self.readings()
        for _ in range(20):
            ip("link", "add", "container0", "address", "02:00:00:00:00:02", "type", "bridge")
            self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])
            ip("link", "del", "container0")
        self.assertEqual(self.readings(), readings)
        ip("link", "del", "odd1")
        self.assertEqual(self.addresses("odd"), [])

    def test_no_lease_directory(self):
        shutil.rmtree(self.world.leases)
        self.assertEqual(self.addresses("web1"), [])
        self.state("domains/domains.json", [nic("bridged", 1)])
        self.state("seen/br0.json", [seen("10.9.0.7", 1)])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])
        os.makedirs(self.world.leases)
        self.world.write("virbr0.status", [lease("192.168.122.42", MAC.format(7), "web1")])
        self.assertEqual(self.addresses("web1"), ["192.168.122.42"])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])
        shutil.rmtree(self.world.leases)
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])
        self.assertEqual(self.addresses("web1"), [])
        shutil.rmtree(self.facts)
        self.assertIn("LeasesUnavailable", self.world.run("query", "--json=short", "bridged").stdout)

    def test_an_old_proof(self):
        self.state("domains/domains.json", [nic("bridged", 1)])
        self.state("seen/br0.json", [seen("10.9.0.7", 1, ago=86395)])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])
        self.assertTrue(self.wait(lambda: self.addresses("bridged") == []))
        self.assertRegex(self.world.run("query", "bridged").stderr,
                         "The last proof of an address of 'bridged' on br0 expired .s ago")
        self.state("seen/br0.json", [seen("10.9.0.7", 1, ago=1)])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])

    def test_a_renewed_proof_makes_no_new_index(self):
        self.state("domains/domains.json", [nic("bridged", 1)])
        entry = seen("10.9.0.7", 1)
        self.state("seen/br0.json", [entry])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])
        readings = self.readings()
        for _ in range(20):
            entry["confirmed"] += 1
            entry["expiry-time"] += 1
            self.state("seen/br0.json", [entry])
            self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])
        self.assertEqual(self.readings(), readings)
        entry["expiry-time"] += 1000
        entry["confirmed"] += 1000
        self.state("seen/br0.json", [entry])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])
        self.assertGreater(self.readings(), readings)

    def test_invalid_files(self):
        self.state("domains/domains.json", [nic("bridged", 1)])
        self.state("seen/br0.json", [seen("10.9.0.7", 1)])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])
        for text in "{", "nonsense", "[" * 5000, '{"a": 1}', "[1] x":
            self.state("domains/domains.json", text)
            self.state("seen/br0.json", text)
            self.assertEqual(self.addresses("bridged"), ["10.9.0.7"], text)
        for name in "domains/domains.json", "seen/br0.json":
            self.assertIn(f"{self.facts}/{name}: ", self.log())
        for name in ".br0.json.new", "x" * 30 + ".json", ".json", "..json", "br0", "br1.json/br0.json":
            self.state("seen/" + name, [seen("10.9.0.8", 1)])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])

    def cpu_seconds(self):
        with open(f"/proc/{self.world.service.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_guests_that_change_their_addresses_all_the_time(self):
        """Each change makes the index out of date, but the service doesn't make one after the other."""
        self.world.write("virbr0.status", [lease(f"10.7.{i >> 8}.{i & 255}", f"52:54:00:aa:{i >> 8:02x}:{i & 255:02x}", f"vm{i}")
                                           for i in range(20000)])
        self.state("domains/domains.json", [nic("bridged", 1)])
        self.assertTrue(self.wait(lambda: self.published("vm19999")))
        began, before, changes = time.monotonic(), self.cpu_seconds(), 0
        while time.monotonic() - began < 3:
            changes += 1
            self.state("seen/br0.json", [seen(f"10.9.0.{7 + changes % 200}", 1)])
            time.sleep(0.01)
        used, took = self.cpu_seconds() - before, time.monotonic() - began
        self.assertLess(used / took, at_most(0.5), changes)
        self.assertEqual(self.addresses("bridged"), [f"10.9.0.{7 + changes % 200}"])
        self.assertTrue(self.wait(lambda: self.published("bridged")))

    def memory(self):
        with open(f"/proc/{self.world.service.process.pid}/status", encoding="ascii") as file:
            return int(next(line.split()[1] for line in file if line.startswith("VmHWM:")))

    def test_65536_addresses_of_one_network_card(self):
        """The file is the helper's; what is first in it costs the others nothing."""
        ip("address", "add", "10.11.0.1/16", "dev", "br0")
        self.addCleanup(ip, "address", "del", "10.11.0.1/16", "dev", "br0")
        self.state("domains/domains.json", [nic("bridged", 1), nic("other", 2), nic("evil", 3)])
        self.state("seen/br0.json", [seen("10.9.0.7", 1)])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])
        before = self.memory()
        evil = [seen(f"10.11.{i >> 8}.{i & 255}", 3) for i in range(65536)]
        self.state("seen/br0.json", evil + [seen("10.9.0.7", 1), seen("10.9.0.8", 2)])
        self.assertEqual(self.addresses("other"), ["10.9.0.8"])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.7"])
        self.assertEqual(len(self.addresses("evil")), 8)                                          # SEEN_NIC_MAX
        facts = json.loads(self.world.run("status", "--json=short").stdout)[0]["facts"]
        self.assertEqual(facts["addresses"], 64 + 2)                                              # SEEN_FILE_NIC_MAX
        guests = json.loads(self.world.run("guests", "--json=short").stdout)
        refused = [address["refused"] for guest in guests for address in guest["addresses"] if "refused" in address]
        self.assertEqual(refused.count("the network card has too many addresses"), 64 - 8 - 2)
        self.assertIn('"mac-address": expected fewer entries with it', self.log())
        self.assertTrue(self.wait(lambda: self.published("other")))
        if not os.environ["SANITIZED"]:
            self.assertLess(self.memory() - before, 32 * 1024)                                    # LEASE_FILE_SIZE_MAX

    def test_names_that_no_guest_has(self):
        names = "localhost", "../x", "_gateway", "wpad", "\u00e9\x1b[31m", "x" * 300
        self.state("domains/domains.json", [nic(name, 1) for name in names] + [nic("bridged", 2)])
        self.state("seen/br0.json", [seen("10.9.0.7", 1), seen("10.9.0.8", 2)])
        for name in names:
            self.assertEqual(self.addresses(name), [])
        self.assertEqual(self.addresses("bridged"), ["10.9.0.8"])

class TestGuests(SeenWorld):
    def setUp(self):
        super().setUp()
        self.world.write("virbr0.macs", [{"domain": "leased", "macs": ["52:54:00:aa:00:01"]}])
        self.state("domains/domains.json", [
            nic("bridged", 1, network="lan"), nic("quiet", 2), nic("evil", 3, bridge="virbr1"),
            {"domain": "apart", "mac-address": MAC.format(9), "type": "direct", "reason": "macvtap is on no bridge"},
            {"domain": "user", "mac-address": MAC.format(10), "type": "user", "reason": "user mode",
             "ports": [{"protocol": "tcp", "host": 8080, "guest": 80}, {"protocol": "tcp", "host": 2222, "guest": 22}]},
            {"domain": "bare"}])
        self.state("seen/br0.json", [seen("10.9.0.7", 1, ago=190), seen("10.9.0.8", 1, contested=True)])
        self.state("seen/virbr1.json", [seen("192.168.150.1", 3), seen("192.168.150.9", 3, refused="\x1b[31mit moved"),
                                        seen("192.168.150.10", 3, confirmed=0)])

    def test_json(self):
        guests = {guest["domain"]: guest for guest in json.loads(self.world.run("guests", "--json=short").stdout)}
        self.assertEqual(sorted(guests), ["apart", "bare", "bridged", "evil", "leased", "quiet", "user"])
        self.assertEqual({key: guests["bridged"][key] for key in ("mac-address", "interface", "tap", "type", "network")},
                         {"mac-address": MAC.format(1), "interface": "br0", "tap": "vnet1", "type": "bridge",
                          "network": "lan"})
        addresses = {a["address"]: a for a in guests["bridged"]["addresses"]}
        self.assertEqual(addresses["10.9.0.7"]["source"], "seen")
        self.assertEqual(addresses["10.9.0.7"]["by"], "arp")
        self.assertEqual(addresses["10.9.0.7"]["names"], ["bridged"])
        self.assertIs(addresses["10.9.0.7"]["answered"], True)
        self.assertIs(addresses["10.9.0.7"]["contested"], False)
        self.assertIs(addresses["10.9.0.8"]["contested"], True)
        for key, ago in ("first-seen", 191), ("confirmed", 190), ("expiry", 190 - 86400):
            self.assertAlmostEqual(addresses["10.9.0.7"][key] / 1e6, time.time() - ago, delta=30)
        self.assertNotIn("reason", guests["bridged"])
        self.assertEqual([(a["address"], a["answered"], a["refused"]) for a in guests["evil"]["addresses"]],
                         [("192.168.150.1", False, "it is this host's own address"),
                          ("192.168.150.9", False, "\x1b[31mit moved"),
                          ("192.168.150.10", False, "the guest hasn't confirmed it yet")])
        self.assertEqual(guests["quiet"]["reason"], "it hasn't shown an address yet")
        self.assertEqual(guests["apart"]["reason"], "macvtap is on no bridge")
        self.assertEqual(guests["bare"]["reason"], "it has no network card")
        self.assertEqual(guests["leased"]["addresses"][0]["source"], "lease")
        self.assertEqual(guests["user"]["ports"][1], {"protocol": "tcp", "host": 2222, "guest": 22})

    def test_for_people(self):
        out = self.world.run("guests").stdout
        self.assertNotIn("\033", out)
        self.assertRegex(out, r"(?m)^bridged +10\.9\.0\.7 +seen +3min 1?\ds ago +52:54:00:bb:00:01 br0 *$")
        self.assertRegex(out, r"(?m)^bridged +10\.9\.0\.8 .* contested$")
        self.assertRegex(out, r"(?m)^leased +192\.168\.122\.50 +lease +- ")
        self.assertRegex(out, r"(?m)^evil +192\.168\.150\.10 +seen +unconfirmed .* refused$")
        self.assertRegex(out, r"(?m)^quiet +- .* no address$")
        self.assertIn("Not answered: 192.168.150.9 of evil (52:54:00:bb:00:03 on virbr1):\n  \\x1b[31mit moved.\n", out)
        self.assertIn("No address: quiet (52:54:00:bb:00:02 on br0):\n  it hasn't shown an address yet.\n", out)
        self.assertIn("  ssh -p 2222 localhost\n", out)
        self.assertIn("7 domains listed.", out)

    def test_query_of_an_address_that_was_seen(self):
        result = self.world.run("query", "bridged")
        self.assertRegex(result.stdout, r"bridged: 10\.9\.0\.\d +-- link: br0 \(vnet1\), confirmed [31]")
        self.assertIn("-- Found as: libvirt domain, by an address that was seen\n", result.stdout)
        answer = json.loads(self.world.run("query", "--json=short", "bridged").stdout)
        self.assertEqual({(a["address"], a["source"], a["tap"], a["contested"]) for a in answer},
                         {("10.9.0.7", "seen", "vnet1", False), ("10.9.0.8", "seen", "vnet1", True)})
        self.assertNotIn("source", json.loads(self.world.run("query", "--json=short", "leased").stdout)[0])
        self.assertIn("confirmed", self.world.run("query", "10.9.0.7").stdout)

    def test_query_of_a_domain_without_an_address(self):
        for name, texts in {
                "quiet": ["It runs, with 52:54:00:bb:00:02 on br0 (vnet2): it hasn't shown an address yet."],
                "evil": ["192.168.150.1, claimed with its MAC address on virbr1 (vnet3), isn't answered: it is this host's own address.",
                         "192.168.150.9, claimed with its MAC address on virbr1 (vnet3), isn't answered: \\x1b[31mit moved.",
                         "192.168.150.10, claimed with its MAC address on virbr1 (vnet3), isn't answered: the guest hasn't confirmed it yet."],
                "apart": ["It runs, with 52:54:00:bb:00:09: macvtap is on no bridge."],
                "user": ["A port of this host leads to it: ssh -p 2222 localhost"],
                "BARE": ["It runs: it has no network card."]}.items():
            result, comments = self.explain(name)
            self.assertEqual(result.returncode, 1)
            for text in texts:
                self.assertIn(text, comments)
            self.assertNotIn("libvirt-resolve bridged status", result.stderr)
            self.assertNotIn("\033", result.stderr)
        self.assertIn("libvirt-resolve bridged status", self.world.run("query", "nobody").stderr)

    # What libvirt-resolve-domains says of each kind, as the service's own reasons; and what to do about it.
    WITHOUT = {
        "macvtap": ({"type": "direct", "reason": "macvtap is on no bridge"}, "virsh attach-interface"),
        "macvtap-network": ({"type": "network", "network": "lan", "reason": "macvtap is on no bridge"},
                            "virsh attach-interface"),
        "user-mode": ({"type": "user", "reason": "user mode networking is behind an address of the host"},
                      "<backend type='passt'/>, where libvirt has that; or another network card, on a "
                      "bridge: virsh attach-interface"),
        "sr-iov": ({"type": "hostdev", "reason": "a passed-through device is on no bridge"}, "virsh attach-interface"),
        "ovs": ({"type": "bridge", "reason": "Open vSwitch is no Linux bridge"}, "virsh attach-interface"),
        "vhost-user": ({"type": "vhostuser", "reason": "vhost-user is on no Linux bridge"}, "virsh attach-interface"),
        "bare-bridge": ({"type": "bridge", "bridge": "bare0"}, "ip address add"),
        "link-local": ({"type": "bridge", "bridge": "local0"}, "ip address add"),
        "unwatched": ({"type": "bridge", "bridge": "other0"}, "libvirt-resolve bridged enable"),
        "without-dhcp": ({"type": "network", "network": "quiet", "bridge": "other0"},
                         "libvirt-resolve bridged enable"),
    }
    REASONS = {"bare-bridge": "this host has no address on its bridge",
               "link-local": "this host has only a link-local address on its bridge",
               "unwatched": "it has no lease, and libvirt-resolve-seen doesn't watch its bridge",
               "without-dhcp": "it has no lease, and libvirt-resolve-seen doesn't watch its bridge"}

    def test_each_kind_without_an_address(self):
        """guests, query and doctor name the cause, and the next step."""
        for bridge, *addresses in ["bare0"], ["local0", "fe80::99/64"], ["other0"]:
            ip("link", "add", bridge, "type", "bridge")
            self.addCleanup(ip, "link", "del", bridge)
            ip("link", "set", bridge, "addrgenmode", "none")
            ip("link", "set", bridge, "up")
            for address in addresses:
                ip("address", "add", address, "dev", bridge, "nodad")
        self.state("seen/bare0.json", [])
        self.state("seen/local0.json", [])
        nics = [dict(facts, domain=name, **{"mac-address": MAC.format(20 + i)})
                for i, (name, (facts, _)) in enumerate(self.WITHOUT.items())]
        doctor = {}
        for some in nics[:5], nics[5:]:    # of many findings of a kind doctor shows eight
            self.state("domains/domains.json", some)
            findings = json.loads(self.world.run("doctor", "--json=short").stdout)
            doctor.update({finding["text"].split()[0]: finding for finding in findings
                           if finding["check"] == "guests"})
        self.state("domains/domains.json", nics)
        listed = self.world.run("guests").stdout.split("No address: ")[1:]
        listed = {text.split()[0]: " ".join(text.split()) for text in listed}
        for name, (facts, step) in self.WITHOUT.items():
            reason = self.REASONS.get(name) or facts["reason"]
            self.assertIn(reason, listed[name])
            self.assertIn(step, listed[name])
            result, comments = self.explain(name)
            self.assertEqual(result.returncode, 1)
            self.assertIn(f": {reason}.", comments)
            self.assertIn(step, comments)
            self.assertIn(f"has no name here: {reason}", doctor[name]["text"])
            self.assertIn(step, doctor[name]["advice"])

    def test_guest_of_a_session(self):
        runtime = os.path.join(self.facts, "user")
        os.makedirs(f"{runtime}/libvirt/qemu/run")
        for name in "mine.pid", "mine.xml", "other.pid", "driver.lock":
            open(f"{runtime}/libvirt/qemu/run/{name}", "w", encoding="ascii").close()
        hint = "your own session (qemu:///session), which the host's services can't ask"
        session = {"XDG_RUNTIME_DIR": runtime}
        result = self.world.run("query", "mine", **session)
        self.assertEqual(result.returncode, 1)
        self.assertIn("'mine' runs in " + hint, result.stderr.replace("\n-- ", " "))
        self.assertIn("A guest of qemu:///system has a name", result.stderr)
        self.assertNotIn("libvirt-resolve bridged status", result.stderr)
        self.assertNotIn("session", self.world.run("query", "min", **session).stderr)
        self.assertIn(f"Not listed: 2 of {hint}.", self.world.run("guests", **session).stdout)
        findings = json.loads(self.world.run("doctor", "--json=short", **session).stdout)
        self.assertIn(f"2 guests run in {hint}", [f["text"] for f in findings if f["check"] == "guests"])
        for verb in "guests", "doctor":
            self.assertNotIn("session", self.world.run(verb, XDG_RUNTIME_DIR="/nonexistent").stdout)

    def test_query_of_a_contested_address(self):
        self.state("seen/br0.json", [seen("10.9.0.7", 2, ago=100), seen("10.9.0.7", 1, ago=200)])
        result, comments = self.explain("bridged")
        self.assertIn("bridged: 10.9.0.7", result.stdout)
        self.assertIn("quiet (52:54:00:bb:00:02 on br0) claims 10.9.0.7, too, which is refused: another guest had it first.",
                      comments)
        self.assertIn("10.9.0.7, claimed with its MAC address on br0 (vnet2), isn't answered: another guest had it first ('bridged').",
                      self.explain("quiet")[1])

        self.state("seen/br0.json", [seen("10.9.0.7", 1, ago=200), seen("10.9.0.7", 2, refused="another MAC address has it")])
        self.assertIn("quiet (52:54:00:bb:00:02 on br0) claims 10.9.0.7, too, which is refused: another MAC address has it.",
                      self.explain("bridged")[1])

    def test_query_of_a_mac_address(self):
        result = self.world.run("query", MAC.format(1))
        self.assertIn("10.9.0.7", result.stdout)
        self.assertIn("-- Libvirt domain: bridged", result.stdout)
        answer = json.loads(self.world.run("query", "--json=short", "-6", MAC.format(1)).stdout)[0]
        self.assertIn("none of that family", answer["error"])
        self.assertIn("No address of '52:54:00:bb:00:02' is known, which is the MAC address of the libvirt domain 'quiet' "
                      "on br0: it hasn't shown an address yet.", self.world.run("query", MAC.format(2)).stderr)
        self.world.write("virbr0.macs", [{"domain": "new", "macs": ["52:54:00:aa:00:55"]}])
        self.assertIn("of the libvirt domain 'new' on virbr0: it has no lease",
                      self.world.run("query", "52:54:00:aa:00:55").stderr)
        self.assertIn("No lease has the MAC address", self.world.run("query", "52:54:00:aa:00:56").stderr)

    def test_wait(self):
        with subprocess.Popen([CLI, "wait", "--timeout=20", "quiet"], env=self.world.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as wait:
            time.sleep(0.3)
            self.state("seen/br0.json", [seen("10.9.0.9", 2, confirmed=0)])
            time.sleep(0.3)
            self.assertIsNone(wait.poll())
            self.state("seen/br0.json", [seen("10.9.0.9", 2, ago=0)])
            self.assertEqual(wait.wait(PATIENCE), 0)
            self.assertEqual(wait.stdout.read(), "quiet: 10.9.0.9\n")
        result = self.world.run("wait", "--timeout=100ms", "apart")
        self.assertEqual(result.returncode, 3)
        self.assertIn("-- It runs, with 52:54:00:bb:00:09: macvtap is on no bridge.\n", result.stderr)

    def test_status(self):
        self.assertEqual(json.loads(self.world.run("status", "--json=short").stdout)[0]["facts"],
                         {"network-cards": 6, "bridges": 2, "addresses": 5})
        self.assertIn("Facts: network-cards 6, bridges 2, addresses 5\n", self.world.run("status").stdout)

    def test_monitor(self):
        self.world.run("guests")  # the service has read all
        with subprocess.Popen([CLI, "monitor", "--json=short"], env=self.world.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as monitor:
            monitor.stderr.readline()
            self.state("seen/br0.json", [seen("10.9.0.7", 1, ago=190), seen("10.9.0.8", 1, contested=True),
                                         seen("10.9.0.9", 2, confirmed=0)])
            self.state("seen/br0.json", [seen("10.9.0.7", 1, ago=190), seen("10.9.0.8", 1), seen("10.9.0.9", 2)])
            events = [json.loads(monitor.stdout.readline()) for _ in range(2)]
            self.assertEqual({(e["event"], e["domain"], e["address"], e["source"], e["interface"], e["tap"]) for e in events},
                             {("changed", "bridged", "10.9.0.8", "seen", "br0", "vnet1"),
                              ("added", "quiet", "10.9.0.9", "seen", "br0", "vnet2")})
            self.assertEqual(next(e for e in events if e["event"] == "added")["names"], ["quiet"])
            os.unlink(f"{self.facts}/seen/br0.json")
            events = [json.loads(monitor.stdout.readline()) for _ in range(3)]
            self.assertEqual({(e["event"], e["address"]) for e in events},
                             {("removed", "10.9.0.7"), ("removed", "10.9.0.8"), ("removed", "10.9.0.9")})
            monitor.terminate()

    def test_without_helpers(self):
        shutil.rmtree(f"{self.facts}/domains")
        shutil.rmtree(f"{self.facts}/seen")
        guests = json.loads(self.world.run("guests", "--json=short").stdout)
        self.assertEqual([guest["domain"] for guest in guests], ["leased"])
        hint = ("Not listed: guests that are on no network of libvirt's, because "
                "libvirt-resolve-domains doesn't run. For details: libvirt-resolve bridged status\n")
        self.assertIn(hint, self.world.run("guests").stdout)
        self.state("domains/domains.json", [])
        self.assertNotIn(hint, self.world.run("guests").stdout)


def in_namespace():
    """Runs this script again, as root of a network namespace."""
    if os.environ.get("SEEN_NAMESPACE"):
        return True
    os.environ["SEEN_NAMESPACE"] = "yes"
    for way in ["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"]:
        ready = [*way, "sh", "-c", "ip link add br9 type bridge && ip link del br9"]
        if subprocess.run(ready, check=False, capture_output=True).returncode == 0:
            os.execvp(way[0], [*way, sys.executable, *sys.argv])
    return False


if __name__ == "__main__":
    if not shutil.which("ip") or not shutil.which("unshare") or not in_namespace():
        print("it takes iproute2, and root or user namespaces in which a bridge can be made")
        sys.exit(77)
    main()
