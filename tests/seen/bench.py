# SPDX-License-Identifier: LGPL-2.1-or-later
"""
A host with bridges, in a network namespace of its own, and guests behind taps: each is a MAC address, some
addresses, and the frames that it sends and gets.
"""

import fcntl
import ipaddress
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(1, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../lib"))
from waiting import PATIENCE, at_most  # noqa: E402,F401

HELPER = os.environ["LIBVIRT_RESOLVE_SEEN"]
READY_PATIENCE = 60

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 2, 0x1000

ARP, IPV4, IPV6 = 0x0806, 0x0800, 0x86DD
REQUEST, REPLY = 1, 2
SOLICIT, ADVERT = 135, 136
BROADCAST = "ff:ff:ff:ff:ff:ff"


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def mac_bytes(mac):
    return bytes.fromhex(mac.replace(":", ""))


def mac_text(data):
    return data.hex(":")


def packed(address):
    return ipaddress.ip_address(address).packed


# ---- frames ----

def ethernet(to, source, kind, payload):
    return mac_bytes(to) + mac_bytes(source) + struct.pack("!H", kind) + payload


def arp(operation, mac, address, wanted, to=BROADCAST, to_mac="00:00:00:00:00:00", source=None):
    """source: the Ethernet header's, if another one than ARP's."""
    return ethernet(to, source or mac, ARP,
                    struct.pack("!HHBBH", 1, IPV4, 6, 4, operation) + mac_bytes(mac) + packed(address) +
                    mac_bytes(to_mac) + packed(wanted))


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def icmp6(mac, to, source, destination, message):
    pseudo = packed(source) + packed(destination) + struct.pack("!II", len(message), 58)
    message = message[:2] + struct.pack("!H", checksum(pseudo + message)) + message[4:]
    return ethernet(to, mac, IPV6, struct.pack("!IHBB", 6 << 28, len(message), 58, 255) + packed(source) +
                    packed(destination) + message)


def solicit(mac, source, target):
    """With the source "::" that of duplicate address detection."""
    group = packed(target)[-3:]
    option = b"" if source == "::" else b"\1\1" + mac_bytes(mac)
    everybody = f"ff02::1:ff{group[:1].hex()}:{group[1:].hex()}"
    return icmp6(mac, "33:33:ff:" + group.hex(":"), source, everybody,
                 struct.pack("!BBHI", SOLICIT, 0, 0, 0) + packed(target) + option)


def advert(mac, target, to, destination):
    return icmp6(mac, to, target, destination,
                 struct.pack("!BBHI", ADVERT, 0, 0, 0x60000000) + packed(target) + b"\2\1" + mac_bytes(mac))


def dhcp_request(mac, wanted):
    """A client that selects a server's offer."""
    message = struct.pack("!BBBBIHH", 1, 1, 6, 0, 0x1234, 0, 0x8000) + bytes(16)
    message += mac_bytes(mac) + bytes(10 + 192)
    message += bytes.fromhex("63825363") + b"\x35\1\3" + b"\x32\4" + packed(wanted) + b"\xff"
    udp = struct.pack("!HHHH", 68, 67, 8 + len(message), 0) + message
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes(4), b"\xff" * 4)
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return ethernet(BROADCAST, mac, IPV4, header + udp)


# ---- guests ----

