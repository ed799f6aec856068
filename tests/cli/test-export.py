#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libvirt-resolve export: each format is read by the program that it is for, and no name breaks it."""

import contextlib
import ipaddress
import json
import os
import re
import shutil
import signal
import socket
import stat
import struct
import subprocess
import time
import unittest

from world import CLI, LEASES, MACS, PATIENCE, Case, World, lease, main

# What libvirt domains can be called; most of it hurts in some format.  The service answers to all of it.
HOSTILE = [
    "a b", "x\n10.0.0.1 github.com", "x\nHost *", "x\r", "*", "w?b", "!web", "#x", 'a"b', "a\\032b", "\\", "a;b", "a,b",
    "{{ lookup('pipe', 'touch HURT') }}", "{% raw %}", "$(touch HURT)", "`touch HURT`", "$INCLUDE /etc/passwd", "$TTL",
    "@", "a_b", "-oProxyCommand=touch HURT", "%h", "%%", "all", "ungrouped", "libvirt", "libvirt_virbr0", "_meta", "<b>",
    "\033[31mred", "\u202eevil", "büro", "a..b", ".a", "a-", "x" * 64, "x" * 200, "'", "]:1", "__proto__",
]
# Those that are host names.  That of "büro" is its form in IDNA.
HARMLESS = {"all", "ungrouped", "libvirt", "libvirt_virbr0", "a_b", "xn--bro-hoa"}
MAC = "52:54:00:bb:00:{:02x}"
FORMATS = ["hosts", "ssh-config", "ansible", "prometheus", "zone", "reverse-zone", "rr"]
NOTICE = "Written by libvirt-resolve export; changes are overwritten."


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} isn't installed")


