#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libvirt-resolve-seen on bridges with guests that are honest, and guests that aren't."""

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True

from bench import ADVERT, BROADCAST, HELPER, REPLY, REQUEST, SOLICIT, Host, Machine, at_most, until  # noqa: E402
from bench import arp, dhcp_request, ethernet, ip, main, solicit  # noqa: E402

G1, G2, G3 = "52:54:00:00:00:01", "52:54:00:00:00:02", "52:54:00:00:00:03"
FORGED = 400
NETWORKD = "/lib/systemd/systemd-networkd"

# Clients wait before they ask, and ask before they take what they get.
CLIENT_PATIENCE = 60

# Long enough for the two questions and the second after each.
SILENCE = 2.3


class Case(unittest.TestCase):
    def setUp(self):
        self.host = Host()
        self.addCleanup(self.host.end)

    def watched(self, *guests):
        """The guests behind vnet1, ..., with the helper running."""
        made = [self.host.guest(f"vnet{i + 1}", mac, *addresses)
                for i, (mac, *addresses) in enumerate(guests)]
        self.host.start()
        until(lambda: self.host.facts() is not None)
        return made


class Claims(Case):
    def test_address_of_each_kind(self):
        guest, = self.watched((G1,))
        self.assertEqual(self.host.facts(), [])
        before = int(time.time())
        guest.announce("10.9.0.21")
        until(lambda: self.host.stated() == {("10.9.0.21", G1, "vnet1")})
        guest.announce("fd09::21")
        guest.announce("fe80::5054:ff:fe00:1")
        until(lambda: len(self.host.stated()) == 3)
        for entry in self.host.facts():
            self.assertEqual(entry["by"], "nd" if ":" in entry["ip-address"] else "arp")
            self.assertTrue(before <= entry["first-seen"] <= entry["confirmed"] <= time.time())
            self.assertEqual(entry["expiry-time"], entry["confirmed"] + 86400)
            self.assertEqual(set(entry), {"ip-address", "mac-address", "tap", "by", "first-seen", "confirmed",
                                          "expiry-time"})

    def test_dhcp_request(self):
        """The guest has the address as soon as its server agrees, which nobody sees."""
        guest, = self.watched((G1,))
        guest.send(dhcp_request(G1, "10.9.0.50"))
        time.sleep(0.7)
        self.assertEqual(self.host.stated(), set())
        guest.addresses.add("10.9.0.50")
        self.assertLess(until(lambda: self.host.stated() == {("10.9.0.50", G1, "vnet1")}), at_most(2.5))
        self.assertEqual(self.host.facts()[0]["by"], "dhcp")

    def test_unconfirmed_is_never_stated(self):
        guest, other = self.watched((G1,), (G2,))
        guest.awake = False
        guest.announce("10.9.0.21")
        guest.send(dhcp_request(G1, "10.9.0.22"))
        time.sleep(4.5)
        self.assertEqual(self.host.facts(), [])
        self.assertEqual(len(guest.questions("10.9.0.21")), 2)
        self.assertEqual(len(guest.questions("10.9.0.22")), 3)
        self.assertEqual(other.questions(), [])

    def test_questions_are_for_the_claimant_alone(self):
        """… even if the bridge doesn't know its MAC address any more, and floods what is sent to it."""
        guest, other = self.watched((G1,), (G2,))
        ip("link", "set", "br0", "type", "bridge", "ageing_time", "100")
        source = self.host.mac("br0")
        guest.announce("10.9.0.21")
        guest.announce("fd09::21")
        until(lambda: len(self.host.stated()) == 2)
        other.frames.clear()
        guest.frames.clear()
        self.host.stop(signal.SIGKILL)
        time.sleep(2)
        self.host.start()
        until(lambda: len(guest.questions()) == 2)
        self.assertEqual([frame for frame in other.foreign(source) if frame[12:14] == b"\x08\x06"], [])
        self.assertEqual(other.questions(), [])

    def test_parts_of_a_frame_disagree(self):
        guest, _ = self.watched((G1, "10.9.0.21", "10.9.0.22"), (G2,))
        guest.send(arp(REQUEST, G2, "10.9.0.21", "10.9.0.21", source=G1))
        frame = dhcp_request(G2, "10.9.0.22")
        guest.send(frame[:6] + bytes.fromhex(G1.replace(":", "")) + frame[12:])
        time.sleep(SILENCE)
        self.assertEqual(self.host.facts(), [])
        self.assertEqual(guest.questions(), [])

    def test_tagged_frame(self):
        guest, = self.watched((G1, "10.9.0.21"))
        frame = arp(REQUEST, G1, "10.9.0.21", "10.9.0.21")
        guest.send(frame[:12] + struct.pack("!HH", 0x8100, 7) + frame[12:])
        time.sleep(SILENCE)
        self.assertEqual(guest.questions(), [])

    def test_impossible_addresses(self):
        guest, = self.watched((G1,))
        for address in "10.9.0.1", "10.10.0.7", "192.0.2.7", "224.0.0.9", "127.0.0.1", "255.255.255.255":
            guest.announce(address)
        until(lambda: len(self.host.refused()) == 3)
        own, nowhere = "it is one of the host's own", "it is in no network that the host has on the bridge"
        self.assertEqual(self.host.refused(), {
            ("10.9.0.1", G1, own), ("10.10.0.7", G1, nowhere), ("192.0.2.7", G1, nowhere)})
        for entry in self.host.facts():
            self.assertNotIn("confirmed", entry)
        self.assertEqual(self.host.stated(), set())
        self.assertEqual(guest.questions(), [])

    def test_refused_claims_in_the_log(self):
        """Each once, and 20 at most (REFUSALS_LOGGED_MAX), however many a guest makes."""
        guest, = self.watched((G1,))
        for i in range(40):             # 8 of each MAC address are kept, and stated
            for _ in range(2):
                guest.send(arp(REQUEST, f"52:54:00:00:07:{i // 8:02x}", f"192.0.2.{i + 1}", f"192.0.2.{i + 1}"))
        until(lambda: len(self.host.refused()) == 40)
        until(lambda: self.host.log().count(" is refused: ") == 20)
        guest.announce("10.9.0.21")     # the file is written once more
        until(self.host.stated)
        self.assertEqual(self.host.log().count(" is refused: "), 20)
        self.assertEqual(self.host.log().count("br0: 192.0.2.1, claimed by 52:54:00:00:07:00 behind vnet1, is refused: "
                                               "it is in no network that the host has on the bridge."), 1)

    def test_address_comes_to_the_host(self):
        guest, = self.watched((G1,))
        guest.announce("192.0.2.7")
        until(self.host.refused)
        ip("address", "add", "192.0.2.1/24", "dev", "br0")
        until(lambda: self.host.stated() == {("192.0.2.7", G1, "vnet1")})

    def test_first_holder_keeps_an_address(self):
        first, second = self.watched((G1,), (G2,))
        first.announce("10.9.0.21")
        until(self.host.stated)
        second.announce("10.9.0.21")
        until(self.host.refused)
        self.assertEqual(self.host.stated(), {("10.9.0.21", G1, "vnet1")})
        self.assertEqual(self.host.refused(), {("10.9.0.21", G2, "another MAC address has it")})

    def test_address_that_was_given_up(self):
        first, second = self.watched((G1,), (G2,))
        first.announce("10.9.0.21")
        until(self.host.stated)
        first.addresses.clear()
        second.announce("10.9.0.21")
        self.assertLess(until(lambda: self.host.stated() == {("10.9.0.21", G2, "vnet2")}), at_most(6))

    def test_neighbour_that_failed(self):
        """Whoever ran into a dead address has cleared it for the next; a guest that slept comes back."""
        guest, = self.watched((G1,))
        guest.announce("10.9.0.21")
        until(self.host.stated)
        guest.awake = False
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.sendto(b"", ("10.9.0.21", 9))
        until(lambda: not self.host.stated())
        guest.awake = True
        until(self.host.stated)

    def test_what_the_host_knows(self):
        """A guest that the host spoke to before the helper ran."""
        self.host.guest("vnet1", G1, "10.9.0.21")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.sendto(b"", ("10.9.0.21", 9))
        time.sleep(0.5)
        self.host.start()
        until(lambda: self.host.stated() == {("10.9.0.21", G1, "vnet1")})

    def test_nobody_else_learns_anything(self):
        guest, _ = self.watched((G1,), (G2,))
        guest.announce("10.9.0.21")
        guest.announce("fd09::21")
        until(lambda: len(self.host.stated()) == 2)
        with open("/proc/net/arp", encoding="ascii") as file:
            self.assertNotIn("10.9.0.21", file.read())


