#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libvirt-resolve without memory: each allocation fails once.  It prints all that it has to, or fails."""

import os
import subprocess
import sys

from world import CLI, PATIENCE, Case, main

# Of the allocations of a run, so many are tried, and all of a short run.
TRIED = 60


class TestMemory(Case):
    def outcome(self, arguments, failing):
        # By its base name: LD_PRELOAD takes no path with a space.
        directory, name = os.path.split(os.environ["SHORT_MEMORY"])
        environment = dict(self.world.environment, LD_PRELOAD=name, LD_LIBRARY_PATH=directory,
                           FAILING_ALLOCATION=str(failing), ALLOCATIONS=self.count)
        result = subprocess.run([CLI, *arguments], env=environment, capture_output=True, timeout=PATIENCE, check=False,
                                stdin=subprocess.DEVNULL)
        return result.returncode, result.stdout

    def check(self, *arguments):
        self.count = os.path.join(self.world.directory, "count")
        status, wanted = self.outcome(arguments, 1 << 40)
        self.assertEqual(status, 0)
        with open(self.count, encoding="utf-8") as file:
            n = int(file.read())
        for failing in range(1, n + 1, max(1, n // TRIED)):
            status, out = self.outcome(arguments, failing)
            self.assertGreaterEqual(status, 0, (arguments, failing))
            if status == 0:
                self.assertEqual(out, wanted, (arguments, failing))
        self.assertGreater(n, 10)

    def test_nss_status(self):
        path = os.path.join(self.world.directory, "nsswitch.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write("hosts: files libvirt libvirt_guest \\xff dns\n")
        self.check("nss", "status", f"--file={path}", "--json=short")
        self.check("nss", "status", f"--file={path}")

    def test_query(self):
        self.check("query", "web1", "192.168.122.42", "--json=short")

    def test_status(self):
        self.check("status", "--json=short")

    def test_export(self):
        for form in "hosts", "ansible", "rr":
            self.check("export", f"--format={form}", "--hostnames", "-i", "virbr0")

    def test_leases(self):
        self.check("leases", "--json=short")


if __name__ == "__main__":
    if not os.environ.get("SHORT_MEMORY"):
        sys.exit(77)
    main()
