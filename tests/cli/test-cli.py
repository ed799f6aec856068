#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The program libvirt-resolve, each verb, with the real service on a private bus."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import termios
import threading
import time
import unittest

from world import CLI, HOOK, LEASES, PATIENCE, Case, World, at_most, lease, main

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
                (("query",), "libvirt-resolve query NAME|ADDRESS|MAC..."),
                (("statistics", "web1"), "web1"),
                (("leases", "-q"), "--quiet"),
                (("lease",), "'lease'; did you mean 'leases'?"),
                (("qurey", "web1"), "'qurey'; did you mean 'query'?"),
                (("reset", "web1"), "'reset-statistics'?"),
                (("leases", "-4"), "-4"),
                (("leases", "--json=nice"), "nice"),
                (("wait",), "NAME"),
                (("wait", "web1", "--timeout=soon"), "soon"),
                (("query", "web1", "--timeout=3"), "--timeout="),
                (("log-level", "info", "debug"), "debug"),
                (("reload", "--json=short"), "--json="),
                (("nss",), "enable"),
                (("nss", "nonsense"), "nonsense"),
                (("nss", "enable", "--json=short"), "--json="),
                (("leases", "--file=x"), "--file="),
                (("query", "web1", "-4", "-6"), "-4"),
                (("query", "web1", "-64"), "-4"),
                (("query", "--domain-name", "--lease", "web1"), "--lease"),
                (("query", "-i", "lo", "--interface=virbr0", "web1"), "--interface="),
        ]:
            with self.subTest(arguments):
                result = self.cli(*arguments, status=2)
                self.assertEqual(result.stdout, "")
                self.assertIn(word, result.stderr)
                self.assertLessEqual(len(result.stderr.splitlines()), 2)

    def test_help_verb(self):
        self.assertEqual(self.cli("help").stdout, self.cli("--help").stdout)
        self.assertIn("libvirt-resolve(1)", self.cli("help").stdout)

    def test_legend(self):
        self.assertEqual(self.cli("query", "-4", "--legend=no", "web1").stdout, "web1: 192.168.122.42\n")
        self.assertEqual(self.cli("query", "--legend=yes", "web1").stdout, self.cli("query", "web1").stdout)
        self.assertIn("yes or no", self.cli("query", "--legend=x", "web1", status=2).stderr)

    def test_full_disk(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = subprocess.run([CLI, "leases"], env=self.world.environment, stdout=full,
                                    stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"Writing failed", result.stderr)


class TestQuiet(Case):
    def test_only_the_status(self):
        for arguments, status in [
                (("query", "web1"), 0),
                (("query", "nosuch"), 1),
                (("query", "web1", "localhost"), 1),
                (("query", "192.168.122.42", "--json=short"), 0),
                (("query", "192.168.1.1"), 1),
                (("wait", "web1"), 0),
                (("wait", "nosuch", "--timeout=0"), 3),
                (("nss", "status", "--file=/dev/null"), 1),
                (("doctor", "--legend=yes"), 1),
        ]:
            for option in "-q", "--quiet":
                with self.subTest(arguments):
                    result = self.cli(*arguments, option, status=status)
                    self.assertEqual(result.stdout, "")
                    if arguments[0] != "nss":
                        self.assertEqual(result.stderr, "")

    def test_failures_are_reported(self):
        result = self.world.run("query", "-q", "web1", DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nonexistent")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("bus", result.stderr)


class TestQuery(Case):
    def test_name(self):
        lines = self.cli("query", "web1").stdout.splitlines()
        self.assertEqual(lines[0], "web1: fd00:122::42" + " " * 30 + "-- link: virbr0 (down)")
        self.assertEqual(lines[1], "      192.168.122.42" + " " * 28 + "-- link: virbr0 (down)")
        self.assertIn("lease", lines[2])
        self.assertEqual(len(lines), 3)

    def test_no_legend(self):
        self.assertEqual(self.cli("query", "-4", "--no-legend", "web1").stdout, "web1: 192.168.122.42\n")

    def test_canonical_name(self):
        self.assertIn("(Web2)", self.cli("query", "WEB2").stdout)
        self.assertNotIn("(Web2)", self.cli("query", "Web2").stdout)

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

    def test_address(self):
        lines = self.cli("query", "192.168.122.50").stdout.splitlines()
        self.assertEqual([line.split(" -- ")[0].rstrip() for line in lines[:2]],
                         ["192.168.122.50: appserver", " " * 16 + "vm-app"])
        self.assertIn("-- link: virbr0", lines[0])
        self.assertEqual(self.document("query", "fd00:122::42")[0]["names"], ["web1"])
        self.assertIn("192.168.122.63", self.cli("query", "192.168.122.63", status=1).stderr)

    def test_json(self):
        self.assertEqual(self.document("query", "WEB2"), [{
            "query": "WEB2", "ifindex": 0, "family": socket.AF_INET, "address": "192.168.122.43",
            "names": ["Web2"], "variants": ["lease"], "interface": "virbr0"}])
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

    def test_same_option_twice(self):
        self.cli("query", "-4", "-4", "--lease", "--lease", "--no-legend", "--no-legend", "web1")
        self.assertEqual(self.document("query", "web1", "--json=pretty"), self.document("query", "web1"))

    def test_hint(self):
        def hinted(*arguments, status=1):
            return "virsh domifaddr" in self.cli(*arguments, status=status).stderr

        for name in "nosuch", "vm-new", "n" * 255:
            self.assertTrue(hinted("query", name), name)
            self.assertTrue(hinted("wait", "--timeout=1", name, status=3), name)
            self.assertFalse(hinted("wait", "--timeout=0", name, status=3), name)
        for name in "gone", "web", "192.168.1.1", "fd00::1", "n" * 256, "", "a..", b"\xff", "localhost", "github.com":
            self.assertFalse(hinted("query", name), name)
        self.assertFalse(hinted("query", "-6", "Web2"))
        self.assertFalse(hinted("query", "--no-legend", "nosuch"))
        self.assertFalse(hinted("query", "--json=short", "nosuch"))

    def test_mac_address(self):
        lines = self.cli("query", "52:54:00:AA:00:01").stdout.splitlines()
        self.assertRegex(lines[0], r"^52:54:00:AA:00:01: 192\.168\.122\.50 +-- link: virbr0 \(down\)$")
        self.assertEqual([line.strip() for line in lines[1:]], ["(appserver)", "(vm-app)", "-- Libvirt domain: vm-app"])
        found = self.document("query", "52:54:00:12:00:01")
        self.assertEqual([(lease["query"], lease["address"], lease["names"]) for lease in found],
                         [("52:54:00:12:00:01", "192.168.122.42", ["web1"]), ("52:54:00:12:00:01", "fd00:122::42", ["web1"])])
        self.assertEqual(len(self.document("query", "-6", "52:54:00:12:00:01")), 1)
        missing = self.cli("query", "52:54:00:00:00:00", status=1)
        self.assertIn("No lease has the MAC address '52:54:00:00:00:00'", missing.stderr)

    def test_did_you_mean(self):
        self.world.write("virbr3.status", [lease("192.168.170.1", "52:54:00:17:00:01", "project-vm01"),
                                           lease("192.168.170.2", "52:54:00:17:00:02", "vm01-old")])
        self.world.write("virbr3.macs", [{"domain": "project_vm01", "macs": ["52:54:00:17:00:01"]}])
        self.addCleanup(os.unlink, os.path.join(self.world.leases, "virbr3.status"))
        self.addCleanup(os.unlink, os.path.join(self.world.leases, "virbr3.macs"))
        self.cli("query", "project-vm01")
        for wanted, suggested in [("vm01", "project-vm01, project_vm01 or vm01-old"), ("web2x", "Web2"), ("webb1", "web1"),
                                  ("appserve", "appserver"), ("web1.example", "web1")]:
            result = self.cli("query", wanted, status=1)
            self.assertIn(f"-- Did you mean {suggested}?\n", result.stderr.replace("Web2 or web1", "Web2"))
            self.assertNotIn("virsh", result.stderr)
        self.assertIn("--domain=kvm.", self.cli("query", "web1.kvm", status=1).stderr)
        self.assertNotIn("--domain=", self.cli("query", "vm01", status=1).stderr)
        for wanted in "x", "entirely-else":
            self.assertNotIn("Did you mean", self.cli("query", wanted, status=1).stderr)
        self.assertNotIn("Did you mean", self.cli("query", "--no-legend", "vm01", status=1).stderr)

    def test_options_that_hide_it(self):
        self.assertIn("-- 'vm-app' is the name of a libvirt domain, which --lease leaves out.\n",
                      self.cli("query", "--lease", "vm-app", status=1).stderr)
        self.assertIn("-- 'web1' is the hostname of a guest, which --domain-name leaves out.\n",
                      self.cli("query", "--domain-name", "web1", status=1).stderr)

    def test_a_bridge_that_is_gone(self):
        result = self.cli("query", "-i", "virbr0", "web1", status=1)
        self.assertIn("The bridge 'virbr0' isn't there now", result.stderr)

    def test_unread_files(self):
        self.world.write("virbr4.status", "nonsense")
        self.addCleanup(os.unlink, os.path.join(self.world.leases, "virbr4.status"))
        self.cli("query", "web1")
        result = self.cli("query", "nosuch", "nosuch2", status=1)
        self.assertEqual(result.stderr.count("-- The guests on virbr4 may not be known: "), 1)
        self.assertNotIn("virsh", result.stderr)

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
                self.assertLessEqual(max(map(len, result.stderr.splitlines()[1:]), default=0), 80)


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
        self.assertIn("Not answered for 192.168.122.60:\n  hostname 'github.com': a guest's name may have a dot", out)
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
            "expiry": LEASES[1]["expiry-time"] * 1000000, "names": ["Web2"]})
        refused = next(entry for entry in leases if entry["address"] == "192.168.122.60")
        self.assertIn("--domain=", refused["refused"])
        self.assertEqual(refused["names"], [])


    def test_names(self):
        def addresses(*arguments, status=0):
            return [entry["address"] for entry in self.document("leases", *arguments, status=status)]

        self.assertEqual(addresses("WEB1"), ["192.168.122.42", "fd00:122::42"])
        self.assertEqual(addresses("vm-app"), ["192.168.122.50"])
        self.assertEqual(addresses("appserver", "vm-app", "web2"), ["192.168.122.43", "192.168.122.50"])
        self.assertEqual(addresses("github.com"), ["192.168.122.60"])   # though it is refused
        self.assertEqual(addresses("web2", "nosuch", status=1), ["192.168.122.43"])
        result = self.cli("leases", "\033x", status=1)
        self.assertEqual(result.stderr, "libvirt-resolve: No lease has the name '\\x1bx'.\n")
        self.assertIn("1 lease listed.", self.cli("leases", "web2").stdout)

    def test_interface(self):
        self.assertEqual(len(self.document("leases", "-i", "virbr0")), 7)
        self.assertEqual(self.document("leases", "-i", "virbr1"), [])
        self.assertIn("on virbr1 ", self.cli("leases", "--interface=virbr1", "web1", status=1).stderr)

    def test_j(self):
        self.assertEqual(self.cli("leases", "-j").stdout, self.cli("leases", "--json=short").stdout)
        master, slave = pty.openpty()
        subprocess.run([CLI, "leases", "-j", "web2"], env=self.world.environment, stdout=slave, check=True, timeout=PATIENCE)
        os.close(slave)
        self.assertEqual(os.read(master, 65536).replace(b"\r", b"").decode(),
                         self.cli("leases", "--json=pretty", "web2").stdout)
        os.close(master)

    def test_full(self):
        lines = self.cli("leases", "--full").stdout.splitlines()
        self.assertEqual(lines[0].split()[5:7], ["EXPIRES", "CLIENT-ID"])
        web1 = next(line for line in lines if "192.168.122.42" in line)
        end = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(LEASES[0]["expiry-time"]))
        self.assertIn(f" {end} 01:52:54:00:12:00:01", web1)
        self.assertIn("never", next(line for line in lines if "192.168.122.50" in line))
        self.assertIn("--full", self.cli("statistics", "--full", status=2).stderr)