class Places(Case):
    def test_unplugged(self):
        guest, _ = self.watched((G1,), (G2,))
        guest.announce("10.9.0.21")
        until(self.host.stated)
        guest.end()
        self.assertLess(until(lambda: self.host.facts() == []), at_most(1))

    def test_moved_to_another_bridge(self):
        guest, _ = self.watched((G1, "10.10.0.21"), (G2,))
        guest.announce("10.9.0.21")
        until(self.host.stated)
        self.assertIsNone(self.host.facts("br1"))
        ip("link", "set", "vnet1", "master", "br1")
        self.assertLess(until(lambda: self.host.facts() == []), at_most(1))
        guest.announce("10.10.0.21")
        until(lambda: self.host.stated("br1") == {("10.10.0.21", G1, "vnet1")})

    def test_plugged_in_again(self):
        """The same MAC address behind another tap, once the first is gone, is no stranger."""
        guest, _ = self.watched((G1,), (G2,))
        guest.announce("10.9.0.21")
        until(self.host.stated)
        guest.end()
        self.host.guest("vnet9", G1).announce("10.9.0.21")
        until(lambda: self.host.stated() == {("10.9.0.21", G1, "vnet9")})

    def test_bridge_without_taps(self):
        guest, = self.watched((G1,))
        guest.announce("10.9.0.21")
        until(self.host.stated)
        self.assertIsNone(self.host.facts("br1"))
        guest.end()
        until(lambda: self.host.facts() is None)

    def test_bridge_that_is_renamed(self):
        guest, = self.watched((G1,))
        guest.announce("10.9.0.21")
        until(self.host.stated)
        ip("link", "set", "br0", "down")
        ip("link", "set", "br0", "name", "lan")
        ip("link", "set", "lan", "up")
        self.addCleanup(ip, "link", "del", "lan")
        until(lambda: self.host.stated("lan") == {("10.9.0.21", G1, "vnet1")})
        self.assertIsNone(self.host.facts())

    def test_port_that_teaches_nothing(self):
        """Its guest could pass for any other one."""
        guest, _ = self.watched((G1,), (G2,))
        guest.announce("10.9.0.21")
        until(self.host.stated)
        ip("link", "set", "vnet2", "type", "bridge_slave", "learning", "off")
        until(lambda: self.host.facts() is None)
        ip("link", "set", "vnet2", "type", "bridge_slave", "learning", "on")
        until(lambda: self.host.facts() is not None)

    def test_killed(self):
        """The file stays, and is confirmed again."""
        guest, other = self.watched((G1,), (G2,))
        guest.announce("10.9.0.21")
        other.announce("10.9.0.22")
        until(lambda: len(self.host.stated()) == 2)
        first_seen = {entry["ip-address"]: entry["first-seen"] for entry in self.host.facts()}
        self.host.stop(signal.SIGKILL)
        self.assertEqual(len(self.host.stated()), 2)
        other.awake = False
        guest.frames.clear()
        self.host.start()
        until(lambda: self.host.stated() == {("10.9.0.21", G1, "vnet1")})
        self.assertEqual(len(guest.questions("10.9.0.21")), 1)
        self.assertEqual(self.host.facts()[0]["first-seen"], first_seen["10.9.0.21"])

    def test_stopped(self):
        guest, = self.watched((G1,))
        guest.announce("10.9.0.21")
        until(self.host.stated)
        self.host.stop()
        self.assertEqual(os.listdir(self.host.facts_directory), [])

    def test_old_files(self):
        path = os.path.join(self.host.facts_directory, "br7.json")
        with open(path, "w", encoding="ascii") as file:
            file.write("[]")
        self.watched((G1,))
        until(lambda: not os.path.exists(path))


