# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small world for the tests of the CLI: a private bus, lease files, and the real service."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from bus import Bus  # noqa: E402
from files import for_everybody, temporary_directory  # noqa: E402,F401
from leases import lease, put  # noqa: E402
from service import Service  # noqa: E402
from tap import require  # noqa: E402
from waiting import PATIENCE, at_most  # noqa: E402

CLI = for_everybody(os.environ["LIBVIRT_RESOLVE"])
HOOK = bool(os.environ["HOOK"])  # built with the resolve hook

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

    def __init__(self, *options, leases=None, runtime=None, policy=""):
        self.directory = tempfile.mkdtemp(prefix="libvirt-resolve.")
        self.leases = leases or os.path.join(self.directory, "leases")
        self.runtime = runtime or os.path.join(self.directory, "run")
        os.makedirs(self.leases, exist_ok=True)
        os.makedirs(self.runtime, exist_ok=True)
        self.write("virbr0.status", LEASES)
        self.write("virbr0.macs", MACS)
        self.bus = Bus(policy, directory=self.directory)
        self.environment = self.bus.environment
        self.environment["LC_ALL"] = "C.UTF-8"
        self.service = None
        try:
            self.start_service(*options)
        except AssertionError:
            self.end()
            raise

    def write(self, name, document):
        put(self.leases, name, document)

    def start_service(self, *options, **more):
        self.service = Service(self.environment, self.leases, self.runtime, *options, directory=self.directory, **more)

    def stop_service(self):
        if self.service:
            self.service.stop()

    def end(self):
        self.stop_service()
        self.bus.stop()
        shutil.rmtree(self.directory)

    def run(self, *arguments, **environment):
        return subprocess.run([CLI, *arguments], env=dict(self.environment, **environment), text=True,
                              capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                              errors="surrogateescape", check=False)


class Case(unittest.TestCase):
    """Tests of one world that none of them changes."""

    options = ()
    policy = ""

    @classmethod
    def setUpClass(cls):
        cls.world = World(*cls.options, policy=cls.policy)

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


def main():
    """Runs the tests of the calling script."""
    require("dbus-daemon")
    unittest.main(verbosity=2)
