#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The examples of libvirt-resolve-ddns(8), as they are written there: each server takes them, and the daemon with the
page's own options gets along with them.  Only paths and the secret are the test's.

    test-examples.py PAGE"""

import os
import re
import shlex
import signal
import subprocess
import sys
import unittest

import hosts
from hosts import DDNS, SECRET, SERVER, Host, dig, transfer, wait_for

hosts.ZONE, hosts.REVERSE = "lab.example", "2.0.192.in-addr.arpa"
ZONES = hosts.ZONE, hosts.REVERSE
ALSO_SEARCHED = os.environ["PATH"] + ":/usr/sbin:/sbin"


def example(section, name):
    """The literal block below the paragraph that names the file."""
    text = re.search(rf"^{section}\n[=-]+\n(.*?)(?=^\S[^\n]*\n[=-]+$)", PAGE + "\nEND\n===\n", re.MULTILINE | re.DOTALL)[1]
    block = re.search(rf"\*(?:\S*/)?{re.escape(name)}\*[^\n]*(?:\n[^\n]+)*::\n\n((?:(?: {{4}}[^\n]*)?\n)+)", text)[1]
    return re.sub("^ {4}", "", block, flags=re.MULTILINE)


def daemon_options():
    return shlex.split(re.search(r'"DDNS_OPTIONS=(.*)"', example("EXAMPLES", "site.conf"))[1])


class Example:
    """What the servers' classes have in common here: zones by the page."""

    def write_zones(self):
        for zone in ZONES:
            self.write(f"{zone}.zone", example("BIND 9", f"{zone}.zone"))

    def checked(self, *command):
        result = subprocess.run(command, env=dict(os.environ, PATH=ALSO_SEARCHED), text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, check=False)
        if result.returncode != 0:
            raise AssertionError(f"{command}: {result.stdout}")


class Bind(Example, hosts.Bind):
    def configure(self, *_, **__):
        self.write("guests.key", hosts.KEY)
        super().configure(key="")
        text = example("BIND 9", "named.conf").replace("/etc/bind", self.directory).replace("/var/lib/bind", self.directory)
        with open(self.path("named.conf"), encoding="utf-8") as file:
            head = file.read().split("zone ")[0]
        self.write("named.conf", head + text)
        self.checked("named-checkconf", "-z", self.path("named.conf"))


class Knot(Example, hosts.Knot):
    def configure(self):
        super().configure()
        os.makedirs(self.path("db"))  # where the journals are
        with open(self.path("knot.conf"), encoding="utf-8") as file:
            head = file.read().split("key:\n")[0]
        storage = f"template:\n  - id: default\n    storage: {self.directory}\n"
        self.write("knot.conf", head + storage + example("Knot DNS", "knot.conf").replace("SECRET", SECRET))
        self.checked("knotc", "-c", self.path("knot.conf"), "conf-check")


class PowerDns(Example, hosts.PowerDns):
    def configure(self):
        super().configure()
        with open(self.path("pdns.conf"), encoding="utf-8") as file:
            own = [line for line in file if "dnsupdate" not in line]
        self.write("pdns.conf", "".join(own) + example("PowerDNS", "pdns.conf"))

    def fill(self):
        schema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"
        self.checked("sh", "-ec", f"sqlite3 {self.path('pdns.sqlite3')} <{schema}")
        commands = example("PowerDNS", "commands").replace("SECRET", SECRET)
        self.checked("sh", "-ec", f'pdnsutil() {{ command pdnsutil --config-dir={self.directory} "$@"; }}\n{commands}')


class Examples(unittest.TestCase):
    def start(self, server_class):
        if server_class.missing():
            self.skipTest(f"{server_class.program} isn't installed")
        server = server_class()
        self.addCleanup(server.end)
        host = Host("a")
        self.addCleanup(host.end)
        host.command = lambda *more: [
            DDNS, *daemon_options(), f"--key-file={host.path('key')}", "--host-id=a", f"--state-directory={host.path('state')}",
            f"--runtime-directory={host.path('status')}", "--remove-delay=500ms", *more]
        return server, host

    def wait_records(self, name, *addresses):
        wait_for(lambda: dig("A", f"{name}.lab.example") == set(addresses), what=f"{name} with {addresses}")
        for address in addresses:
            wait_for(lambda: dig("PTR", hosts.reverse_name(address)) == {f"{name}.lab.example."}, what=f"PTR of {address}")

    def types(self, zone):
        return {kind for _, kind, _ in transfer(zone)}

    def refused(self, record):
        """Whether the server refuses to add it, with the daemons' key."""
        commands = f"server {SERVER}\nzone lab.example\nupdate add {record}\nsend\n"
        result = subprocess.run(["nsupdate", "-y", f"{hosts.ALGORITHM}:guests:{SECRET}"], input=commands, text=True,
                                capture_output=True, check=False)
        return re.search("REFUSED|NOTAUTH", result.stderr) is not None

    def check(self, server_class):
        server, host = self.start(server_class)
        host.set("web1", 1, "192.0.2.10")
        host.set("web2", 2, "192.0.2.11")
        host.start()
        self.wait_records("web1", "192.0.2.10")
        self.wait_records("web2", "192.0.2.11")
        host.set("web1", 1, "192.0.2.12")
        self.wait_records("web1", "192.0.2.12")
        host.drop("web2")
        self.wait_records("web2")
        server.stop()
        server.start()
        self.wait_records("web1", "192.0.2.12")
        host.stop(signal.SIGKILL)
        result = host.run("--withdraw-host=a")
        self.assertEqual(result.returncode, 0, result)
        self.assertEqual(self.types("lab.example"), {"SOA", "NS", "A"})
        self.assertEqual(self.types("2.0.192.in-addr.arpa"), {"SOA", "NS"})
        self.assertEqual(dig("A", "ns.lab.example"), {SERVER})

    def test_bind(self):
        self.check(Bind)
        self.assertTrue(self.refused("web1.lab.example 60 MX 1 web2.lab.example."))

    def test_knot(self):
        self.check(Knot)
        self.assertTrue(self.refused("web1.lab.example 60 MX 1 web2.lab.example."))

    def test_powerdns(self):
        self.check(PowerDns)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as page:
        PAGE = page.read()
    hosts.in_namespace()
    del sys.argv[1]
    unittest.main(verbosity=2)