class TestTerminal(Case):
    """What differs on a terminal: colours, a pager, and its width."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.write("virbr1.status", [lease("192.168.150.9", "52:54:00:15:00:09", "long" * 15)])

    def screen(self, *arguments, columns=80, rows=24, **environment):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = dict(self.world.environment, **{"TERM": "xterm", "SYSTEMD_PAGER": "", **environment})
        environment = {name: value for name, value in environment.items() if value is not None}
        # Its stdin and stderr tell the width, too, where a pager has taken its stdout.
        process = subprocess.Popen([CLI, *arguments], stdin=slave, stdout=slave, stderr=slave,
                                   env=environment)
        os.close(slave)
        chunks = []
        try:
            while chunk := os.read(master, 4096):
                chunks.append(chunk)
        except OSError:  # the end, on a pty
            pass
        os.close(master)
        process.wait(PATIENCE)
        return b"".join(chunks).decode().replace("\r\n", "\n")

    def test_colours(self):
        self.assertIn("\033[33m", self.screen("leases"))
        self.assertIn("\033[90m", self.screen("query", "web1"))
        self.assertNotIn("\033", self.screen("leases", NO_COLOR="1"))
        self.assertNotIn("\033", self.screen("query", "web1", "nosuch", NO_COLOR="1"))
        self.assertNotIn("\033", self.screen("leases", TERM="dumb"))
        self.assertNotIn("\033", self.screen("leases", "--json=pretty"))

    def test_width(self):
        name = "long" * 15
        for columns in 80, 100:
            lines = self.screen("leases", columns=columns, NO_COLOR="1").splitlines()
            table = [line for line in lines if "virbr" in line]
            self.assertEqual(max(map(len, table)), columns)
            self.assertFalse(any(name in line for line in table))
            self.assertIn(" 192.168.150.9 ", "\n".join(table))
            self.assertRegex("\n".join(table), r"\blong[long]*\u2026 ")
        self.assertIn(name, self.screen("leases", columns=160, NO_COLOR="1"))
        self.assertIn(name, self.cli("leases").stdout)
        self.assertIn(name, self.screen("leases", "--full", columns=80, NO_COLOR="1"))

    def test_narrow(self):
        """Names are cut first, then the rest, in the end addresses; never numbers."""
        def table(*arguments, columns):
            parts = self.screen(*arguments, columns=columns, NO_COLOR="1").split("\n\n")
            lines = parts[-1 if "status" in arguments else 0]
            self.assertLessEqual(max(map(len, lines.splitlines())), columns)
            return lines

        lines = table("leases", columns=60)
        self.assertIn(" 192.168.150.9 ", lines)
        self.assertRegex(lines, r"\nlong\S*\u2026 ")
        self.assertRegex(lines, r" 52:5[\d:]*\u2026 ")
        for columns in 40, 50:
            self.assertRegex(table("leases", columns=columns), r"\b(never|59min \d+s)\b")
        self.assertRegex(table("status", columns=30), r"\nvirbr0 +- +7 +2 +0 +\S+ ago\n")
        self.assertTrue(table("leases", columns=1000).startswith("NAME "))

    def test_narrow_properties(self):
        def properties(*arguments):
            return self.screen("status", *arguments, columns=40, NO_COLOR="1").split("\n\n")[0]

        self.assertLessEqual(max(map(len, properties().splitlines())), 40)
        self.assertRegex(properties(), r"Lease directory: /\S*\u2026\n")
        self.assertIn(f"Lease directory: {self.world.leases}\n", properties("--full"))
        self.assertIn(f"Lease directory: {self.world.leases}\n", self.cli("status").stdout)

    def test_wide_characters(self):
        name = "\u65e5\u672c" * 9 + "e\u0301" * 9
        self.world.write("virbr2.status", [lease("192.168.160.9", "52:54:00:16:00:09", name)])
        self.addCleanup(os.unlink, os.path.join(self.world.leases, "virbr2.status"))
        lines = self.screen("leases", columns=60, NO_COLOR="1").splitlines()
        line = next(line for line in lines if "192.168.160.9" in line)
        self.assertRegex(line, "^(\u65e5\u672c)+\u65e5?\u2026  ?- ")
        before = line[:line.index("192.168.160.9")]
        self.assertEqual(sum(1 + (ord(c) > 0x3000) for c in before), lines[0].index("ADDRESS"))

    def test_doctor_breaks_lines(self):
        lines = self.screen("doctor", NO_COLOR="1").splitlines()
        self.assertLessEqual(max(map(len, lines)), 80)

    def test_pager(self):
        own = {"SYSTEMD_PAGERSECURE": "0", "rows": 4}
        paged = self.screen("leases", "--no-legend", SYSTEMD_PAGER="sed s/^/paged:/", PAGER="false", **own)
        self.assertEqual(len(paged.splitlines()), 8)
        self.assertTrue(all(line.startswith("paged:") for line in paged.splitlines()), paged)
        self.assertIn("paged:", self.screen("leases", SYSTEMD_PAGER=None, PAGER="sed s/^/paged:/", **own))
        self.assertNotIn("paged:", self.screen("leases", "--no-pager", SYSTEMD_PAGER="sed s/^/paged:/", **own))
        self.assertNotIn("paged:", self.cli("leases", SYSTEMD_PAGER="sed s/^/paged:/").stdout)
        self.assertIn("web1", self.screen("leases", SYSTEMD_PAGER="cat", **own))
        self.assertNotIn("paged:", self.screen("leases", SYSTEMD_PAGER="sed s/^/paged:/", TERM="dumb", **own))

    def test_no_pager_where_all_fits(self):
        """8 rows, one more for the prompt; where lines wrap, there are more."""
        paged = {"SYSTEMD_PAGER": "sed s/^/paged:/", "SYSTEMD_PAGERSECURE": "0"}
        self.assertNotIn("paged:", self.screen("leases", "--no-legend", columns=100, rows=9, **paged))
        self.assertIn("paged:", self.screen("leases", "--no-legend", columns=100, rows=8, **paged))
        self.assertNotIn("paged:", self.screen("status", "virbr0", columns=80, rows=4, **paged))
        self.assertIn("paged:", self.screen("status", "virbr0", "--full", columns=20, rows=4, **paged))

    def test_no_pager_that_has_a_shell(self):
        """Where it isn't sure that the user is the one who logged in: less alone, told not to run one."""
        path = os.path.join(self.world.directory, "bin")
        os.makedirs(path, exist_ok=True)
        self.addCleanup(shutil.rmtree, path)
        for name in "less", "more":
            with open(os.path.join(path, name), "w", encoding="utf-8") as file:
                file.write(f'#!/bin/sh\nwhile read -r line; do echo "{name}$LESSSECURE:$line"; done\n')
            os.chmod(file.name, 0o755)
        with open("/proc/self/cgroup", encoding="utf-8") as file:
            in_session = "/user-" in file.read()
        for secure, pager, wanted in [("", "more", "less1:"), ("1", "more", "more1:"), ("1", None, "less1:"),
                                      ("0", None, "less:"), ("false", "more", "more:")]:
            if secure == "" and in_session:
                continue  # it is sure here
            out = self.screen("leases", rows=4, PATH=path + ":" + os.environ["PATH"], SYSTEMD_PAGER=pager,
                              SYSTEMD_PAGERSECURE=secure, LESSSECURE=None)
            self.assertTrue(out.startswith(wanted), (secure, pager, out))
        os.unlink(os.path.join(path, "less"))
        self.assertTrue(self.screen("leases", rows=4, PATH=path, SYSTEMD_PAGER=None).startswith("NAME"))

    def test_pager_that_ends_early(self):
        self.assertEqual(self.screen("leases", rows=4, SYSTEMD_PAGER="sed q", SYSTEMD_PAGERSECURE="1").count("\n"), 1)


