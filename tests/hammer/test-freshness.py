#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""No lookup that begins after a change has returned sees what was before it.

HAMMER_LONG=1: a million lookups on each file system, in half an hour, instead of a minute's worth
of all; arguments choose tests, as "Freshness.test_ramfs".
"""

import os
import tempfile
import threading
import unittest

import harness
from harness import LONG, Asker, Bus, Service, at_most, hammer, say, say_counts

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
        harness.assert_all_answered(self, counts, f'{kind}, {scenario}')
        for key in self.total:
            self.total[key] += counts[key]
        return counts

    def run_on(self, kind, scale=1.0, **options):
        n = 10 if LONG else scale
        n_rests = 10 * scale if LONG else scale
        self.total = {'lookups': 0, 'index': 0, 'bus': 0}
        self.mount(kind)
        with Bus() as self.bus, Service(self.bus):
            self.hammer(kind, 'immediate', count=int(10000 * n))
            self.hammer(kind, 'twice', count=int(500 * n))
            self.hammer(kind, 'files', count=int(200 * n))
            self.hammer(kind, 'storm', msec=int(2000 * n), readers=2)
            in_place = self.hammer(kind, 'in-place', count=max(3, int(20 * n_rests)), **options)
            paced = self.hammer(kind, 'paced', count=max(3, int(50 * n_rests)), **options)
            bursts = self.hammer(kind, 'storm', msec=int(5000 * n), readers=2, burst=20, **options)
        say(f'{kind}: {self.total["lookups"]} lookups, {self.total["index"]} by the index, '
            f'{self.total["bus"]} over the bus, none stale')
        self.assertGreater(self.total['bus'], 0)
        self.assertGreater(paced['index'] + bursts['index'], 0)
        self.assertLess(in_place['longest_usec'], at_most(2000000))

    def test_ext4(self):
        self.run_on('ext4')

    def test_ext4_slow(self):
        self.run_on('ext4-slow', 0.02)

    def test_ramfs(self):
        self.run_on('ramfs', 0.1)

    def test_tmpfs(self):
        self.run_on('tmpfs', 0.1)

    def test_overlay(self):
        self.run_on('overlay', 0.1)

    def test_whole_seconds(self):
        self.run_on('ext4-seconds', 0.05, rest=2500000)


class Steps(Case):
    """Without one of the recipe's steps the service gives stale answers: the hammer sees them,
    and the step is needed."""

    def check(self, step, scenario, tries=40, **options):
        """The service without the step is tried until it gives a stale answer; then the real one."""
        stale = 0
        with Bus() as bus:
            with Service(bus, program=WITHOUT[step]):
                for n in range(1, tries + 1):
                    stale = hammer(bus, scenario, seed=n, quiet=1, **options)['stale']
                    if stale > 0:
                        break
            say(f'without {step}: {stale} stale answers in run {n} of {scenario}')
            self.assertGreater(stale, 0)
            with Service(bus):
                for i in range(1, min(n, 3) + 1):
                    counts = hammer(bus, scenario, seed=i, **options)
                    harness.assert_all_answered(self, counts)
            say_counts(f'with {step}', counts)

    def test_quiet(self):
        # Stamps of whole seconds: elsewhere newer kernels tell two changes in a tick apart, mostly.
        self.mount('ext4-seconds')
        self.check('quiet', 'twice', count=500)

    def test_drain(self):
        self.mount('ramfs')
        self.check('drain', 'twice', count=500)

    def test_barrier(self):
        # Renames take long here, the more so while others write, and the directory is stamped
        # when they begin.
        self.mount('ext4-slow')
        writer = threading.Thread(target=self.write_until, args=(ended := threading.Event(),))
        writer.start()
        try:
            self.check('barrier', 'storm', msec=1500, burst=2, readers=1)
        finally:
            ended.set()
            writer.join()

    @staticmethod
    def write_until(ended):
        os.mkdir(harness.LEASES + '/beside')
        with open(harness.LEASES + '/beside/file', 'wb', buffering=0) as f:
            while not ended.is_set():
                f.seek(0)
                f.write(bytes(48 << 20))
                os.fsync(f.fileno())

    def test_stat(self):
        # No event tells that another directory was mounted there.
        harness.put_leases('virbr0.status', {'web1': '10.0.0.1'})
        for program, expected in (WITHOUT['stat'], '10.0.0.1'), (harness.SERVICE, '10.0.0.2'):
            with Bus() as bus, Service(bus, program=program), Asker(bus) as asker:
                harness.wait_published(asker)
                self.mount('tmpfs')
                harness.put_leases('virbr0.status', {'web1': '10.0.0.2'})
                answer = asker.ask('web1')
                self.doCleanups()
            self.assertEqual((answer.address, answer.door), (expected, 'bus'))


if harness.SLOW:
    del Steps   # a sanitizer's service is too slow to be late where it matters, and the steps are the same


if __name__ == '__main__':
    harness.main()
