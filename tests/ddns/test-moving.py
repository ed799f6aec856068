#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Three hosts, one zone: a guest that moves between them, 200 times, while its name is looked up all the time."""

import os
import random
import sys
import threading
import time
import unittest

import hosts
from hosts import ZONE, Bind, Host, dig, expected, guest_records, wait_equal, wait_for

MOVES = int(os.environ.get("DDNS_MOVES", "200"))
NAME = f"mover.{ZONE}"


class Looker(threading.Thread):
    """Looks the name up without a pause; notes what it saw."""

    def __init__(self):
        super().__init__()
        self.running, self.lookups, self.gaps, self.several = True, 0, [], []

    def run(self):
        missing = None
        while self.running:
            now = time.monotonic()
            found = dig("A", NAME, seconds=2, unanswered=("unanswered",))
            self.lookups += 1
            if len(found) > 1:
                self.several.append(found)
            if not found and missing is None:
                missing = now
            elif found and missing is not None:
                self.gaps.append(now - missing)
                missing = None


class Moving(unittest.TestCase):
    def setUp(self):
        self.server = Bind()
        self.addCleanup(self.server.end)
        # a move in less than --remove-delay= is a live migration
        self.hosts = [Host(name, "--remove-delay=10s") for name in ("a", "b", "c")]
        for number, host in enumerate(self.hosts):
            self.addCleanup(host.end)
            host.set(f"stays{number}", 100 + number, f"198.51.100.{100 + number}")
            host.start()

    def move(self, source, target):
        """The address differs from host to host, so that a record that wasn't replaced shows."""
        before = [lambda: source.drop("mover"), lambda: target.set("mover", 1, self.address(target))]
        for step in random.sample(before, 2):
            step()
        wait_for(lambda: dig("A", NAME) == {self.address(target)}, what=f"the move from {source.name} to {target.name}")

    def address(self, host):
        return f"198.51.100.{1 + self.hosts.index(host)}"

    def test_moves(self):
        here = self.hosts[0]
        here.set("mover", 1, self.address(here))
        wait_equal(*self.hosts)
        looker = Looker()
        looker.start()
        self.addCleanup(setattr, looker, "running", False)
        begin = time.monotonic()
        for _ in range(MOVES):
            there = random.choice([host for host in self.hosts if host is not here])
            self.move(here, there)
            here = there
        looker.running = False
        looker.join()
        print(f"# {MOVES} moves in {time.monotonic() - begin:.1f} s, {looker.lookups} lookups, "
              f"missing {len(looker.gaps)} times, {max(looker.gaps, default=0):.3f} s at most", file=sys.stderr)
        self.assertGreater(looker.lookups, MOVES)
        self.assertEqual(looker.gaps, [])
        self.assertEqual(looker.several, [])
        time.sleep(3)
        wait_equal(*self.hosts)
        self.assertEqual(guest_records(ZONE), expected(*self.hosts))


if __name__ == "__main__":
    if Bind.missing():
        print("named isn't installed")
        sys.exit(77)
    hosts.in_namespace()
    unittest.main(verbosity=2)