class TestLocale(Case):
    def test_any(self):
        self.world.write("virbr0.macs", [{"domain": "\u65e5\u672c", "macs": ["52:54:00:12:00:98"]}])
        self.world.write("virbr0.status", [lease("192.168.9.9", "52:54:00:12:00:98", "one", expires_in=0),
                                           lease("192.168.9.10", "52:54:00:12:00:99", "two", expires_in=0)])
        wanted = self.cli("leases").stdout
        self.assertIn("\none  \u65e5\u672c   192.168.9.9 ", wanted)
        for locale in "C", "POSIX", "nonsense":
            self.assertEqual(self.cli("leases", LC_ALL=locale).stdout, wanted)


class TestNoLeases(Case):
    def test_empty(self):
        self.world.write("virbr0.status", "")
        self.assertEqual(self.cli("leases").stdout, "\n0 leases listed.\n")
        self.assertEqual(self.cli("leases", "--no-legend").stdout, "")
        self.assertEqual(self.document("leases"), [])


class TestWait(Case):
    def test_name_that_is_there(self):
        result = self.cli("wait", "-4", "web1")
        self.assertEqual(result.stdout, "web1: 192.168.122.42\n")
        self.assertEqual(result.stderr, "")

    def test_name_that_comes(self):
        began = time.monotonic()
        timer = threading.Timer(0.5, self.world.write, (
            "virbr1.status", [lease("192.168.150.7", "52:54:00:15:00:07", "late")]))
        timer.start()
        result = self.cli("wait", "late", "web1", "--timeout=10")
        timer.join()
        self.assertIn("late: 192.168.150.7\n", result.stdout)
        self.assertIn("web1: 192.168.122.42\n", result.stdout.replace("      192", "web1: 192"))
        self.assertLess(time.monotonic() - began, at_most(5))

    def test_time_out(self):
        began = time.monotonic()
        result = self.cli("wait", "nosuch", "web1", "--timeout=1s", status=3)
        self.assertGreaterEqual(time.monotonic() - began, 1)
        self.assertIn("nosuch: 'nosuch' got no address in time: No guest is called 'nosuch'.\n", result.stderr)
        self.assertIn("virsh domifaddr", result.stderr)
        self.assertIn("web1: ", result.stdout)

    def test_reasons(self):
        for arguments, reason in [(("vm-new",), "no DHCP lease (yet)"), (("gone",), "expired"), (("-6", "Web2"), "family")]:
            result = self.cli("wait", "--timeout=0", *arguments, status=3)
            self.assertIn("has no address now: ", result.stderr)
            self.assertIn(reason, result.stderr)

    def test_no_time_at_all(self):
        self.cli("wait", "nosuch", "--timeout=0", status=3)
        self.cli("wait", "web1", "--timeout=0")

    def test_failure(self):
        self.assertIn("refused", self.cli("wait", "localhost", status=1).stderr)
        self.assertIn("refused", self.cli("wait", "localhost", "nosuch", "--timeout=0", status=1).stderr)
        self.cli("wait", b"\xff", status=1)
        self.assertIn("An address", self.cli("wait", "192.168.122.42", status=1).stderr)

    def test_restrictions(self):
        self.cli("wait", "-6", "Web2", "--timeout=0", status=3)
        self.cli("wait", "--lease", "vm-app", "--timeout=0", status=3)
        self.cli("wait", "-i", "lo", "web1", "--timeout=0", status=3)
        self.cli("wait", "-i", "nosuch0", "web1", status=1)

    def test_json(self):
        found, missing = sorted(self.document("wait", "Web2", "nosuch", "--timeout=1", status=3),
                                key=lambda answer: answer["query"])
        self.assertEqual(found["address"], "192.168.122.43")
        self.assertEqual(missing["error-name"], "org.libvirt.Resolve1.TimedOut")

    def test_many(self):
        names = [f"many{i}" for i in range(250)]
        timer = threading.Timer(0.5, self.world.write, ("virbr2.status", [
            lease(f"192.168.160.{i}", f"52:54:00:16:00:{i:02x}", name) for i, name in enumerate(names)]))
        timer.start()
        result = self.cli("wait", "--timeout=15", "--json=short", *names)
        timer.join()
        self.assertEqual({answer["query"] for answer in json.loads(result.stdout)}, set(names))


