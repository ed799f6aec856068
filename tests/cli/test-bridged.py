#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libvirt-resolve bridged, with a stand-in for systemd."""

import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True

from world import CLI, Case, main  # noqa: E402

SYSTEMD = os.environ["SYSTEMD_DOUBLE"]
DOMAINS, SEEN = HELPERS = "libvirt-resolve-domains.service", "libvirt-resolve-seen.service"
OFF = ("loaded", "inactive", "disabled", "0", "success")


class Systemd:
    """Knows these units while the block lasts."""

    def __init__(self, world, units, fail=""):
        arguments = [argument for unit in units.items() for argument in (unit[0], *unit[1])]
        self.process = subprocess.Popen([SYSTEMD, "252", *arguments], stdout=subprocess.PIPE,
                                        env=dict(world.environment, FAIL=fail))
        self.process.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Bridged(Case):
    def states(self, status):
        """What the status says, by unit."""
        document = json.loads(self.cli("bridged", "status", "--json=short", status=status).stdout)
        return {helper["unit"]: (helper["state"], helper["enabled"]) for helper in document[0]["helpers"]}

    def test_enable_and_disable(self):
        with Systemd(self.world, {DOMAINS: OFF, SEEN: OFF}):
            self.assertEqual(self.states(1), dict.fromkeys(HELPERS, ("inactive", False)))
            result = self.cli("bridged", "enable")
            self.assertEqual(result.stdout, "".join(f"{unit} runs, and is started at boot.\n" for unit in HELPERS))
            self.assertEqual(self.states(0), dict.fromkeys(HELPERS, ("active", True)))
            self.cli("bridged", "enable")  # again
            result = self.cli("bridged", "disable")
            self.assertEqual(result.stdout,
                             "".join(f"{unit} is stopped, and isn't started at boot.\n" for unit in HELPERS))
            self.assertEqual(self.states(1), dict.fromkeys(HELPERS, ("inactive", False)))

    def test_not_installed(self):
        with Systemd(self.world, {}):
            result = self.cli("bridged", "enable", status=1)
            self.assertEqual(result.stdout, "")
            self.assertIn("Install libvirt-resolve-bridged", result.stderr)
            result = self.cli("bridged", "status", status=1)
            self.assertIn("not-installed", result.stdout)

    def test_no_right(self):
        with Systemd(self.world, {DOMAINS: OFF, SEEN: OFF}, fail="access"):
            for action in ("enable", "disable"):
                result = self.cli("bridged", action, status=1)
                self.assertIn("the bus doesn't allow it", result.stderr)
                self.assertIn(f"As root, type: systemctl {action} --now libvirt-resolve-domains libvirt-resolve-seen",
                              result.stderr)
            self.assertEqual(self.states(1), dict.fromkeys(HELPERS, ("inactive", False)))

    def test_does_not_start(self):
        with Systemd(self.world, {DOMAINS: OFF, SEEN: OFF}, fail="start"):
            result = self.cli("bridged", "enable", status=1)
            self.assertIn(f"{DOMAINS} doesn't run.", result.stderr)
            self.assertIn(f"journalctl -b -u {DOMAINS}", result.stderr)

    def test_no_systemd(self):
        result = self.cli("bridged", "status", status=1)
        self.assertIn("systemd can't be asked", result.stderr)

    def test_no_bus(self):
        result = self.world.run("bridged", "enable", DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nonexistent")
        self.assertEqual(result.returncode, 1)
        self.assertIn("As root, type: systemctl enable --now", result.stderr)

    def test_usage(self):
        for arguments in (("what",), (), ("enable", "disable"), ("enable", "--json=short"), ("status", "--lease")):
            self.cli("bridged", *arguments, status=2)

    def test_bridges(self):
        """On a host that has an address on one bridge and none on another."""
        host = """mount -t sysfs sysfs /sys && ip link add br0 type bridge && ip link add br1 type bridge &&
                  ip address add 192.0.2.1/24 dev br0 && ip address add 198.51.100.1/24 dev lo &&
                  ip address add 2001:db8::1/64 dev br0 && exec "$@" """
        in_host = ["unshare", "--net", "--mount", "sh", "-c", host, "sh"]
        if subprocess.run([*in_host, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("needs root, and network interfaces of its own")
        with Systemd(self.world, {}):
            outputs = [subprocess.run([*in_host, CLI, "bridged", "status", *option], env=self.world.environment,
                                      capture_output=True, text=True, check=False).stdout
                       for option in ((), ("--json=short",))]
        self.assertRegex(outputs[0], r"br0 +192\.0\.2\.1/24, 2001:db8::1/64\nbr1 +-\n-- On a bridge without an address")
        self.assertEqual(json.loads(outputs[1])[0]["bridges"], [
            {"bridge": "br0", "addresses": ["192.0.2.1/24", "2001:db8::1/64"]}, {"bridge": "br1", "addresses": []}])


if __name__ == "__main__":
    main()