class Attacks(Case):
    def flood(self, guest, frame, rate, until_set):
        """Sends a frame that many times a second; returns how many in all."""
        sent, start = 0, time.monotonic()
        while not until_set.is_set():
            while sent < (time.monotonic() - start) * rate:
                try:
                    guest.send(frame)
                except BlockingIOError:
                    pass
                sent += 1
            time.sleep(0.001)
        return sent

    def busy(self, guest, frame, rate):
        """Floods in the background; a function that ends it and returns the rate."""
        ends, start, sent = threading.Event(), time.monotonic(), []
        thread = threading.Thread(target=lambda: sent.append(self.flood(guest, frame, rate, ends)))
        thread.start()

        def end():
            ends.set()
            thread.join()
            return sent[0] / (time.monotonic() - start)
        self.addCleanup(ends.set)
        return end

    def test_forged_claims(self):
        """Of 400 under the victim's MAC address, while it sends 10 000 packets a second, none counts."""
        victim, attacker = self.watched((G1,), (G2,))
        victim.announce("10.9.0.21")
        until(self.host.stated)
        forged = [f"10.9.0.{100 + i % 100}" for i in range(FORGED)]
        victim.addresses |= set(forged)         # the worst case: it would answer
        end = self.busy(victim, arp(REQUEST, G1, "10.9.0.21", "10.9.0.254"), 10000)
        for address in forged:
            attacker.send(arp(REQUEST, G1, address, address))
            time.sleep(0.005)
        rate = end()
        time.sleep(SILENCE)
        self.assertGreater(rate, 5000)
        self.assertEqual(self.host.stated(), {("10.9.0.21", G1, "vnet1")})
        self.assertEqual({question[1] for question in victim.questions()}, {"10.9.0.21"})
        self.assertEqual(attacker.questions(), [])
        self.assertEqual(self.host.facts()[0]["contested"], "its MAC address was seen on vnet2, too")

    def test_forged_claim_without_a_victim_that_sends(self):
        """The first frame from another port is the forged one."""
        victim, attacker = self.watched((G1, "10.9.0.99"), (G2,))
        victim.announce("10.9.0.21")
        until(self.host.stated)
        attacker.send(arp(REQUEST, G1, "10.9.0.99", "10.9.0.99"))
        until(lambda: "contested" in self.host.facts()[0])
        time.sleep(SILENCE)
        self.assertEqual(self.host.stated(), {("10.9.0.21", G1, "vnet1")})
        self.assertEqual(victim.questions("10.9.0.99"), [])

    def test_forged_answer(self):
        """The victim has given its address up, and the attacker answers for it: in the queue there is a frame
        of the victim, then the answer, and only then the helper hears that its sender is elsewhere."""
        victim, attacker = self.watched((G1,), (G2,))
        victim.announce("10.9.0.21")
        until(self.host.stated)
        confirmed = self.host.facts()[0]["confirmed"]
        self.host.stop(signal.SIGKILL)
        victim.awake = False
        victim.frames.clear()
        time.sleep(1.1)
        self.host.start()
        until(victim.questions)
        bridge = self.host.mac("br0")
        self.host.process.send_signal(signal.SIGSTOP)
        victim.send(arp(REQUEST, G1, "10.9.0.77", "10.9.0.78"))
        time.sleep(0.05)
        attacker.send(arp(REPLY, G1, "10.9.0.21", "10.9.0.1", bridge, bridge))
        time.sleep(0.05)
        self.host.process.send_signal(signal.SIGCONT)
        until(lambda: "contested" in self.host.facts()[0])
        time.sleep(SILENCE)
        self.assertEqual(self.host.facts()[0]["confirmed"], confirmed)

    def drops(self):
        """How many events the helper has lost."""
        with open("/proc/net/netlink", encoding="ascii") as file:
            return sum(int(line.split()[8]) for line in file.readlines()[1:])

    def test_lost_events(self):
        """While the helper stands still, the kernel's events overflow; among the frames is a forged one."""
        victim, attacker = self.watched((G1, "10.9.0.99"), (G2,))
        victim.announce("10.9.0.21")
        until(self.host.stated)
        self.host.process.send_signal(signal.SIGSTOP)
        while not self.drops():
            for guest in [victim, attacker] * 50:       # each frame moves its MAC address
                guest.send(ethernet("52:54:00:00:00:77", G3, 0x88B5, b"x" * 46))
            time.sleep(0.002)
        attacker.send(arp(REQUEST, G1, "10.9.0.99", "10.9.0.99"))
        time.sleep(0.05)
        victim.send(ethernet("52:54:00:00:00:77", G1, 0x88B5, b"x" * 46))
        time.sleep(0.05)
        self.host.process.send_signal(signal.SIGCONT)
        until(lambda: "Events of the kernel were lost." in self.host.log())
        time.sleep(SILENCE)
        self.assertEqual(self.host.stated(), {("10.9.0.21", G1, "vnet1")})
        self.assertEqual(victim.questions("10.9.0.99"), [])

    def rss(self):
        with open(f"/proc/{self.host.process.pid}/status", encoding="ascii") as file:
            return int(next(line.split()[1] for line in file if line.startswith("VmRSS:")))

    def test_65536_addresses_of_one_nic(self):
        victim, attacker, newcomer = self.watched((G1,), (G2,), (G3,))
        ip("address", "add", "10.11.0.1/16", "dev", "br0")
        victim.announce("10.9.0.21")
        until(self.host.stated)
        before, start = self.rss(), time.monotonic()
        victim.frames.clear()
        attacker.addresses = {f"10.11.{i >> 8}.{i & 255}" for i in range(65536)}
        for i in range(65536):
            address = f"10.11.{i >> 8}.{i & 255}"
            while True:
                try:
                    attacker.send(arp(REQUEST, G2, address, address))
                    break
                except BlockingIOError:
                    time.sleep(0.0005)
            if i == 40000:
                newcomer.announce("10.9.0.23")
                came = time.monotonic()
        until(lambda: ("10.9.0.23", G3, "vnet3") in self.host.stated(), 2.5 - (time.monotonic() - came))
        time.sleep(SILENCE)
        spent = time.monotonic() - start
        self.assertIn(("10.9.0.21", G1, "vnet1"), self.host.stated())
        self.assertLessEqual(len([who for who in self.host.stated() if who[1] == G2]), 8)
        self.assertLessEqual(len(attacker.questions()), 10 * (spent + 1))
        self.assertEqual(victim.questions(), [])
        if not os.environ["SANITIZED"]:
            self.assertLess(self.rss() - before, 2048)

    def test_mac_addresses_of_one_tap(self):
        victim, attacker = self.watched((G1,), (G2,))
        for i in range(4096):
            mac = f"52:54:00:01:{i >> 8:02x}:{i & 255:02x}"
            attacker.send(arp(REQUEST, mac, f"10.9.0.{i % 200 + 40}", "10.9.0.254"))
        victim.announce("10.9.0.21")
        self.assertLess(until(lambda: ("10.9.0.21", G1, "vnet1") in self.host.stated()), at_most(2.5))
        time.sleep(SILENCE)
        self.assertEqual(self.host.stated(), {("10.9.0.21", G1, "vnet1")})
        asked = {frame[:6] for _, frame in attacker.frames if frame[12:14] == b"\x08\x06"} - {b"\xff" * 6}
        self.assertTrue(0 < len(asked) <= 16, asked)