class TestRestart(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.end)

    def begin(self, *arguments):
        return subprocess.Popen([CLI, *arguments], env=self.world.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def restart(self):
        self.world.stop_service()
        self.world.start_service()

    def assertFinds(self, process, text):
        out, err = process.communicate(timeout=PATIENCE)
        self.assertEqual((out, err, process.returncode), (text, "", 0))

    def test_wait_outlives_the_service(self):
        waiting = self.begin("wait", "late", "--timeout=15")
        for _ in range(3):
            time.sleep(0.5)
            self.restart()
        self.world.write("virbr1.status", [lease("192.168.150.7", "52:54:00:15:00:07", "late")])
        self.assertFinds(waiting, "late: 192.168.150.7\n")

    def test_a_call_outlives_the_service(self):
        for arguments, text in [(("query", "--no-legend", "-4", "web1"), "web1: 192.168.122.42\n"),
                                (("query", "--no-legend", "192.168.122.42"), "192.168.122.42: web1\n"),
                                (("log-level",), "info\n")]:
            self.world.service.process.send_signal(signal.SIGSTOP)
            asking = self.begin(*arguments)
            time.sleep(0.3)
            self.restart()
            self.assertFinds(asking, text)

    def test_a_service_that_does_not_come_back(self):
        self.world.service.process.send_signal(signal.SIGSTOP)
        asking = self.begin("query", "web1")
        time.sleep(0.3)
        began = time.monotonic()
        self.world.stop_service()
        _, err = asking.communicate(timeout=PATIENCE)
        self.assertLess(time.monotonic() - began, at_most(7))
        self.assertIn("isn't running", err)
        self.assertEqual(asking.returncode, 1)


class TestStatus(Case):
    options = ("--domain=lab.example", "--deny-name=puppet")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.write("lo.status", [{"ip-address": "nonsense"}, lease("192.168.9.9", "52:54:00:12:00:99", "onlo")])
        cls.world.write("virbr9.status", "nonsense")

    def test_text(self):
        for arguments in (), ("status",):
            out = self.cli(*arguments).stdout
            self.assertIn(f"Lease directory: {self.world.leases}\n", out)
            self.assertIn("Domains: lab.example\n", out)
            self.assertIn("Denied names: puppet\n", out)
            self.assertRegex(out, r"\nNETWORK +INDEX +LEASES +DOMAINS +SKIPPED +READ\n")
            self.assertRegex(out, r"\nlo +1 +1 +0 +1 +\d+s ago\n")
            self.assertRegex(out, r"\nvirbr0 +- +7 +2 +0 +\d+s ago\n")
            self.assertRegex(out, r"\nvirbr9: .+\n")
            self.assertIn("Resolve hook: off\n" if HOOK else "Resolve hook: unsupported\n", out)

    def test_one_network(self):
        lines = self.cli("status", "virbr0").stdout.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertTrue(lines[1].startswith("virbr0"))
        self.assertIn("nosuch0", self.cli("status", "virbr0", "nosuch0", status=1).stderr)

    def test_json(self):
        status, = self.document("status")
        self.assertEqual(status["lease-directory"], self.world.leases)
        self.assertEqual(status["domains"], ["lab.example"])
        self.assertIs(status["hostnames"], True)
        self.assertIs(status["reverse"], True)
        self.assertEqual(status["resolve-hook"], {"state": "off" if HOOK else "unsupported"})
        networks = {network["interface"]: network for network in status["networks"]}
        self.assertEqual(networks["lo"]["skipped"], 1)
        self.assertEqual(networks["virbr0"]["leases"], 7)
        self.assertAlmostEqual(networks["virbr0"]["read"] / 1e6, time.time(), delta=30)
        self.assertIn("error", networks["virbr9"])
        self.assertNotIn("error", networks["virbr0"])
        self.assertEqual([network["interface"] for network in self.document("status", "lo")[0]["networks"]], ["lo"])


@unittest.skipUnless(HOOK, "built without the resolve hook")
class TestHook(unittest.TestCase):
    def test_status(self):
        world = World()
        self.addCleanup(world.end)
        world.stop_service()
        with socket.socket(socket.AF_UNIX) as listener:
            path = os.path.join(world.directory, "hook")
            listener.bind(path)
            listener.listen()
            world.start_service(listener=listener)
            for method in "io.systemd.Resolve.Hook.QueryFilter", "org.varlink.service.GetInfo":
                connection = socket.socket(socket.AF_UNIX)
                self.addCleanup(connection.close)
                connection.settimeout(PATIENCE)
                connection.connect(path)
                connection.sendall(json.dumps({"method": method, "more": True}).encode() + b"\0")
                self.assertTrue(connection.recv(1))
            self.assertIn("Resolve hook: listening, connections 2, subscribers 1\n", world.run("status").stdout)
            status, = json.loads(world.run("status", "--json=short").stdout)
            self.assertEqual(status["resolve-hook"], {"state": "listening", "connections": 2, "subscribers": 1})


class TestStatistics(Case):
    def counter(self, name):
        return self.document("statistics")[0][name]

    def test_counts(self):
        before = self.counter("lookups-found")
        self.cli("query", "web1")
        self.assertEqual(self.counter("lookups-found"), before + 1)
        self.assertRegex(self.cli("statistics").stdout, rf"^Lookups\n +Names and addresses found: +{before + 1}\n")
        self.assertEqual(self.cli("reset-statistics").stdout, "")
        self.assertEqual(self.counter("lookups-found"), 0)

    def test_groups(self):
        """All counters have labels, in groups; without the legend, the same lines without headings."""
        out = self.cli("statistics").stdout
        groups = [part.splitlines() for part in out.split("\n\n")]
        self.assertEqual([group[0] for group in groups],
                         ["Lookups", "Waits", *(["Resolve hook"] if HOOK else []), "Leases", "Limits"])
        lines = [line for group in groups for line in group[1:]]
        self.assertEqual(len(lines), len(self.document("statistics")[0]))
        self.assertEqual(len({line.rindex(":") for line in lines}), 1)
        self.assertEqual(len({len(line) for line in lines}), 1)
        self.assertEqual(len({line.split(":")[0] for line in lines}), len(lines))
        self.assertNotRegex(out, "[a-z]-[a-z]")
        bare = self.cli("statistics", "--no-legend").stdout
        self.assertEqual([line.split(":")[0] for line in bare.splitlines()], [line.split(":")[0] for line in lines])

    def test_reload(self):
        before = self.counter("readings")
        result = self.cli("reload")
        self.assertEqual(result.stdout + result.stderr, "")
        self.assertGreater(self.counter("readings"), before)


class TestLogLevel(Case):
    def test_levels(self):
        self.assertEqual(self.cli("log-level").stdout, "info\n")
        self.assertEqual(self.cli("log-level", "debug").stdout, "")
        self.assertEqual(self.cli("log-level").stdout, "debug\n")
        self.assertEqual(self.cli("log-level", "crit").stdout, "")
        self.assertEqual(self.cli("log-level").stdout, "crit\n")
        self.assertIn("nonsense", self.cli("log-level", "nonsense", status=2).stderr)


class TestMonitor(unittest.TestCase):
    def setUp(self):
        self.world = World()

    def tearDown(self):
        self.world.end()

    def monitor(self, *arguments):
        process = subprocess.Popen([CLI, "monitor", *arguments], env=self.world.environment, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.wait)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        end = threading.Timer(PATIENCE, process.kill)
        self.addCleanup(end.cancel)
        end.start()
        self.assertEqual(process.stderr.readline(), "-- Watching for changes.\n")
        return process

    def change(self):
        first = lease("192.168.150.7", "52:54:00:15:00:07", "first\033")
        self.world.write("virbr1.status", [first])
        yield
        first["hostname"] = "second"
        self.world.write("virbr1.status", [first])
        yield
        self.world.write("virbr1.status", [])
        yield

    def test_lines(self):
        process = self.monitor()
        self.assertEqual(process.stdout.readline().split(),
                         ["TIME", "EVENT", "ADDRESS", "MAC", "INTERFACE", "EXPIRES", "IN", "NAME", "DOMAIN"])
        for _, (event, name) in zip(self.change(), [("added", r"first\\x1b"), ("changed", "second"),
                                                    ("removed", "second")]):
            self.assertRegex(process.stdout.readline(),
                             rf"^\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d {event} +192\.168\.150\.7 +52:54:00:15:00:07 +virbr1 "
                             rf"+(\S+ \d+s|1h) +{name} -\n$")

    def test_json_lines(self):
        process = self.monitor("--json=short")
        for _, event in zip(self.change(), ["added", "changed", "removed"]):
            line = json.loads(process.stdout.readline())
            self.assertEqual(line["event"], event)
            self.assertEqual(line["address"], "192.168.150.7")
            self.assertAlmostEqual(line["time"] / 1e6, time.time(), delta=30)

    def test_service_comes_and_goes(self):
        process = self.monitor()
        self.world.stop_service()
        self.assertEqual(process.stderr.readline(), "-- The service has ended.\n")
        self.world.start_service()
        self.assertEqual(process.stderr.readline(), "-- The service has started.\n")
        self.world.run("leases")  # what it has read first is no news
        self.world.write("virbr1.status", [lease("192.168.150.8", "52:54:00:15:00:08", "third")])
        process.stdout.readline()  # the heading
        self.assertIn("third", process.stdout.readline())

    def forge(self, path, signal_name, *arguments):
        """Sends everybody on the bus a signal, as somebody who is neither the bus nor the service."""
        address = self.world.environment["DBUS_SYSTEM_BUS_ADDRESS"]
        for n in range(12):
            subprocess.run(["gdbus", "emit", "--address", address, "--dest", f":1.{n}", "--object-path", path,
                            "--signal", signal_name, *arguments], check=False, capture_output=True, timeout=PATIENCE)

    @unittest.skipUnless(shutil.which("gdbus"), "needs gdbus")
    def test_forged_signals(self):
        process = self.monitor()
        process.stdout.readline()  # the heading
        self.forge("/org/libvirt/Resolve1", "org.libvirt.Resolve1.LeaseAdded",
                   "{'address': <'10.6.6.6'>, 'hostname': <'forged'>}")
        self.forge("/org/freedesktop/DBus", "org.freedesktop.DBus.NameOwnerChanged",
                   "'org.libvirt.Resolve1'", "':1.1'", "''")
        self.world.write("virbr1.status", [lease("192.168.150.8", "52:54:00:15:00:08", "real")])
        self.assertIn("real", process.stdout.readline())
        self.world.stop_service()
        self.assertEqual(process.stderr.readline(), "-- The service has ended.\n")
        self.assertFalse(select.select([process.stderr, process.stdout], [], [], 0.2)[0])

    def test_lost_bus(self):
        process = self.monitor()
        self.world.bus.daemon.kill()
        self.assertEqual(process.wait(PATIENCE), 1)
        self.assertIn("lost", process.stderr.read())


class TestEveryVerbUnasked(unittest.TestCase):
    """A verb that needs the service says so, once, and with a status."""

    def test_no_bus(self):
        world = World()
        try:
            for verb in (["status"], ["monitor"], ["statistics"], ["reset-statistics"], ["reload"],
                         ["log-level"], ["log-level", "debug"], ["wait", "web1", "--timeout=1"]):
                world.environment["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent/bus"
                result = world.run(*verb)
                self.assertEqual((result.returncode, result.stdout), (1, ""), verb)
                self.assertEqual(result.stderr.count("bus can't be reached"), 1, verb)
        finally:
            world.end()


class TestForbidden(Case):
    """As on the system's bus, where only root may change something."""

    policy = """<policy context="mandatory">
        <deny send_type="method_call" send_interface="org.libvirt.Resolve1" send_member="Reload"/>
        <deny send_type="method_call" send_interface="org.libvirt.Resolve1" send_member="ResetStatistics"/>
        <deny send_type="method_call" send_interface="org.freedesktop.DBus.Properties" send_member="Set"/>
        </policy>"""

    def test_root_only(self):
        for verb in ["reload"], ["reset-statistics"], ["log-level", "debug"]:
            result = self.cli(*verb, status=1)
            self.assertEqual(result.stderr, "libvirt-resolve: Only root may do that.\n")
        self.cli("log-level")


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
        self.check(self.world.leases + " doesn't exist (yet)", "The service runs")
        self.assertNotIn("can't be asked", self.world.run("leases").stderr)
        status = self.world.run("status")
        self.assertEqual((status.returncode, status.stderr), (1, ""))
        self.assertRegex(status.stdout, r" Version: \d")
        self.assertIn("Leases unavailable: The lease directory", status.stdout)
        document, = json.loads(self.world.run("status", "--json=short").stdout)
        self.assertIn("doesn't exist", document["leases-unavailable"])
        self.assertEqual(document["networks"], [])

    def test_frozen_service(self):
        self.world.service.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        self.check("no answer within", "journalctl -b -u libvirt-resolved", verbs=[("query", "web1", "web2")])
        self.assertLess(time.monotonic() - began, at_most(10))

    def test_frozen_bus(self):
        self.world.bus.daemon.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        try:
            self.check("no answer within", verbs=[("query", "web1", "web2")])
        finally:
            self.world.bus.daemon.send_signal(signal.SIGCONT)
        self.assertLess(time.monotonic() - began, at_most(10))


if __name__ == "__main__":
    main()
