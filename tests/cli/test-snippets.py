#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The programs in org.libvirt.Resolve1(5), as they stand there: each is built, and asks the real service."""

import os
import re
import shutil
import subprocess
import textwrap
import unittest

from world import LEASES, Case, main

GO_DBUS = "github.com/godbus/dbus"
GO_DBUS_SOURCE = f"/usr/share/gocode/src/{GO_DBUS}"     # of Debian


def snippet(language):
    """The text of the program in a language."""
    with open(os.environ["INTERFACE_PAGE"], encoding="utf-8") as page:
        found = re.search(rf"^In {language}, .*?::\n\n((?:    .*\n|\n)+)", page.read(), re.M)
    return textwrap.dedent(found[1])


def has_pygobject():
    return subprocess.run(["/usr/bin/python3", "-c", "from gi.repository import Gio"], check=False,
                          stderr=subprocess.DEVNULL).returncode == 0


class TestSnippets(Case):
    def write(self, name, text):
        path = os.path.join(self.world.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def call(self, *command, status=0, **kwargs):
        result = subprocess.run(command, env=dict(self.world.environment, **kwargs.pop("environment", {})), text=True,
                                capture_output=True, timeout=150, check=False, stdin=subprocess.DEVNULL, **kwargs)
        self.assertEqual(result.returncode, status, result)
        return result

    def check_addresses(self, *command):
        """Of a program that prints the addresses of the name in its argument."""
        self.assertEqual(self.call(*command, "web1").stdout.split(), ["fd00:122::42", "192.168.122.42"])
        result = self.call(*command, "localhost", status=1)
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, "'localhost' is refused: .*\n$")

    @unittest.skipUnless(has_pygobject(), "PyGObject isn't installed")
    def test_python(self):
        self.check_addresses("/usr/bin/python3", self.write("snippet.py", snippet("Python")))

    @unittest.skipUnless(shutil.which("cc") and shutil.which("pkg-config"), "there is no compiler")
    def test_c(self):
        program = os.path.join(self.world.directory, "snippet")
        flags = self.call("pkg-config", "--cflags", "--libs", "libsystemd").stdout.split()
        self.call("cc", "-Wall", "-Wextra", "-Werror", "-O2", self.write("snippet.c", snippet("C")), "-o", program, *flags)
        self.check_addresses(program)

    @unittest.skipUnless(shutil.which("go") and os.path.exists(GO_DBUS_SOURCE),
                         "Go and its godbus aren't installed")
    def test_go(self):
        directory = os.path.dirname(self.write("program/main.go", snippet("Go")))
        self.write("program/go.mod", f"module snippet\nrequire {GO_DBUS}/v5 v5.0.0\nreplace {GO_DBUS}/v5 => {GO_DBUS_SOURCE}\n")
        environment = {"HOME": self.world.directory, "GOPROXY": "off", "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
        self.call("go", "build", "-o", "snippet", cwd=directory, environment=environment)
        lines = self.call(f"{directory}/snippet").stdout.splitlines()
        self.assertEqual(len(lines), len(LEASES) - 1)   # one has expired
        self.assertIn('192.168.122.42 ["web1"]', lines)
        self.assertIn('192.168.122.50 ["appserver" "vm-app"]', lines)
        self.assertIn("192.168.122.63 []", lines)


if __name__ == "__main__":
    main()
