#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Many threads look names up while the lease files, and so the index, change.

Meant for tsan (a build with -Db_sanitize=thread) and helgrind (--setup=helgrind) as well.
"""

import os
import subprocess
import time
import unittest

import harness
from harness import LEASES, MODULES, SLOW, Bus, Service, say

THREADS = os.environ['HAMMER_THREADS']


class Threads(unittest.TestCase):
    def test_changes(self):
        n, milliseconds = (8, 6000) if SLOW else (64, 3000)
        harness.put('virbr0.macs', b'[{"domain": "web1", "macs": ["52:54:00:00:00:00"]}]')
        harness.put_leases('virbr0.status', {'web1': '10.0.0.1'})
        with Bus() as bus, Service(bus):
            process = subprocess.Popen([*harness.fixture.WRAPPER, THREADS, MODULES['lease'], MODULES['domain'], str(n),
                                        str(milliseconds)], env=bus.environ(), stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            changes = 0
            while process.poll() is None:
                harness.put_leases('virbr0.status', {'web1': f'10.0.{changes >> 8 & 255}.{changes & 255}'})
                changes += 1
                time.sleep(0.1)     # as long as publishing takes, and longer
            output, errors = process.communicate()
        lookups, over_bus, failed = map(int, output.split())
        say(f'{n} threads: {lookups} lookups, {over_bus} over the bus; {changes} changes of {LEASES}; {failed} failed')
        self.assertEqual((failed, process.returncode, errors), (0, 0, ''))
        self.assertGreater(lookups, over_bus)
        self.assertGreater(over_bus, 0)


if __name__ == '__main__':
    harness.fixture.enter_private_mounts()
    unittest.main()