class Guest:
    """A tap and who is behind it.  It answers for its addresses while it is awake, and keeps what it got."""

    def __init__(self, tap, mac, bridge, *addresses):
        self.tap, self.mac, self.addresses, self.frames = tap, mac, set(addresses), []
        self.awake = True
        self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.fd, TUNSETIFF, struct.pack("16sH22x", tap.encode(), IFF_TAP | IFF_NO_PI))
        # libvirt's taps have the guest's MAC address, but for the first byte.
        ip("link", "set", tap, "address", "fe" + mac[2:])
        ip("link", "set", tap, "master", bridge, "up")
        self.stops = threading.Event()
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        while not self.stops.is_set():
            if not select.select([self.fd], [], [], 0.05)[0]:
                continue
            try:
                frame = os.read(self.fd, 2048)
            except OSError:
                continue
            self.frames.append((time.monotonic(), frame))
            if self.awake:
                self.answer(frame)

    def answer(self, frame):
        kind = struct.unpack_from("!H", frame, 12)[0]
        if mac_text(frame[:6]) not in (self.mac, BROADCAST) and not frame.startswith(b"\x33\x33"):
            return
        sender = mac_text(frame[6:12])
        if kind == ARP and frame[20:22] == b"\0\1":
            wanted = str(ipaddress.ip_address(frame[38:42]))
            if wanted in self.addresses:
                asker = str(ipaddress.ip_address(frame[28:32]))
                self.send(arp(REPLY, self.mac, wanted, asker, sender, sender))
        elif kind == IPV6 and frame[20] == 58 and frame[54] == SOLICIT:
            wanted = str(ipaddress.ip_address(frame[62:78]))
            if wanted in self.addresses:
                self.send(advert(self.mac, wanted, sender, str(ipaddress.ip_address(frame[22:38]))))

    def send(self, frame):
        os.write(self.fd, frame)

    def announce(self, address):
        """Takes an address, and says so as guests do."""
        self.addresses.add(address)
        if ":" in address:
            self.send(solicit(self.mac, "::", address))
        else:
            self.send(arp(REQUEST, self.mac, address, address))

    def questions(self, address=None):
        """The helper's questions that it got, each as (time, wanted address); or those for one address.  The
        host's kernel never asks in these tests unless a test makes it."""
        asked = []
        for when, frame in list(self.frames):
            if mac_text(frame[:6]) != self.mac:
                continue
            kind = struct.unpack_from("!H", frame, 12)[0]
            if kind == ARP and frame[20:22] == b"\0\1":
                asked.append((when, str(ipaddress.ip_address(frame[38:42]))))
            elif kind == IPV6 and frame[54] == SOLICIT:
                asked.append((when, str(ipaddress.ip_address(frame[62:78]))))
        return [question for question in asked if address in (None, question[1])]

    def foreign(self, source):
        """Frames of that sender that aren't for it."""
        return [frame for _, frame in list(self.frames)
                if mac_text(frame[6:12]) == source and mac_text(frame[:6]) != self.mac]

    def end(self):
        if self.stops.is_set():
            return
        self.stops.set()
        self.thread.join()
        os.close(self.fd)


