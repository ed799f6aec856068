#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The program libvirt-resolve, each verb, with the real service on a private bus."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

CLI = os.environ["LIBVIRT_RESOLVE"]
SERVICE = os.environ["LIBVIRT_RESOLVED"]
PATIENCE = 20

BUS_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
"""


def lease(address, mac, hostname=None, expires_in=3600):
    entry = {"ip-address": address, "mac-address": mac, "client-id": "01:" + mac}
    if hostname is not None:
        entry["hostname"] = hostname
    entry["expiry-time"] = int(time.time()) + expires_in if expires_in else 0
    return entry


LEASES = [
    lease("192.168.122.42", "52:54:00:12:00:01", "web1"),
    lease("192.168.122.43", "52:54:00:12:00:02", "Web2", expires_in=7200),
    lease("fd00:122::42", "52:54:00:12:00:01", "web1", expires_in=7200),
    lease("192.168.122.50", "52:54:00:aa:00:01", "appserver", expires_in=0),
    lease("192.168.122.60", "52:54:00:12:00:06", "github.com"),
    lease("192.168.122.61", "52:54:00:12:00:07", "\033[31mred\x7f\x85"),
    lease("192.168.122.62", "52:54:00:12:00:08", "gone", expires_in=-100),
    lease("192.168.122.63", "52:54:00:12:00:09"),
]
MACS = [
    {"domain": "vm-app", "macs": ["52:54:00:aa:00:01"]},
    {"domain": "vm-new", "macs": ["52:54:00:aa:00:02"]},
]


class World:
    """A bus, a lease directory, and the service."""

    def __init__(self, *options):
        self.directory = tempfile.mkdtemp(prefix="libvirt-resolve.")
        self.leases = os.path.join(self.directory, "leases")
        self.runtime = os.path.join(self.directory, "run")
        os.mkdir(self.leases)
        os.mkdir(self.runtime)
        self.write("virbr0.status", LEASES)
        self.write("virbr0.macs", MACS)
        self.environment = dict(
            os.environ,
            DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={self.directory}/bus",
            LC_ALL="C.UTF-8",
        )
        self.bus = self.service = None
        self.start_bus()
        self.start_service(*options)

    def write(self, name, document):
        path = os.path.join(self.leases, name)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(document if isinstance(document, str) else json.dumps(document))
        os.rename(path + ".new", path)

    def start_bus(self):
        configuration = os.path.join(self.directory, "bus.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(BUS_CONFIGURATION.format(self.directory))
        self.bus = subprocess.Popen(
            ["dbus-daemon", "--nofork", "--print-address=1", "--config-file", configuration],
            stdout=subprocess.PIPE)
        self.bus.stdout.readline()

    def start_service(self, *options):
        path = os.path.join(self.directory, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(path)
            notify.settimeout(PATIENCE)
            self.service = subprocess.Popen(
                [SERVICE, f"--lease-directory={self.leases}", f"--runtime-directory={self.runtime}",
                 *options],
                env=dict(self.environment, NOTIFY_SOCKET=path), stderr=subprocess.DEVNULL)
            while b"READY=1" not in notify.recv(4096):
                pass
        os.unlink(path)

    def stop_service(self):
        self.service.send_signal(signal.SIGCONT)
        self.service.kill()
        self.service.wait()

    def end(self):
        self.stop_service()
        self.bus.kill()
        self.bus.wait()
        self.bus.stdout.close()
        shutil.rmtree(self.directory)

    def run(self, *arguments, **environment):
        return subprocess.run([CLI, *arguments], env=dict(self.environment, **environment), text=True,
                              capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                              errors="surrogateescape", check=False)


class Case(unittest.TestCase):
    """Tests of one world that none of them changes."""

    options = ()

    @classmethod
    def setUpClass(cls):
        cls.world = World(*cls.options)

    @classmethod
    def tearDownClass(cls):
        cls.world.end()

    def cli(self, *arguments, status=0, **environment):
        result = self.world.run(*arguments, **environment)
        self.assertEqual(result.returncode, status, result)
        self.assertNotIn("\033", result.stdout)
        return result

    def document(self, *arguments, status=0):
        return json.loads(self.cli(*arguments, "--json=short", status=status).stdout)


class TestUsage(Case):
    def test_help_fits_a_screen(self):
        result = self.cli("--help")
        lines = result.stdout.splitlines()
        self.assertLessEqual(len(lines), 24)
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertEqual(result.stderr, "")

    def test_version(self):
        self.assertRegex(self.cli("--version").stdout, r"^libvirt-resolve \d+\.\d+\.\d+\n$")

    def test_errors(self):
        for arguments, word in [
                (("nonsense",), "nonsense"),
                (("--nonsense",), "nonsense"),
                (("query",), "NAME"),
                (("leases", "web1"), "web1"),
                (("leases", "-4"), "-4"),
                (("leases", "--json=nice"), "nice"),
        ]:
            with self.subTest(arguments):
                result = self.cli(*arguments, status=2)
                self.assertEqual(result.stdout, "")
                self.assertIn(word, result.stderr)
                self.assertLessEqual(len(result.stderr.splitlines()), 2)

    def test_full_disk(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = subprocess.run([CLI, "leases"], env=self.world.environment, stdout=full,
                                    stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"Writing failed", result.stderr)


class TestQuery(Case):
    def test_name(self):
        lines = self.cli("query", "web1").stdout.splitlines()
        self.assertEqual(lines[0], "web1: fd00:122::42")
        self.assertEqual(lines[1], "      192.168.122.42")
        self.assertIn("lease", lines[2])
        self.assertEqual(len(lines), 3)

    def test_no_legend(self):
        self.assertEqual(self.cli("query", "-4", "--no-legend", "web1").stdout, "web1: 192.168.122.42\n")

    def test_canonical_name(self):
        self.assertIn("(Web2)", self.cli("query", "WEB2").stdout)
        self.assertNotIn("(", self.cli("query", "Web2").stdout)

    def test_link(self):
        self.world.write("lo.status", [lease("192.168.9.9", "52:54:00:12:00:99", "onlo")])
        self.assertRegex(self.cli("query", "onlo").stdout, r"^onlo: 192\.168\.9\.9 +-- link: lo\n")
        self.cli("query", "-i", "lo", "onlo")
        self.cli("query", "--interface=1", "onlo")
        self.assertIn("network", self.cli("query", "-i", "lo", "web1", status=1).stderr)
        self.assertIn("nosuch0", self.cli("query", "-i", "nosuch0", "web1", status=1).stderr)

    def test_family(self):
        self.assertEqual([a["address"] for a in self.document("query", "-6", "web1")], ["fd00:122::42"])
        self.assertEqual([a["family"] for a in self.document("query", "-4", "web1")], [socket.AF_INET])
        self.assertIn("family", self.cli("query", "-6", "Web2", status=1).stderr)

    def test_variants(self):
        self.assertEqual(self.document("query", "vm-app")[0]["variants"], ["domain"])
        self.assertEqual(self.document("query", "appserver")[0]["variants"], ["lease"])
        self.cli("query", "--lease", "vm-app", status=1)
        self.cli("query", "--domain-name", "appserver", status=1)
        self.cli("query", "--domain-name", "--lease", "appserver", "vm-app")

    def test_address(self):
        lines = self.cli("query", "192.168.122.50").stdout.splitlines()
        self.assertEqual(lines[:2], ["192.168.122.50: appserver", " " * 16 + "vm-app"])
        self.assertEqual(self.document("query", "fd00:122::42")[0]["names"], ["web1"])
        self.assertIn("192.168.122.63", self.cli("query", "192.168.122.63", status=1).stderr)

    def test_json(self):
        self.assertEqual(self.document("query", "WEB2"), [{
            "query": "WEB2", "ifindex": 0, "family": socket.AF_INET, "address": "192.168.122.43",
            "names": ["Web2"], "variants": ["lease"]}])
        self.assertEqual(json.loads(self.cli("query", "web1", "--json=pretty").stdout),
                         self.document("query", "web1"))
        self.assertEqual(self.cli("query", "web1", "--json=off").stdout, self.cli("query", "web1").stdout)

    def test_json_of_failures(self):
        found, missing, refused = self.document("query", "Web2", "nosuch\033", "localhost", status=1)
        self.assertEqual(found["address"], "192.168.122.43")
        self.assertEqual(missing["query"], "nosuch\033")
        self.assertEqual(missing["error-name"], "org.libvirt.Resolve1.NoSuchName")
        self.assertIn("nosuch", missing["error"])
        self.assertEqual(refused["error-name"], "org.libvirt.Resolve1.NameRefused")

    def test_one_failure_does_not_stop_the_rest(self):
        result = self.cli("query", "nosuch", "web1", "192.168.1.1", "vm-app", status=1)
        self.assertIn("nosuch: ", result.stderr)
        self.assertIn("192.168.1.1: ", result.stderr)
        self.assertIn("web1: ", result.stdout)
        self.assertIn("vm-app: ", result.stdout)

    def test_explanations(self):
        for name, words in [
                ("nosuch", ("No guest", "virsh domifaddr --source agent", "qemu/")),
                ("gone", ("expired",)),
                ("vm-new", ("no DHCP lease",)),
                ("github.com", ("refused", "--domain=")),
                ("localhost", ("refused",)),
                (b"\xff\033", ("\\xff\\x1b", "UTF-8")),
        ]:
            with self.subTest(name):
                result = self.cli("query", name, status=1)
                self.assertEqual(result.stdout, "")
                self.assertNotIn("\033", result.stderr)
                for word in words:
                    self.assertIn(word, result.stderr)


class TestQueryBelowADomain(Case):
    options = ("--domain=lab.example",)

    def test_full_name(self):
        self.assertEqual(self.document("query", "web1.lab.example", "-4")[0]["names"], ["web1.lab.example"])


class TestLeases(Case):
    def test_table(self):
        lines = self.cli("leases").stdout.splitlines()
        self.assertEqual(lines[0].split(),
                         ["NAME", "DOMAIN", "ADDRESS", "MAC", "INTERFACE", "EXPIRES", "IN", "NOTE"])
        app = next(line for line in lines if "192.168.122.50" in line)
        self.assertEqual(app.split(),
                         ["appserver", "vm-app", "192.168.122.50", "52:54:00:aa:00:01", "virbr0", "never"])
        nameless = next(line for line in lines if "192.168.122.63" in line)
        self.assertEqual(nameless.split()[:2], ["-", "-"])
        self.assertRegex(nameless, r"\b59min \d+s\b|\b1h\b")
        self.assertIn("7 leases listed.", lines)

    def test_refused(self):
        out = self.cli("leases").stdout
        refused = next(line for line in out.splitlines() if line.startswith("github.com"))
        self.assertTrue(refused.endswith("refused"))
        self.assertIn("'github.com' at 192.168.122.60 is refused", out)
        self.assertIn("\\x1b[31mred\\x7f\\xc2\\x85 ", out)

    def test_no_legend(self):
        lines = self.cli("leases", "--no-legend").stdout.splitlines()
        self.assertEqual(len(lines), 7)
        self.assertNotIn("NAME", lines[0])

    def test_json(self):
        out = self.cli("leases", "--json=short").stdout
        self.assertEqual(out.count("\n"), 1)
        self.assertIn(r'"\u001B[31mred\u007F\u0085"', out)
        leases = json.loads(out)
        web2 = next(entry for entry in leases if entry["address"] == "192.168.122.43")
        self.assertEqual(web2, {
            "interface": "virbr0", "ifindex": 0, "family": socket.AF_INET, "address": "192.168.122.43",
            "mac-address": "52:54:00:12:00:02", "hostname": "Web2", "client-id": "01:52:54:00:12:00:02",
            "expiry": LEASES[1]["expiry-time"], "names": ["Web2"]})
        refused = next(entry for entry in leases if entry["address"] == "192.168.122.60")
        self.assertIn("--domain=", refused["refused"])
        self.assertEqual(refused["names"], [])


class TestNoLeases(Case):
    def test_empty(self):
        self.world.write("virbr0.status", "")
        self.assertEqual(self.cli("leases").stdout, "\n0 leases listed.\n")
        self.assertEqual(self.cli("leases", "--no-legend").stdout, "")
        self.assertEqual(self.document("leases"), [])


class TestBroken(unittest.TestCase):
    """What is said when there is nobody to ask."""

    def setUp(self):
        self.world = World()

    def tearDown(self):
        self.world.end()

    def check(self, *words, verbs=(("leases",), ("query", "web1", "web2", "192.168.122.42"))):
        for arguments in verbs:
            result = self.world.run(*arguments)
            self.assertEqual(result.returncode, 1)
            self.assertEqual(result.stdout, "")
            for word in words:
                self.assertEqual(result.stderr.count(word), 1, result.stderr)

    def test_no_bus(self):
        self.world.environment["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent/bus"
        self.check("bus can't be reached")

    def test_no_service(self):
        self.world.stop_service()
        self.check("can't be asked", "systemctl enable --now libvirt-resolved")

    def test_no_lease_directory(self):
        shutil.rmtree(self.world.leases)
        self.check(self.world.leases)

    def test_frozen_service(self):
        self.world.service.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        self.check("no answer within", "journalctl -u libvirt-resolved", verbs=[("query", "web1", "web2")])
        self.assertLess(time.monotonic() - began, 10)

    def test_frozen_bus(self):
        self.world.bus.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        try:
            self.check("no answer within", verbs=[("query", "web1", "web2")])
        finally:
            self.world.bus.send_signal(signal.SIGCONT)
        self.assertLess(time.monotonic() - began, 10)


if __name__ == "__main__":
    if not shutil.which("dbus-daemon"):
        print("dbus-daemon isn't installed")
        sys.exit(77)
    unittest.main(verbosity=2)
