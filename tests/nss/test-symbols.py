#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the shared objects export, need and map."""

import os
import re
import shutil
import subprocess
import unittest

from fixture import CLIENT, MODULES, skip

ENTRIES = ['gethostbyaddr2_r', 'gethostbyaddr_r', 'gethostbyname2_r', 'gethostbyname3_r', 'gethostbyname4_r',
           'gethostbyname_r']


def readelf(*arguments):
    return subprocess.run(['readelf', '--wide', *arguments], stdout=subprocess.PIPE, check=True,
                          env=dict(os.environ, LC_ALL='C')).stdout.decode()


def exported(path):
    rows = [line.split() for line in readelf('--dyn-syms', path).splitlines()]
    return sorted(row[7].split('@')[0] for row in rows
                  if len(row) >= 8 and row[0][:-1].isdigit() and row[6] != 'UND' and row[4] != 'LOCAL')


def needed(path):
    """Without the dynamic linker, which some architectures' stack protector needs."""
    names = re.findall(r'\(NEEDED\).*\[(.*)\]', readelf('--dynamic', path))
    return [name for name in names if not name.startswith('ld-linux')]


def segments(path):
    return [line.split() for line in readelf('--segments', path).splitlines()]


class Modules(unittest.TestCase):
    def test_exported(self):
        for variant, prefix in ('lease', '_nss_libvirt_'), ('domain', '_nss_libvirt_guest_'):
            self.assertEqual(exported(MODULES[variant]), [prefix + entry for entry in ENTRIES])

    def test_needed(self):
        for path in MODULES.values():
            self.assertEqual(needed(path), ['libc.so.6'])

    def test_soname(self):
        for path in MODULES.values():
            self.assertIn(f'[{os.path.basename(path)}]', readelf('--dynamic', path))

    def test_segments(self):
        for path in MODULES.values():
            loads = [row for row in segments(path) if row[:1] == ['LOAD']]
            self.assertEqual(len(loads), 2)
            for row in loads:
                self.assertNotIn('RWE', ''.join(row[6:-1]))

    def test_bound_at_once(self):
        for path in MODULES.values():
            self.assertIn('Flags: NOW', readelf('--dynamic', path))
            self.assertNotIn('(PLTREL)', readelf('--dynamic', path))

    def test_stack(self):
        for path in [*MODULES.values(), CLIENT]:
            rows = [row for row in segments(path) if row[:1] == ['GNU_STACK']]
            self.assertEqual([row[6] for row in rows], ['RW'])

    def test_no_way_out(self):
        # Neither an assertion nor anything else ends the process.
        for path in MODULES.values():
            symbols = readelf('--dyn-syms', path)
            for function in '__assert_fail', 'abort', 'exit', '_exit':
                self.assertNotIn(f' {function}@', symbols)

    def test_no_allocation(self):
        # Two buffers that are freed before the call returns, as a thread's stack may be too small for them; no more.
        for path in MODULES.values():
            self.assertNotRegex(readelf('--dyn-syms', path), r' (calloc|realloc|strdup|asprintf)@')


class Client(unittest.TestCase):
    def test_exported(self):
        self.assertEqual(exported(CLIENT), ['libvirt_resolve_client1_address', 'libvirt_resolve_client1_name'])

    def test_needed(self):
        self.assertEqual(sorted(needed(CLIENT)), ['libc.so.6', 'libsystemd.so.0'])


if __name__ == '__main__':
    if not shutil.which('readelf'):
        skip('needs readelf')
    unittest.main()