class Clients(Case):
    """Guests with real network stacks: they are found before the host ever sent them a packet."""

    def machine(self, name, tap, mac):
        machine = Machine(name, tap, mac)
        self.addCleanup(machine.end)
        return machine

    def comes(self, machine, tap, *addresses, since="first"):
        for address in addresses:
            until(lambda a=address: (a, machine.mac, tap) in self.host.stated(), CLIENT_PATIENCE)
            self.assertLess(time.monotonic() - getattr(machine, since)[address], at_most(2.5), address)
            with open("/proc/net/arp", encoding="ascii") as file:
                self.assertNotIn(address, file.read())

    def test_static_addresses(self):
        self.host.start()
        machine = self.machine("web1", "vnet1", G1)
        ip("-n", "web1", "address", "add", "10.9.0.21/24", "dev", "eth0")
        ip("-n", "web1", "address", "add", "fd09::21/64", "dev", "eth0")
        machine.start("bash", "-c", "echo > /dev/udp/10.9.0.254/9")
        self.comes(machine, "vnet1", "10.9.0.21", "fd09::21", "fe80::5054:ff:fe00:1")

    def router(self):
        """Somebody else's DHCP server on the bridge."""
        ip("netns", "add", "router")
        self.addCleanup(ip, "netns", "del", "router")
        ip("link", "add", "v-router", "type", "veth", "peer", "name", "eth0", "netns", "router")
        self.addCleanup(ip, "link", "del", "v-router")
        ip("link", "set", "v-router", "master", "br0", "up")
        ip("-n", "router", "address", "add", "10.9.0.2/24", "dev", "eth0")
        ip("-n", "router", "link", "set", "eth0", "up")
        server = subprocess.Popen([
            "ip", "netns", "exec", "router", "dnsmasq", "--keep-in-foreground", "--no-ping",
            "--conf-file=/dev/null", "--port=0", "--interface=eth0",
            "--dhcp-range=10.9.0.100,10.9.0.199",
            "--dhcp-host=52:54:00:*:*:*,10.9.0.150",
            f"--dhcp-leasefile={self.host.directory}/leases", "--pid-file",
            "--user=root"], stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)

    def served(self, program):
        """A machine on a bridge with a DHCP server, for a client to run on."""
        if not shutil.which("dnsmasq") or not shutil.which(program):
            self.skipTest(f"needs dnsmasq and {program}")
        self.router()
        self.host.start()
        return self.machine("web1", "vnet1", G1)

    def client(self, program, *arguments):
        """The client, with a script that takes the address, and says nothing more."""
        machine = self.served(program)
        script = os.path.join(self.host.directory, "script")
        with open(script, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nip address add ${ip:-${new_ip_address:?}}/24 dev eth0 2> /dev/null\n"
                       "exit 0\n")
        os.chmod(script, 0o755)
        machine.start(program, *(argument.format(script=script) for argument in arguments))
        self.comes(machine, "vnet1", "10.9.0.150")
        self.assertEqual(self.by("10.9.0.150"), "dhcp")

    def by(self, address):
        entry, = [entry for entry in self.host.facts() if entry["ip-address"] == address]
        return entry["by"]

    def test_udhcpc(self):
        self.client("busybox", "udhcpc", "-f", "-i", "eth0", "-s", "{script}")

    def test_dhclient(self):
        self.client("dhclient", "-d", "-4", "-sf", "{script}", "-lf", "/run/dhclient.leases",
                    "-pf", "/run/dhclient.pid", "eth0")

    def test_dhcpcd(self):
        """It asks for seconds whether anybody else has the address, and announces it when it takes it."""
        machine = self.served("dhcpcd")
        os.mkdir("/run/dhcpcd-leases")
        # Of several processes; they end with the namespace.
        machine.start("unshare", "--pid", "--kill-child", "--mount", "sh", "-c",
                      "mount --bind /run/dhcpcd-leases /var/lib/dhcpcd && "
                      "exec dhcpcd -B -4 --config /dev/null --script /bin/true eth0")
        self.comes(machine, "vnet1", "10.9.0.150", since="first_own")

    def test_networkd(self):
        """It says nothing more once it has its lease.  Where /sys is read-only, as in a container, it doesn't
        wait for udev."""
        machine = self.served(NETWORKD)
        os.makedirs("/run/systemd/network")
        os.makedirs("/run/systemd/netif/leases")
        with open("/run/systemd/network/eth0.network", "w", encoding="ascii") as file:
            file.write("[Match]\nName=eth0\n[Network]\nDHCP=ipv4\nIPv6AcceptRA=no\n")
        subprocess.run(["chown", "-R", "systemd-network:", "/run/systemd/netif"], check=True)
        machine.start("sh", "-c", f"mount -o remount,bind,ro /sys && exec {NETWORKD}")
        self.comes(machine, "vnet1", "10.9.0.150")
        self.assertEqual(self.by("10.9.0.150"), "dhcp")


