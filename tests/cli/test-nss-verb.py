#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libvirt-resolve nss: how it treats a file.  What it makes of the text: test-nsswitch."""

import json
import os
import shutil
import stat
import subprocess
import unittest

from world import CLI, main, temporary_directory

BEFORE = "# mine\npasswd: files\nhosts:          files dns  # kept\nnetworks: files\n"
AFTER = BEFORE.replace("files dns", "files libvirt libvirt_guest dns")


class TestNss(unittest.TestCase):
    def setUp(self):
        self.directory = temporary_directory()
        self.addCleanup(shutil.rmtree, self.directory)
        self.path = os.path.join(self.directory, "nsswitch.conf")
        self.backup = self.path + ".libvirt-resolve.bak"
        self.write(BEFORE)

    def write(self, text):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, path=None):
        with open(path or self.path, encoding="utf-8") as file:
            return file.read()

    def nss(self, *arguments, status=0, **options):
        result = subprocess.run([CLI, "nss", *arguments, f"--file={self.path}"], text=True, capture_output=True,
                                timeout=20, check=False, **options)
        self.assertEqual(result.returncode, status, result)
        return result

    def test_enable_and_disable(self):
        out = self.nss("enable").stdout
        self.assertIn("hosts: files libvirt libvirt_guest dns", out)
        self.assertIn(self.backup, out)
        self.assertEqual(self.read(), AFTER)
        self.assertEqual(self.read(self.backup), BEFORE)

        self.nss("disable")
        self.assertEqual(self.read(), BEFORE)
        self.assertEqual(self.read(self.backup), BEFORE)

    def test_the_first_original_is_kept(self):
        for _ in range(2):
            self.nss("enable")
            self.nss("disable")
        self.write(BEFORE.replace("dns", "myhostname dns"))
        self.assertIn(self.backup, self.nss("enable").stdout)
        self.assertEqual(self.read(self.backup), BEFORE)

    def test_never_before_files(self):
        for before, after in [
                ("mymachines resolve [!UNAVAIL=return] files myhostname dns",
                 "mymachines files libvirt libvirt_guest resolve [!UNAVAIL=return] myhostname dns"),
                ("dns", "files libvirt libvirt_guest dns")]:
            self.write(f"hosts: {before}\n")
            self.nss("enable")
            self.assertEqual(self.read(), f"hosts: {after}\n")

    def test_no_place_behind_files(self):
        self.write("hosts: files [NOTFOUND=return] dns\n")
        result = self.nss("enable", status=1)
        self.assertIn('"files [NOTFOUND=return]" ends the lookup', result.stderr)
        self.assertEqual(self.read(), "hosts: files [NOTFOUND=return] dns\n")
        self.assertEqual(os.listdir(self.directory), ["nsswitch.conf"])

    def test_nothing_to_do(self):
        self.assertIn("Nothing to do", self.nss("disable").stdout)
        self.nss("enable")
        before = os.stat(self.path)
        self.assertIn("Nothing to do", self.nss("enable").stdout)
        self.assertEqual(os.stat(self.path), before)

    def test_status(self):
        result = self.nss("status", status=1)
        self.assertTrue(result.stdout.startswith("disabled\n"))
        self.assertEqual(json.loads(self.nss("status", "--json=short", status=1).stdout),
                         [{"file": self.path, "enabled": False, "files-first": True, "sources": ["files", "dns"]}])
        self.nss("enable")
        self.assertEqual(self.nss("status", "--no-legend").stdout, "enabled\n")
        self.assertIs(json.loads(self.nss("status", "--json=pretty").stdout)[0]["enabled"], True)
        self.write("hosts: files libvirt resolve [!UNAVAIL=return] libvirt_guest dns\n")
        self.assertIn('enabled in part: "resolve [!UNAVAIL=return]" ends the lookup before libvirt_guest is asked\n',
                      self.nss("status", status=1).stdout)
        for modules, name in ("libvirt libvirt_guest", "libvirt"), ("libvirt_guest", "libvirt_guest"):
            self.write(f"hosts: files resolve [!UNAVAIL=return] {modules} dns\n")
            self.assertEqual(self.nss("status", "--no-legend", status=1).stdout,
                             f'not reached: "resolve [!UNAVAIL=return]" ends the lookup before {name} is asked\n')
        self.write("hosts: libvirt libvirt_guest files dns\n")
        self.assertIn("before files: a guest can take a name of /etc/hosts", self.nss("status").stdout)
        self.assertIs(json.loads(self.nss("status", "--json=short").stdout)[0]["files-first"], False)
        self.write("passwd: files\n")
        self.assertEqual(json.loads(self.nss("status", "--json=short", status=1).stdout)[0]["sources"], [])

    def test_one_module(self):
        self.write("hosts: files dns\n")
        self.nss("enable", "--domain-name")
        self.assertEqual(self.nss("status", "--no-legend").stdout, "enabled: libvirt_guest only\n")
        self.assertIn("Nothing to do", self.nss("enable", "--domain-name").stdout)
        self.nss("enable", "--lease")
        self.assertEqual(self.nss("status", "--no-legend").stdout, "enabled: libvirt only\n")
        for verb in "disable", "status":
            self.assertIn("--lease", self.nss(verb, "--lease", status=2).stderr)

    def test_mode_and_owner_are_kept(self):
        os.chmod(self.path, 0o640)
        if os.geteuid() == 0:
            os.chown(self.path, 65534, 65533)
        before = os.stat(self.path)
        self.nss("enable", umask=0o077)
        for path in self.path, self.backup:
            after = os.stat(path)
            self.assertEqual(stat.S_IMODE(after.st_mode), 0o640)
            self.assertEqual((after.st_uid, after.st_gid), (before.st_uid, before.st_gid))

    def test_attributes_are_kept(self):
        attributes = {"user.mine": b"kept", "security.selinux": b"system_u:object_r:etc_t:s0\0"}
        kept = {}
        for name, value in attributes.items():
            try:
                os.setxattr(self.path, name, value)
                kept[name] = value
            except OSError:
                pass
        if not kept:
            self.skipTest("this file system keeps no extended attributes")
        self.nss("enable")
        for path in self.path, self.backup:
            for name, value in kept.items():
                self.assertEqual(os.getxattr(path, name), value)

    def test_authselect(self):
        target = os.path.join(self.directory, "authselect", "nsswitch.conf")
        os.mkdir(os.path.dirname(target))
        os.rename(self.path, target)
        os.symlink(target, self.path)
        result = self.nss("enable", status=1)
        self.assertIn("authselect enable-feature with-libvirt", result.stderr)
        self.assertEqual(self.read(target), BEFORE)
        self.assertTrue(os.path.islink(self.path))

        with open(target, "w", encoding="utf-8") as file:
            file.write(AFTER)
        self.assertIn("Nothing to do", self.nss("enable").stdout)
        self.assertIn("authselect disable-feature with-libvirt", self.nss("disable", status=1).stderr)
        os.unlink(target)
        self.assertIn("authselect enable-feature with-libvirt", self.nss("enable", status=1).stderr)

    def test_another_link(self):
        target = os.path.join(self.directory, "elsewhere")
        os.rename(self.path, target)
        os.symlink(target, self.path)
        self.assertIn(target, self.nss("enable", status=1).stderr)
        self.assertEqual(self.read(target), BEFORE)

    def test_no_such_file(self):
        os.unlink(self.path)
        for verb in "enable", "disable", "status":
            self.assertIn("No such file", self.nss(verb, status=1).stderr)
        self.assertEqual(os.listdir(self.directory), [])

    def test_odd_files(self):
        os.unlink(self.path)
        os.mkfifo(self.path)
        self.assertIn("no regular file", self.nss("enable", status=1).stderr)
        os.unlink(self.path)
        os.mkdir(self.path)
        self.assertIn("no regular file", self.nss("status", status=1).stderr)
        os.rmdir(self.path)
        self.write("hosts: files\0dns\n")
        self.assertIn("NUL", self.nss("enable", status=1).stderr)
        self.write("#" * (2 << 20))
        self.assertIn("large", self.nss("enable", status=1).stderr)

    @unittest.skipIf(os.geteuid() != 0, "needs root")
    def test_no_right_to_write(self):
        os.chmod(self.directory, 0o755)
        os.chmod(self.path, 0o644)
        self.assertIn("Permission denied", self.nss("enable", status=1, user=65534).stderr)
        self.assertEqual(self.read(), BEFORE)
        self.assertEqual(os.listdir(self.directory), ["nsswitch.conf"])

    @unittest.skipIf(os.geteuid() != 0, "needs root")
    def test_an_owner_that_cannot_be_kept(self):
        """In a user namespace the file's group may be unmapped."""
        os.chmod(self.directory, 0o777)
        os.chown(self.path, 0, 65533)
        enter = ["unshare", "--user", "--map-root-user"]
        if subprocess.run([*enter, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("user namespaces can't be made here")
        result = subprocess.run([*enter, CLI, "nss", "enable", f"--file={self.path}"], text=True, capture_output=True,
                                timeout=20, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("owner and group", result.stderr)
        self.assertNotIn("NUL", result.stderr)
        self.assertEqual(os.listdir(self.directory), ["nsswitch.conf"])

    def test_no_room(self):
        """A file beyond the limit of its size is told as that, and leaves nothing behind."""
        limited = ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", CLI, "nss", "enable", f"--file={self.path}"]
        self.write(BEFORE + "#" * 4096)
        result = subprocess.run(limited, text=True, capture_output=True, timeout=20, check=False)
        self.assertEqual(result.returncode, 1, result)
        self.assertIn("File too large", result.stderr)
        self.assertEqual(os.listdir(self.directory), ["nsswitch.conf"])

    def test_a_failure_leaves_all_as_it_was(self):
        os.mkdir(self.backup)
        self.nss("enable", status=1)
        self.assertEqual(self.read(), BEFORE)
        self.assertEqual(sorted(os.listdir(self.directory)), ["nsswitch.conf", os.path.basename(self.backup)])


if __name__ == "__main__":
    main()