class ExportCase(Case):
    """A guest with the domain vm-app, in two networks, and one for each hostile name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.write_leases(cls.world)
        cls.hurt = os.path.join(cls.world.directory, "HURT")

    @staticmethod
    def write_leases(world):
        hurt = os.path.join(world.directory, "HURT")
        names = [name.replace("HURT", hurt) for name in HOSTILE]
        world.write("virbr0.status", [
            *LEASES,
            *(lease(f"192.168.122.{100 + i}", MAC.format(i), "") for i, _ in enumerate(names)),
        ])
        world.write("virbr0.macs", [*MACS, *({"domain": name, "macs": [MAC.format(i)]} for i, name in enumerate(names))])
        world.write("virbr1.status", [lease("192.168.150.50", "52:54:00:aa:00:f1", "inner"),
                                      lease("fd00:150::50", "52:54:00:aa:00:f1", "inner")])
        world.write("virbr1.macs", [{"domain": "vm-app", "macs": ["52:54:00:aa:00:f1"]}])

    def export(self, form, *arguments, status=0):
        return self.cli("export", f"--format={form}", *arguments, status=status).stdout

    def write(self, name, text):
        path = os.path.join(self.world.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def call(self, *command, status=0, **environment):
        result = subprocess.run(command, env=dict(self.world.environment, **environment), capture_output=True, text=True,
                                timeout=60, check=False, stdin=subprocess.DEVNULL)
        self.assertEqual(result.returncode, status, result)
        return result.stdout


class TestUsage(ExportCase):
    def test_errors(self):
        for arguments, word in [
                ((), "--format="),
                (("--format=nice",), "hosts, ssh-config"),
                (("--format=hosts", "--port=1"), "--port="),
                (("--format=rr", "--list"), "--list"),
                (("--format=prometheus", "--port=0"), "65535"),
                (("--format=prometheus", "--port=1x"), "65535"),
                (("--format=prometheus", "--port=65536"), "65535"),
                (("--format=zone", "--suffix=a..b"), "lab.example"),
                (("--format=zone", "--suffix="), "lab.example"),
                (("--format=hosts", "--watch"), "--output="),
                (("--format=hosts", "web1"), "web1"),
        ]:
            with self.subTest(arguments):
                result = self.cli("export", *arguments, status=2)
                self.assertEqual(result.stdout, "")
                self.assertIn(word, result.stderr)

    def test_options_of_others(self):
        self.assertIn("--watch", self.cli("leases", "--watch", status=2).stderr)

    def test_left_out(self):
        """The user is told of a guest none of whose names can go out."""
        result = self.cli("export", "--format=hosts")
        self.assertIn("192.168.122.100 is left out: 'a b' can't be its name in the format hosts.\n", result.stderr)
        self.assertIn(r"'\x1b[31mred'", result.stderr)
        self.assertNotIn("büro", result.stderr)
        self.assertEqual(self.cli("export", "--format=hosts", "--no-legend").stderr, "")


class TestSelection(ExportCase):
    """The same for every format."""

    def test_only_domain_names(self):
        for form in FORMATS:
            text = self.export(form)
            for name in "web1", "Web2", "appserver", "inner":
                self.assertNotIn(name, text)
            self.assertIn("vm-app", text)
            self.assertNotIn("vm-new", text)    # has no lease

    def test_hostnames(self):
        for form in FORMATS:
            text = self.export(form, "--hostnames")
            self.assertIn("web1", text)
            self.assertIn("vm-app", text)
            self.assertNotIn("192.168.122.60", text)    # github.com, which is refused
            self.assertNotIn("gone", text)              # has expired

    def test_the_domain_is_the_first_name(self):
        """By it a guest is known, and it can't choose it."""
        self.assertIn("192.168.122.50 vm-app appserver\n", self.export("hosts", "--hostnames"))
        self.assertIn("HostKeyAlias vm-app\n", self.export("ssh-config", "--hostnames"))
        self.assertIn(".50\tvm-app\n".replace("\t", " "), self.export("hosts"))

    def test_filters(self):
        for form in FORMATS:
            text = self.export(form, "-i", "virbr1", "-6")
            self.assertNotIn("192.168", text)
            self.assertIn("vm-app", text)
        self.assertEqual(self.export("hosts", "-i", "virbr1").splitlines()[1:], ["192.168.150.50 vm-app", "fd00:150::50 vm-app"])
        self.assertEqual(self.export("hosts", "-4", "-i", "virbr1").splitlines()[1:], ["192.168.150.50 vm-app"])
        self.assertEqual(self.export("hosts", "-i", "nosuch").splitlines(), ["# " + NOTICE])

    def test_suffix(self):
        self.assertIn("192.168.122.50 vm-app.lab.example\n", self.export("hosts", "--suffix=lab.example"))
        self.assertIn("192.168.122.50 vm-app.lab.example appserver.lab.example\n",
                      self.export("hosts", "--suffix=lab.example", "--hostnames"))
        self.assertNotIn("x" * 200, self.export("prometheus", f"--suffix={'l' * 60}.example"))

    def test_order_is_of_addresses(self):
        """A renewal, which moves a lease to the end of its file, changes nothing."""
        before = self.export("hosts", "--hostnames")
        self.world.write("virbr1.status", [lease("fd00:150::50", "52:54:00:aa:00:f1", "inner", expires_in=7000),
                                           lease("192.168.150.50", "52:54:00:aa:00:f1", "inner", expires_in=7000)])
        self.assertEqual(self.export("hosts", "--hostnames"), before)
        addresses = [ipaddress.ip_address(line.split()[0]) for line in before.splitlines()[1:]]
        self.assertEqual(addresses, sorted(addresses, key=lambda a: (a.version, a)))

    def test_no_service(self):
        result = self.world.run("export", "--format=hosts", DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nonexistent")
        self.assertEqual((result.returncode, result.stdout), (1, ""))


class TestOfAPolicy(ExportCase):
    options = ("--domain=lab.example", "--domain=other.example", "--deny-name=all")

    def test_names_below_the_suffix(self):
        self.assertIn("192.168.122.50 vm-app.lab.example vm-app.other.example vm-app\n", self.export("hosts"))
        self.assertIn("192.168.122.50 vm-app.lab.example\n", self.export("hosts", "--suffix=lab.example"))
        self.assertIn("192.168.122.50 vm-app.lab.example\n", self.export("hosts", "--suffix=LAB.example"))

    def test_refused(self):
        self.assertNotRegex(self.export("hosts"), r" all\n")

    def test_zone(self):
        lines = self.export("zone").splitlines()
        self.assertIn("vm-app 60 IN A 192.168.122.50", lines)
        self.assertFalse([line for line in lines if "example" in line])    # below which suffix the zone is, is unknown
        lines = self.export("zone", "--suffix=lab.example").splitlines()
        self.assertIn("vm-app.lab.example. 60 IN A 192.168.122.50", lines)
        self.assertFalse([line for line in lines if "other" in line])
        self.assertIn("50.122.168.192.in-addr.arpa. 60 IN PTR vm-app.lab.example.", self.export("reverse-zone"))


class TestHosts(ExportCase):
    LINE = re.compile(r"[0-9a-f.:]+( [A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)+")

    def test_lines(self):
        notice, *lines = self.export("hosts").splitlines()
        self.assertEqual(notice, "# " + NOTICE)
        for line in lines:
            self.assertRegex(line, re.compile(f"^{self.LINE.pattern}$"))
        self.assertEqual({name for line in lines for name in line.split()[1:]}, HARMLESS | {"vm-app"})

    def ask(self, port, name):
        """The addresses that a DNS server on loopback has for a name."""
        question = b"".join(bytes([len(label)]) + label for label in name.encode().split(b".")) + b"\0\0\1\0\1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(1)
            s.connect(("127.0.0.1", port))
            end = time.monotonic() + PATIENCE
            while True:
                try:
                    s.send(b"\x12\x34\1\0\0\1\0\0\0\0\0\0" + question)
                    reply = s.recv(4096)
                    break
                except (ConnectionRefusedError, TimeoutError):  # it is just starting
                    self.assertLess(time.monotonic(), end)
                    time.sleep(0.05)
        n, = struct.unpack(">H", reply[6:8])
        rest = reply[12 + len(question):]
        return {socket.inet_ntoa(rest[16 * i + 12:16 * i + 16]) for i in range(n)}

    @needs("dnsmasq")
    def test_dnsmasq(self):
        path = self.write("hosts", self.export("hosts"))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        options = ["--conf-file=/dev/null", "--no-hosts", "--no-resolv", f"--addn-hosts={path}", f"--port={port}",
                   "--listen-address=127.0.0.1", "--bind-interfaces", "--pid-file="]
        self.call("dnsmasq", *options, "--test")
        with subprocess.Popen(["dnsmasq", "--no-daemon", *options], stderr=subprocess.PIPE) as dnsmasq:
            try:
                self.assertEqual(self.ask(port, "vm-app"), {"192.168.122.50", "192.168.150.50"})
                for name in HARMLESS:
                    self.assertEqual(len(self.ask(port, name)), 1, name)
                for name in "github.com", "x", "web1":
                    self.assertEqual(self.ask(port, name), set(), name)
            finally:
                dnsmasq.terminate()
                log = dnsmasq.stderr.read().decode()
        self.assertNotRegex(log, "bad|duplicate")


@needs("ssh")
class TestSsh(ExportCase):
    def ssh(self, path, name):
        """What ssh would do for a name, as a dictionary."""
        lines = self.call("ssh", "-G", "-F", path, name).splitlines()
        return dict(line.split(" ", 1) for line in lines if " " in line)

    def test_ssh(self):
        path = self.write("ssh", self.export("ssh-config"))
        config = self.ssh(path, "vm-app")
        self.assertEqual((config["hostname"], config["hostkeyalias"], config["checkhostip"]),
                         ("192.168.122.50", "vm-app", "no"))
        for name in HARMLESS:
            self.assertRegex(self.ssh(path, name)["hostname"], r"^192\.168\.122\.1\d\d$", name)
        for name in "github.com", "x", "web", "wxb", "anything":
            config = self.ssh(path, name)
            self.assertEqual(config["hostname"], name)
            self.assertNotIn("hostkeyalias", config)
            self.assertNotIn("proxycommand", config)

    def test_included(self):
        self.write("guests.conf", self.export("ssh-config", "--hostnames"))
        path = self.write("config", f"Include {self.world.directory}/guests.conf\nHost *\n    User root\n")
        self.assertEqual(self.ssh(path, "web1")["hostname"], "192.168.122.42")
        self.assertEqual(self.ssh(path, "web1")["user"], "root")

    def test_name_of_two_guests(self):
        self.world.write("virbr2.status", [lease("10.0.0.1", "52:54:00:00:00:11", "twin"),
                                           lease("10.0.0.2", "52:54:00:00:00:12", "twin")])
        self.assertEqual(self.export("ssh-config", "--hostnames", "-i", "virbr2").count("Host twin\n"), 1)


@needs("ansible-inventory")
class TestAnsible(ExportCase):
    def inventory(self, *arguments, program="ansible-inventory"):
        path = self.write("inventory", f'#!/bin/sh\nexec "{CLI}" export --format=ansible --no-legend "$@"\n')
        os.chmod(path, 0o755)
        config = self.write("ansible.cfg", "[defaults]\nlocalhost_warning = False\n")
        return self.call(program, "-i", path, *arguments, HOME=self.world.directory, ANSIBLE_CONFIG=config,
                         ANSIBLE_LOCAL_TEMP=os.path.join(self.world.directory, "ansible"), ANSIBLE_NOCOLOR="1")

    def test_list(self):
        inventory = json.loads(self.inventory("--list"))
        variables = inventory["_meta"]["hostvars"]
        self.assertEqual(variables["vm-app"], {"ansible_host": "192.168.122.50", "libvirt_mac_address": "52:54:00:aa:00:01"})
        self.assertEqual(set(variables), {"vm-app", "a_b", "xn--bro-hoa"})
        self.assertEqual(set(inventory["libvirt_virbr0"]["hosts"]), set(variables))
        self.assertEqual(inventory["libvirt"]["children"], ["libvirt_virbr0"])

    def test_host(self):
        self.assertEqual(json.loads(self.inventory("--host", "vm-app"))["ansible_host"], "192.168.122.50")
        self.assertEqual(json.loads(self.export("ansible", "--host", "vm-app"))["ansible_host"], "192.168.122.50")
        self.assertEqual(json.loads(self.export("ansible", "--host", "nosuch")), {})
        self.assertEqual(self.export("ansible", "--list"), self.export("ansible"))

    def test_nothing_is_expanded(self):
        """Ansible expands variables when a task uses them."""
        out = self.inventory("libvirt", "--connection=local", "-m", "debug", "-a", "var=hostvars[inventory_hostname]",
                             program="ansible")
        self.assertIn("192.168.122.50", out)
        self.assertFalse(os.path.exists(self.hurt))


class TestPrometheus(ExportCase):
    def test_targets(self):
        groups = json.loads(self.export("prometheus", "--port=9177"))
        app, = (group for group in groups if group["labels"]["instance"] == "vm-app")
        self.assertEqual(app, {"targets": ["192.168.122.50:9177"], "labels": {
            "instance": "vm-app", "__meta_libvirt_interface": "virbr0", "__meta_libvirt_mac_address": "52:54:00:aa:00:01"}})
        self.assertEqual(json.loads(self.export("prometheus", "-6"))[0]["targets"], ["[fd00:150::50]:9100"])
        self.assertIn("a b", [group["labels"]["instance"] for group in groups])

    @needs("promtool")
    def test_promtool(self):
        path = self.write("guests.json", self.export("prometheus"))
        config = self.write("prometheus.yml", "scrape_configs:\n"
                            f"- job_name: guests\n  file_sd_configs:\n  - files: [{path}]\n")
        self.call("promtool", "check", "config", config)
        found = json.loads(self.call("promtool", "check", "service-discovery", config, "guests"))
        addresses = {target["discoveredLabels"]["__address__"] for target in found}
        self.assertIn("192.168.122.50:9100", addresses)
        self.assertEqual(len(addresses), len(HOSTILE) + 1)
        self.assertEqual({target["labels"]["instance"] for target in found} - {"vm-app", "xn--bro-hoa"},
                         {name.replace("HURT", self.hurt) for name in HOSTILE} - {"büro"})


class TestZone(ExportCase):
    HEAD = "@ 60 IN SOA ns.lab.example. root.lab.example. 1 3600 600 86400 60\n@ 60 IN NS ns.lab.example.\n"

    def check(self, origin, form, *arguments, records="", **kwargs):
        """The records that BIND has of a zone that includes the export."""
        self.write("guests.zone", self.export(form, *arguments, **kwargs))
        path = self.write("zone", f'{self.HEAD}{records}$INCLUDE "{self.world.directory}/guests.zone"\n')
        out = self.call("named-checkzone", "-k", "fail", "-m", "fail", "-n", "fail", "-r", "fail", "-D", "-o", "-",
                        origin, path)
        return {tuple(line.split()) for line in out.splitlines() if re.search(r"\sIN\s+(A|AAAA|PTR)\s", line)}

    @needs("named-checkzone")
    def test_forward(self):
        for arguments in (), ("--suffix=lab.example",):
            records = self.check("lab.example", "zone", *arguments, records="ns 60 IN A 192.0.2.1\n")
            records = {(record[0], record[3], record[4]) for record in records}
            self.assertGreaterEqual(records, {
                ("vm-app.lab.example.", "A", "192.168.122.50"), ("vm-app.lab.example.", "A", "192.168.150.50"),
                ("vm-app.lab.example.", "AAAA", "fd00:150::50")})
            # "_" would keep the whole zone from being loaded
            self.assertEqual({record[0] for record in records}, {f"{name}.lab.example." for name in {
                "ns", "vm-app", "xn--bro-hoa", "all", "ungrouped", "libvirt"}})

    @needs("named-checkzone")
    def test_reverse(self):
        records = self.check("168.192.in-addr.arpa", "reverse-zone", "--suffix=lab.example", "-4")
        self.assertIn(("50.122.168.192.in-addr.arpa.", "60", "IN", "PTR", "vm-app.lab.example."), records)
        self.assertIn(("50.150.168.192.in-addr.arpa.", "60", "IN", "PTR", "vm-app.lab.example."), records)
        records = self.check("0.5.1.0.0.0.d.f.ip6.arpa", "reverse-zone", "--suffix=lab.example", "-6")
        self.assertEqual({record[0] for record in records}, {ipaddress.ip_address("fd00:150::50").reverse_pointer + "."})


class TestRr(ExportCase):
    def test_records(self):
        records = json.loads(self.export("rr"))
        self.assertIn({"key": {"name": "vm-app", "type": 1}, "address": "192.168.122.50"}, records)
        self.assertIn({"key": {"name": "vm-app", "type": 28}, "address": "fd00:150::50"}, records)
        for address in "192.168.150.50", "fd00:150::50":
            pointer = ipaddress.ip_address(address).reverse_pointer
            self.assertIn({"key": {"name": pointer, "type": 12}, "name": "vm-app"}, records)
        self.assertEqual({record["key"]["name"] for record in records if record["key"]["type"] != 12}, HARMLESS | {"vm-app"})


class TestOutput(ExportCase):
    def path(self, name):
        return os.path.join(self.world.directory, name)

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def test_new(self):
        path = self.path("new")
        self.assertEqual(self.export("hosts", f"--output={path}"), "")
        self.assertEqual(self.read(path), self.export("hosts"))
        mask = os.umask(0)
        os.umask(mask)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o666 & ~mask)

    def test_mode_and_owner_are_kept(self):
        path = self.write("old", "x")
        os.chmod(path, 0o640)
        if os.geteuid() == 0:
            os.chown(path, 1, 2)
        before = os.stat(path)
        self.export("hosts", f"--output={path}")
        after = os.stat(path)
        self.assertNotEqual(after.st_ino, before.st_ino)
        self.assertEqual((after.st_mode, after.st_uid, after.st_gid), (before.st_mode, before.st_uid, before.st_gid))
        self.assertEqual([name for name in os.listdir(self.world.directory) if name.startswith("old")], ["old"])

    def test_directory(self):
        os.mkdir(self.path("directory"))
        for form in FORMATS:
            self.export(form, f"--output={self.path('directory')}")
        self.assertEqual(sorted(os.listdir(self.path("directory"))),
                         ["guests.conf", "guests.hosts", "guests.json", "guests.rr", "guests.zone"])
        self.export("hosts", f"--output={self.path('directory')}/")
        self.assertIn("directory/none/guests.hosts",
                      self.cli("export", "--format=hosts", f"--output={self.path('directory')}/none/", status=1).stderr)

    def test_link(self):
        target = self.write("target", "x")
        os.symlink(target, self.path("link"))
        self.export("hosts", f"--output={self.path('link')}")
        self.assertTrue(os.path.islink(self.path("link")))
        self.assertEqual(self.read(target), self.export("hosts"))

    def test_not_regular(self):
        self.assertIn("no regular file", self.cli("export", "--format=hosts", "--output=/dev/null", status=1).stderr)


