#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What a lookup by the index costs: six system calls, few bytes read, and no socket."""

import os
import re
import shutil
import subprocess
import time
import unittest

import fixture
from fixture import index, publish, skip

HIT = ['openat', 'pread64', 'newfstatat', 'pread64', 'pread64', 'close']
LEASE = [('192.168.122.10', int(time.time()) + 3600, 'virbr0')]


def trace(variant, function, family, name):
    """The system calls between the probe's two getppid()."""
    command = ['strace', '-f', '-qq', fixture.PROBE, '--marks', fixture.MODULES[variant], function,
               str(family), name]
    r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       env=dict(os.environ, ASAN_OPTIONS='detect_leaks=0'))
    _, between, _ = re.split(r'getppid\(\).*\n', r.stderr.decode('utf-8', 'replace'))
    return between


def calls(*question):
    return re.findall(r'^(\w+)\(', trace(*question), re.MULTILINE)


def bytes_read(*question):
    return sum(int(n) for n in re.findall(r'^pread64\(.* = (\d+)$', trace(*question), re.MULTILINE))


class Calls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # So many that what is asked for lies beyond the part that the first read brings.
        publish(index({f'other{i}': [('192.168.122.1', *LEASE[0][1:])] for i in range(50)} | {'Web1': LEASE},
                      {'vm-app': LEASE}))

    def test_hit(self):
        self.assertEqual(calls('lease', 'gethostbyname4_r', 0, 'web1'), HIT)
        self.assertEqual(calls('lease', 'gethostbyname2_r', 4, 'WEB1'), HIT)
        self.assertEqual(calls('lease', 'gethostbyname2_r', 6, 'web1'), HIT)
        self.assertEqual(calls('domain', 'gethostbyname_r', 4, 'vm-app'), HIT)
        self.assertEqual(calls('domain', 'gethostbyaddr_r', 4, '192.168.122.10'), HIT)

    def test_miss(self):
        for name in 'www.example.com', 'nosuchname', 'a', 'b', 'c':
            miss = calls('lease', 'gethostbyname4_r', 0, name)
            self.assertEqual([call for call in miss if call not in HIT], [])
            self.assertLessEqual(len(miss), len(HIT))

    def test_small(self):
        """Where all fits a page, one read brings all."""
        publish(index({'web1': LEASE}))
        self.addCleanup(self.setUpClass)
        self.assertEqual(calls('lease', 'gethostbyname4_r', 0, 'web1'), [HIT[0], HIT[1], HIT[2], HIT[-1]])

    def test_bytes(self):
        """The number of leases makes no difference."""
        few = bytes_read('lease', 'gethostbyname4_r', 0, 'web1')
        publish(index({f'other{i}': [(f'10.1.{i >> 8}.{i & 255}', *LEASE[0][1:])] for i in range(5000)} | {'web1': LEASE}))
        self.addCleanup(self.setUpClass)
        many = bytes_read('lease', 'gethostbyname4_r', 0, 'web1')
        self.assertLessEqual(few, 6144)
        self.assertLessEqual(many, 6144)

    def test_never(self):
        for name in 'localhost', '_gateway', '', 'x' * 300:
            self.assertEqual(calls('lease', 'gethostbyname4_r', 0, name), [])
        self.assertEqual(calls('lease', 'gethostbyaddr_r', 4, '127.0.0.1'), [])


if __name__ == '__main__':
    if not shutil.which('strace'):
        skip('needs strace')
    fixture.enter_private_mounts()
    unittest.main()
