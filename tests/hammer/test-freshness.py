#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""No lookup that begins after a change has returned sees what was before it.

HAMMER_LONG=1: a million lookups on each file system, instead of thousands on some;
arguments choose tests, as "Freshness.test_ramfs".
"""

import os
import tempfile
import unittest

import harness
from harness import LONG, Bus, Service, hammer, say, say_counts

WITHOUT = {step: os.environ['LIBVIRT_RESOLVED_WITHOUT_' + step.upper()]
           for step in ('quiet', 'barrier', 'drain', 'stat')}


class Case(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.mkdtemp(prefix='hammer-')

    def tearDown(self):
        harness.clear_directory(self.scratch)
        os.rmdir(self.scratch)

    def mount(self, kind):
        reason = harness.mount_file_system(kind, self.scratch)
        if reason:
            self.skipTest(f'{kind} can\'t be mounted: {reason}')
        self.addCleanup(harness.unmount)


class Freshness(Case):
    def hammer(self, kind, scenario, **options):
        counts = hammer(self.bus, scenario, **options)
        say_counts(f'{kind}, {scenario}', counts)
        self.assertEqual((counts['stale'], counts['failed']), (0, 0), f'{kind}, {scenario}')
        for key in self.total:
            self.total[key] += counts[key]
        return counts

    def run_on(self, kind, scale=1.0):
        n = 20 if LONG else scale
        self.total = {'lookups': 0, 'index': 0, 'bus': 0}
        self.mount(kind)
        with Bus() as self.bus, Service(self.bus):
            self.hammer(kind, 'immediate', count=int(10000 * n))
            self.hammer(kind, 'twice', count=int(500 * n))
            paced = self.hammer(kind, 'paced', count=int(50 * n))
            self.hammer(kind, 'files', count=int(200 * n))
            in_place = self.hammer(kind, 'in-place', count=int(20 * n))
            self.hammer(kind, 'storm', seconds=max(1, int(2 * n)), readers=2)
            bursts = self.hammer(kind, 'storm', seconds=max(1, int(2 * n)), readers=2, burst=20)
        say(f'{kind}: {self.total["lookups"]} lookups, {self.total["index"]} by the index, '
            f'{self.total["bus"]} over the bus, none stale')
        self.assertGreater(self.total['bus'], 0)
        if kind != 'ext4-seconds':
            self.assertGreater(paced['index'], 0)
            self.assertGreater(bursts['index'], 0)
        self.assertLess(in_place['longest_usec'], 2000000)

    def test_ext4(self):
        self.run_on('ext4')

    def test_ramfs(self):
        self.run_on('ramfs', 0.3)

    def test_tmpfs(self):
        self.run_on('tmpfs', 0.3)

    def test_overlay(self):
        self.run_on('overlay', 0.3)

    def test_whole_seconds(self):
        self.run_on('ext4-seconds', 0.1)


if __name__ == '__main__':
    harness.fixture.enter_private_mounts()
    unittest.main()