class TestWatch(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.end)
        self.path = os.path.join(self.world.directory, "guests.hosts")

    @contextlib.contextmanager
    def watch(self, *options):
        with subprocess.Popen([CLI, "export", "--format=hosts", "--hostnames", "--watch", f"--output={self.path}", *options],
                              env=self.world.environment, stderr=subprocess.PIPE, text=True) as process:
            try:
                self.wait(lambda: os.path.exists(self.path))
                yield process
            finally:
                process.terminate()

    def read(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    def wait(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def change(self, *leases):
        self.world.write("virbr9.status", list(leases))
        self.world.run("query", "web1")     # the service reads the file now

    def test_follows(self):
        with self.watch():
            os.chmod(self.path, 0o600)
            for i in range(3):
                self.change(lease(f"10.9.0.{i}", "52:54:00:00:00:01", f"guest{i}"))
                self.wait(lambda i=i: f"10.9.0.{i} guest{i}\n" in self.read())
                self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
            self.change()
            self.wait(lambda: "10.9.0" not in self.read())

    def test_is_always_whole(self):
        with self.watch():
            seen, end, i = set(), time.monotonic() + 3, 0
            while time.monotonic() < end:
                if i % 10 == 0:
                    self.change(lease("10.9.0.1", "52:54:00:00:00:01", f"guest{i}"))
                i += 1
                text = self.read()
                seen.add(os.stat(self.path).st_ino)
                self.assertTrue(text.startswith("# ") and text.endswith("\n") and "192.168.122.42 web1\n" in text, text)
            self.assertGreater(i // 10, len(seen))  # changes are put together

    def test_renewal_changes_nothing(self):
        with self.watch():
            before = os.stat(self.path)
            renewed = [dict(entry) for entry in reversed(LEASES)]
            for entry in renewed:
                entry["expiry-time"] += 100 if entry["expiry-time"] > time.time() else 0
            self.world.write("virbr0.status", renewed)
            self.world.run("query", "web1")
            time.sleep(1)
            self.assertEqual(os.stat(self.path), before)

    def test_service_restarts(self):
        with self.watch() as process:
            self.assertEqual(process.poll(), None)
            before = self.read()
            self.world.stop_service()
            self.assertIn("stays as it is", process.stderr.readline())
            self.assertEqual(self.read(), before)
            self.world.write("virbr9.status", [lease("10.9.0.9", "52:54:00:00:00:01", "late")])
            self.world.start_service()
            self.wait(lambda: "10.9.0.9 late\n" in self.read())
            self.assertIn("started", process.stderr.readline())

    def test_stopped_service_is_not_started(self):
        """There is no unit here that could start it; the program doesn't even ask."""
        with self.watch() as process:
            self.world.stop_service()
            process.stderr.readline()
            time.sleep(1)
            self.assertIsNone(process.poll())

    def test_left_out_is_said_once(self):
        self.world.write("virbr0.macs", [{"domain": "a b", "macs": ["52:54:00:12:00:09"]}])
        with self.watch() as process:
            self.assertIn("'a b'", process.stderr.readline())
            for i in range(2):
                self.change(lease(f"10.9.0.{i}", "52:54:00:00:00:01", f"guest{i}"))
                self.wait(lambda i=i: f"guest{i}\n" in self.read())
            process.terminate()
            self.assertNotIn("'a b'", process.stderr.read())

    def test_bus_ends(self):
        with self.watch() as process:
            self.world.bus.daemon.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(PATIENCE), 1)
            self.assertIn("bus", process.stderr.read())

    def test_ready(self):
        path = os.path.join(self.world.directory, "ready")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(path)
            notify.settimeout(PATIENCE)
            self.world.environment["NOTIFY_SOCKET"] = path
            with self.watch():
                self.assertEqual(notify.recv(100), b"READY=1")
            del self.world.environment["NOTIFY_SOCKET"]

    def test_file_can_not_be_written(self):
        result = self.world.run("export", "--format=hosts", "--watch", "--output=/nonexistent/guests")
        self.assertEqual(result.returncode, 1)
        self.assertIn("/nonexistent/guests", result.stderr)


if __name__ == "__main__":
    main()