class Machine:
    """A guest with a kernel of its own, as far as a network namespace is one: what it sends by eth0 comes by
    the tap, and the other way round."""

    def __init__(self, name, tap, mac, bridge="br0"):
        self.name, self.mac, self.programs = name, mac, []
        self.first, self.first_own = {}, {}
        ip("netns", "add", name)
        ip("link", "add", f"c-{name}", "type", "veth", "peer", "name", "eth0", "address", mac, "netns", name)
        ip("link", "set", f"c-{name}", "up", "addrgenmode", "none")
        self.cable = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.cable.bind((f"c-{name}", 0x0003))
        self.guest = Guest(tap, mac, bridge)
        self.guest.answer = self.cable.send
        self.stops = threading.Event()
        self.thread = threading.Thread(target=self.carry, daemon=True)
        self.thread.start()
        ip("-n", name, "link", "set", "eth0", "up")

    def carry(self):
        while not self.stops.is_set():
            if select.select([self.cable], [], [], 0.05)[0]:
                frame, where = self.cable.recvfrom(2048)
                if where[2] != socket.PACKET_OUTGOING:
                    self.note(frame)
                    self.guest.send(frame)

    def note(self, frame):
        """When it sent an address for the first time, and when it said by ARP that it has it."""
        if frame[12:14] == b"\x08\x06":
            address = frame[28:32] if any(frame[28:32]) else frame[38:42]
            if any(frame[28:32]):
                self.first_own.setdefault(str(ipaddress.ip_address(address)), time.monotonic())
        elif frame[12:14] == b"\x86\xdd" and frame[54] == SOLICIT:
            address = frame[22:38] if any(frame[22:38]) else frame[62:78]
        else:
            place = frame.find(b"\x32\x04", 280)
            if frame[12:14] != b"\x08\x00" or place < 0 or b"\x35\x01\x03" not in frame[280:]:
                return
            address = frame[place + 2:place + 6]
        self.first.setdefault(str(ipaddress.ip_address(address)), time.monotonic())

    def start(self, *command):
        self.programs.append(subprocess.Popen(["ip", "netns", "exec", self.name, *command],
                                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def end(self):
        for program in self.programs:
            program.kill()
            program.wait()
        self.stops.set()
        self.thread.join()
        self.guest.end()
        self.cable.close()
        ip("link", "del", f"c-{self.name}")
        ip("netns", "del", self.name)


# ---- the host ----

class Host:
    """Bridges br0 (10.9.0.1/24, fd09::1/64) and br1 (10.10.0.1/24), and the helper."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="libvirt-resolve-seen.")
        os.chmod(self.directory, 0o755)
        self.facts_directory = os.path.join(self.directory, "facts")
        os.mkdir(self.facts_directory)
        os.chown(self.facts_directory, 65534, 65534)
        self.process, self.guests = None, []
        ip("link", "set", "lo", "up")
        for bridge, address in (("br0", "10.9.0.1/24"), ("br1", "10.10.0.1/24")):
            ip("link", "add", bridge, "type", "bridge", "forward_delay", "0")
            ip("address", "add", address, "dev", bridge)
            ip("link", "set", bridge, "up")
        ip("address", "add", "fd09::1/64", "dev", "br0", "nodad")

    def guest(self, tap, mac, *addresses, bridge="br0"):
        guest = Guest(tap, mac, bridge, *addresses)
        self.guests.append(guest)
        return guest

    def start(self):
        """As the unit does it: as a user, with one capability, until it says that it is ready.  The user needn't
        be able to enter the directories that the program and the facts are in."""
        program, directory = os.open(HELPER, os.O_PATH), os.open(self.facts_directory, os.O_PATH)
        with open(os.path.join(self.directory, "log"), "ab") as log, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind("")  # an abstract address of the kernel's choice, which any user can send to
            ready.settimeout(READY_PATIENCE)
            self.process = subprocess.Popen(
                ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all,+net_raw",
                 "--ambient-caps=-all,+net_raw", f"/proc/self/fd/{program}",
                 f"--directory=/proc/self/fd/{directory}", "--log-level=debug"],
                stderr=log, pass_fds=(program, directory),
                env=dict(os.environ, NOTIFY_SOCKET="@" + ready.getsockname()[1:].decode()))
            os.close(program)
            os.close(directory)
            if ready.recv(100) != b"READY=1":
                raise AssertionError(f"it isn't ready: {self.log()}")

    def stop(self, how=signal.SIGTERM):
        process, self.process = self.process, None
        if process:
            process.send_signal(how)
            if process.wait() != (0 if how == signal.SIGTERM else -how):
                raise AssertionError(f"it ended with status {process.returncode}: {self.log()}")

    def end(self):
        self.stop()
        for guest in self.guests:
            guest.end()
        for bridge in ("br0", "br1"):
            subprocess.run(["ip", "link", "del", bridge], capture_output=True, check=False)
        shutil.rmtree(self.directory)

    @staticmethod
    def mac(interface):
        result = subprocess.run(["ip", "-json", "link", "show", interface], check=True, capture_output=True)
        return json.loads(result.stdout)[0]["address"]

    def log(self):
        with open(os.path.join(self.directory, "log"), encoding="utf-8") as file:
            return file.read()

    def facts(self, bridge="br0"):
        """None: there is no file."""
        try:
            with open(os.path.join(self.facts_directory, bridge + ".json"), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def stated(self, bridge="br0"):
        """Who has what: (address, MAC address, tap) of those that aren't refused."""
        return {(entry["ip-address"], entry["mac-address"], entry["tap"])
                for entry in self.facts(bridge) or [] if "refused" not in entry}

    def refused(self, bridge="br0"):
        return {(entry["ip-address"], entry["mac-address"], entry["refused"])
                for entry in self.facts(bridge) or [] if "refused" in entry}


def until(condition, patience=PATIENCE):
    """Waits until a condition holds, and returns the time that it took."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > patience:
            raise AssertionError("it doesn't come")
        time.sleep(0.01)
    return time.monotonic() - start


def namespace():
    """Runs the calling script in a network namespace of its own."""
    if os.environ.get("SEEN_NAMESPACE") is None:
        entered = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False)
        if os.geteuid() != 0 or entered.returncode != 0 or not os.path.exists("/dev/net/tun"):
            print("needs root, a network namespace and /dev/net/tun")
            sys.exit(77)
        os.execvpe("unshare", ["unshare", "--net", "--mount", sys.executable, *sys.argv],
                   dict(os.environ, SEEN_NAMESPACE="1"))
    # Of the namespaces that the tests make, none is the machine's.
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)


def main():
    namespace()
    unittest.main()
