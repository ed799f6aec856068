# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small world for the tests of the CLI: a private bus, lease files, and the real service."""

import atexit
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
from urllib.parse import quote



def everybody_may_enter(directory):
    while directory != "/":
        if not os.stat(directory).st_mode & 0o001:
            return False
        directory = os.path.dirname(directory)
    return True


def temporary_directory():
    """One that other users may enter, too, wherever TMPDIR is."""
    parent = next(path for path in (tempfile.gettempdir(), "/tmp", "/var/tmp") if everybody_may_enter(os.path.realpath(path)))
    directory = tempfile.mkdtemp(prefix="libvirt-resolve.", dir=parent)
    os.chmod(directory, 0o755)
    return directory


def for_everybody(program):
    """The program, or a copy of it if the build is below a directory that only its owner may enter (/root)."""
    if os.geteuid() != 0 or everybody_may_enter(os.path.dirname(os.path.realpath(program))):
        return program
    directory = temporary_directory()
    atexit.register(shutil.rmtree, directory)
    copy = shutil.copy(program, directory)
    os.chmod(copy, 0o755)
    return copy


CLI = for_everybody(os.environ["LIBVIRT_RESOLVE"])
SERVICE = for_everybody(os.environ["LIBVIRT_RESOLVED"])
HOOK = bool(os.environ["HOOK"])  # built with the resolve hook
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
  {}
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

    def __init__(self, *options, leases=None, runtime=None, policy=""):
        self.directory = tempfile.mkdtemp(prefix="libvirt-resolve.")
        self.leases = leases or os.path.join(self.directory, "leases")
        self.runtime = runtime or os.path.join(self.directory, "run")
        os.makedirs(self.leases, exist_ok=True)
        os.makedirs(self.runtime, exist_ok=True)
        self.write("virbr0.status", LEASES)
        self.write("virbr0.macs", MACS)
        self.environment = dict(
            os.environ,
            DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={quote(self.directory)}/bus",
            LC_ALL="C.UTF-8",
        )
        self.bus = self.service = None
        self.start_bus(policy)
        try:
            self.start_service(*options)
        except TimeoutError:
            self.end()
            raise

    def write(self, name, document):
        path = os.path.join(self.leases, name)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(document if isinstance(document, str) else json.dumps(document))
        os.rename(path + ".new", path)

    def start_bus(self, policy=""):
        configuration = os.path.join(self.directory, "bus.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(BUS_CONFIGURATION.format(quote(self.directory), policy))
        self.bus = subprocess.Popen(
            ["dbus-daemon", "--nofork", "--print-address=1", "--config-file", configuration],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.bus.stdout.readline()

    def start_service(self, *options, listener=None, user=None):
        """listener: a socket to hand over, as systemd does it."""
        hand_over = ["sh", "-c", f'exec 3<&{listener.fileno()}; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"', "sh"] \
            if listener else []
        path = os.path.join(self.directory, "notify")
        with (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify,
              open(os.path.join(self.directory, "log"), "ab") as log):
            notify.bind(path)
            os.chmod(path, 0o777)
            notify.settimeout(PATIENCE)
            self.service = subprocess.Popen(
                [*hand_over, SERVICE, f"--lease-directory={self.leases}", f"--runtime-directory={self.runtime}",
                 *options],
                env=dict(self.environment, NOTIFY_SOCKET=path), stderr=log, user=user,
                pass_fds=[listener.fileno()] if listener else [])
            while b"READY=1" not in notify.recv(4096):
                pass
        os.unlink(path)

    def stop_bus(self):
        self.bus.kill()
        self.bus.wait()
        self.bus.stdout.close()

    def stop_service(self):
        self.service.kill()
        self.service.wait()

    def end(self):
        self.stop_service()
        self.stop_bus()
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
    if not shutil.which("dbus-daemon"):
        print("dbus-daemon isn't installed")
        sys.exit(77)
    unittest.main(verbosity=2)
