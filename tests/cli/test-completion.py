#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The completions: they offer what --help lists, and the names that resolve now."""

import os
import re
import shutil
import subprocess
import unittest

from world import CLI, PATIENCE, Case, lease, main

BASH = os.path.join(os.environ["COMPLETIONS"], "bash", "libvirt-resolve")
ZSH = os.path.join(os.environ["COMPLETIONS"], "zsh", "_libvirt-resolve")

# Calls the completion as bash does, for the words in "$@", the last of which is being typed.
DRIVER = """
source "$0"
compopt() { :; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_libvirt_resolve
printf '%s\\n' "${COMPREPLY[@]}"
"""


def helped():
    """The verbs and the long options of --help."""
    text = subprocess.run([CLI, "--help"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^  ([a-z][a-z-]+)", text, re.M), re.findall(r"--[a-z][a-z-]*", text)


class TestBash(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.write("virbr0.macs", [{"domain": "Web Server $(touch /tmp/hurt) é", "macs": ["52:54:00:12:00:01"]}])
        cls.world.environment["PATH"] = os.path.dirname(CLI) + ":" + os.environ["PATH"]

    def complete(self, *words):
        result = subprocess.run(["bash", "--norc", "-c", DRIVER, BASH, "libvirt-resolve", *words], check=True,
                                env=self.world.environment, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(result.stderr, "")
        return result.stdout.splitlines()

    def test_verbs(self):
        self.assertEqual(sorted(self.complete("")), sorted(helped()[0]))
        self.assertEqual(self.complete("le"), ["leases"])
        self.assertEqual(self.complete("--json", "=", "short", "le"), ["leases"])
        self.assertEqual(self.complete("-i", "lo", "le"), ["leases"])

    def test_options(self):
        self.assertEqual({word.rstrip("=") for word in self.complete("--")}, set(helped()[1]))
        self.assertEqual(self.complete("leases", "--no-l"), ["--no-legend"])
        self.assertEqual(self.complete("--json", "="), ["short", "pretty", "off"])
        self.assertEqual(self.complete("--json", "=", "p"), ["pretty"])
        self.assertEqual(self.complete("-i", "l"), ["lo"])

    def test_words(self):
        self.assertEqual(self.complete("nss", ""), ["enable", "disable", "status"])
        self.assertEqual(self.complete("log-level", "d"), ["debug"])
        self.assertEqual(self.complete("log-level", "e"), ["emerg", "err"])
        self.assertEqual(self.complete("doctor", ""), [""])

    def test_names(self):
        self.assertEqual(self.complete("query", "web"), ["web1"])
        self.assertEqual(self.complete("query", "-4", "web1", "app"), ["appserver"])
        name, = self.complete("query", "Web\\ S")
        self.assertEqual(subprocess.run(["bash", "-c", f"printf %s {name}"], capture_output=True, text=True,
                                        check=True).stdout, "Web Server $(touch /tmp/hurt) é")
        self.assertFalse(os.path.exists("/tmp/hurt"))

    def test_networks(self):
        self.world.write("virbr7.status", [lease("192.168.150.7", "52:54:00:15:00:07", "late")])
        self.assertEqual(self.complete("status", "virbr"), ["virbr0", "virbr7"])

    def test_no_service(self):
        self.world.environment["DBUS_SYSTEM_BUS_ADDRESS"], address = (
            "unix:path=/nonexistent", self.world.environment["DBUS_SYSTEM_BUS_ADDRESS"])
        try:
            self.assertEqual(self.complete("query", ""), [""])
        finally:
            self.world.environment["DBUS_SYSTEM_BUS_ADDRESS"] = address


class TestZsh(unittest.TestCase):
    def test_lists_what_help_lists(self):
        with open(ZSH, encoding="utf-8") as file:
            text = file.read()
        verbs, options = helped()
        for verb in verbs:
            self.assertIn(f"'{verb}:", text)
        for option in options:
            self.assertRegex(text, rf"{option}\b")

    @unittest.skipUnless(shutil.which("zsh"), "zsh isn't installed")
    def test_syntax(self):
        subprocess.run(["zsh", "-n", ZSH], check=True)


if __name__ == "__main__":
    main()
