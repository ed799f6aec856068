#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What guests call themselves, on its way from the file to the terminal, JSON and the log."""

import json
import os
import re
import subprocess
import unittest

from world import CLI, World, lease, main


class TestEveryCharacter(unittest.TestCase):
    INVISIBLE = [0xad, 0x61c, 0x180e, *range(0x200b, 0x2010), *range(0x2028, 0x202f), *range(0x2060, 0x2070),
                 0x3164, 0xfe0f, 0xfeff, 0xfff9, 0xe0001, 0xe0041]
    HOSTNAMES = ([f"a{chr(c)}b" for c in [*range(1, 0x120), *INVISIBLE]] +
                 ["../../etc/passwd", "\033]0;title\007", "\u202eevil", "क्षेत्र-שרת-😀", "x" * 255, "a\n<3>fake: log line", "%s%n%d"])
    UNSHOWN = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f" + "".join(map(chr, INVISIBLE)) + "]")

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.end)

    def assertClean(self, text):
        self.assertIsNone(self.UNSHOWN.search(text), text)

    def test_names(self):
        leases = [dict(lease(f"10.0.{i >> 8}.{i & 255}", f"52:54:00:00:{i >> 8:02x}:{i & 255:02x}", name),
                       **{"client-id": name}) for i, name in enumerate(self.HOSTNAMES, 1)]
        self.world.write("virbr0.macs", [{"domain": f"d{name}", "macs": [entry["mac-address"]]}
                                         for entry, name in zip(leases, self.HOSTNAMES)])
        leases.append(lease("10.1.0.1", "52:54:00:01:00:00", "x" * 10000))
        leases.append(lease("10.1.0.2", "52:54:00:01:00:01", "web1\0x"))
        self.world.write("virbr0.status", leases)
        for arguments in (["leases"], ["leases", "--json=pretty"], ["leases", "--json=short"], ["status"], ["doctor"],
                          ["statistics"], ["query", *self.HOSTNAMES], ["query", *(f"d{name}" for name in self.HOSTNAMES)], ["query", "--json=pretty", *self.HOSTNAMES],
                          ["query", *(entry["ip-address"] for entry in leases)]):
            result = self.world.run(*arguments)
            self.assertClean(result.stdout)
            self.assertClean(result.stderr)
        listed = json.loads(self.world.run("leases", "--json=short").stdout)
        self.assertEqual({entry.get("hostname") for entry in listed}, {*self.HOSTNAMES, None})
        self.assertEqual({entry.get("client-id") for entry in listed} - {None} - set(self.HOSTNAMES),
                         {"01:52:54:00:01:00:00", "01:52:54:00:01:00:01"})

    def test_escaped_once(self):
        for name, shown in [("a\033[31mb", r"a\x1b[31mb"), (r"a\x1b", r"a\x1b"), ("a\u202eb", r"a\xe2\x80\xaeb")]:
            result = self.world.run("query", "--no-legend", name)
            self.assertEqual(result.stderr, f"{shown}: No guest is called '{shown}'.\n")
            result = self.world.run("wait", "--no-legend", "--timeout=0", name)
            self.assertEqual(result.stderr, f"{shown}: '{shown}' has no address now: No guest is called '{shown}'.\n")

    def test_log(self):
        for i, name in enumerate(self.HOSTNAMES):
            if i % 15 == 0:
                some = self.HOSTNAMES[i:i + 15]
                self.world.write("virbr0.status", [lease(f"10.0.0.{k}", f"52:54:00:00:00:{k:02x}", n)
                                                   for k, n in enumerate(some, 1)])
                self.world.run("query", name)
        with open(os.path.join(self.world.directory, "log"), encoding="utf-8") as log:
            text = log.read()
        self.assertClean(text)
        self.assertEqual(text.count("is refused"), 20)      # and no more in ten minutes
        for line in text.splitlines():
            self.assertFalse(line.startswith("<3>"), line)

    def test_monitor(self):
        with subprocess.Popen([CLI, "monitor"], env=self.world.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as monitor:
            monitor.stderr.readline()
            self.world.write("virbr1.status", [lease(f"10.2.{i >> 8}.{i & 255}", "52:54:00:00:00:01", name)
                                               for i, name in enumerate(self.HOSTNAMES, 1)])
            self.world.run("query", "web1")
            text = "".join(monitor.stdout.readline().decode() for _ in self.HOSTNAMES)
            monitor.terminate()
        self.assertClean(text)


if __name__ == "__main__":
    main()