class Quiet(Case):
    def test_idle_guests(self):
        """Nothing is sent to guests that are known and silent; nobody is sent anything but questions."""
        guests = self.watched(*((f"52:54:00:00:01:{i:02x}",) for i in range(20)))
        for i, guest in enumerate(guests):
            guest.announce(f"10.9.0.{100 + i}")
        until(lambda: len(self.host.stated()) == 20)
        time.sleep(1)
        for guest in guests:
            self.assertEqual(len(guest.questions()), 1)
            guest.frames.clear()
        seconds = float(os.environ.get("QUIET_SECONDS", "10"))
        time.sleep(seconds)
        frames = [frame for guest in guests for _, frame in guest.frames]
        asked = [frame.hex() for frame in frames if frame[12:14] == b"\x08\x06" or
                 (frame[12:14] == b"\x86\xdd" and frame[20] == 58 and frame[54] in (SOLICIT, ADVERT))]
        print(f"{seconds:.0f} s, {len(guests)} guests: {len(asked)} frames of ARP or neighbour discovery, "
              f"{len(frames)} of any kind", file=sys.stderr)
        self.assertEqual(asked, [])


class Privileges(Case):
    PIDFD_OPEN, PIDFD_GETFD = 434, 438
    SO_ATTACH_FILTER, SO_DETACH_FILTER, SO_LOCK_FILTER = 26, 27, 44
    EVERY = 0x0003

    def sockets(self):
        """The helper's packet sockets, as somebody who has taken it over has them."""
        libc = ctypes.CDLL(None, use_errno=True)
        pid = self.host.process.pid
        pidfd = libc.syscall(self.PIDFD_OPEN, pid, 0)
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                kind = os.readlink(f"/proc/{pid}/fd/{name}")
            except FileNotFoundError:  # a file that it has just written
                continue
            if kind.startswith("socket:"):
                fd = libc.syscall(self.PIDFD_GETFD, pidfd, int(name), 0)
                if fd < 0:
                    self.skipTest("needs the right to take another process's descriptors (pidfd_getfd)")
                copy = socket.socket(fileno=fd)
                if copy.family == socket.AF_PACKET:
                    yield copy
                else:
                    copy.close()
        os.close(pidfd)

    def test_capabilities(self):
        self.watched((G1,))
        with open(f"/proc/{self.host.process.pid}/status", encoding="ascii") as file:
            status = dict(line.split(":", 1) for line in file)
        for kind in "CapInh", "CapPrm", "CapEff", "CapAmb":
            self.assertEqual(int(status[kind], 16), 0, kind)
        self.assertEqual(status["NoNewPrivs"].strip(), "1")

    def test_filters(self):
        """They can't be widened, and hold whatever the sockets are bound to."""
        guest, = self.watched((G1,))
        sockets = list(self.sockets())
        for s in sockets:
            self.addCleanup(s.close)
        self.assertEqual(len(sockets), 64)
        for s in sockets:
            self.assertEqual(s.getsockopt(socket.SOL_SOCKET, self.SO_LOCK_FILTER), 1)
            for option in self.SO_DETACH_FILTER, self.SO_ATTACH_FILTER:
                with self.assertRaises(PermissionError):
                    s.setsockopt(socket.SOL_SOCKET, option, struct.pack("HxxxxxxP", 0, 0))
        unbound = sockets[-1]
        self.host.stop()
        unbound.bind(("br0", self.EVERY))
        guest.send(ethernet(BROADCAST, G1, 0x88B5, b"x" * 46))
        guest.send(ethernet(BROADCAST, G1, 0x0800, bytes.fromhex("4500002a0000000040110000") + bytes(30)))
        guest.send(solicit(G1, "::", "fd09::21")[:54] + b"\x80" + bytes(40))
        guest.send(arp(REQUEST, G1, "10.9.0.21", "10.9.0.1"))
        guest.send(solicit(G1, "::", "fd09::21"))
        guest.send(dhcp_request(G1, "10.9.0.21"))
        time.sleep(0.3)
        kinds = set()
        unbound.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while frame := unbound.recv(2048):
                kinds.add((frame[6:12].hex(":"), frame[12:14].hex(), len(frame)))
        self.assertEqual(kinds, {(G1, "0806", 42), (G1, "86dd", 78), (G1, "0800", 292)})

    def test_without_the_capability(self):
        result = subprocess.run(["setpriv", "--inh-caps=-all", "--bounding-set=-net_raw", HELPER,
                                 f"--directory={self.host.facts_directory}"],
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("CAP_NET_RAW is needed", result.stderr)


if __name__ == "__main__":
    main()
