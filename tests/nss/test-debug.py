#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""LIBVIRT_NSS_DEBUG: a line on standard error for each lookup, and no harm to the process."""

import os
import re
import subprocess
import time
import unittest

import fixture
from fixture import MODULES, PROBE, WRAPPER, Bus, index, publish

IN_AN_HOUR = int(time.time()) + 3600
FOUND = 'SUCCESS 0 NETDB_SUCCESS web1 192.168.122.99'


def run(variant, function, family, name, *size, options=(), debug='1', stderr=subprocess.PIPE, **variables):
    """The probe's output, and what it wrote to standard error, each as lines."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith('LIBVIRT_NSS_')}
    environment.update(variables)
    if debug is not None:
        environment['LIBVIRT_NSS_DEBUG'] = debug
    r = subprocess.run([*WRAPPER, PROBE, *options, MODULES[variant], function, str(family), name, *map(str, size)],
                       stdout=subprocess.PIPE, stderr=stderr, env=environment, timeout=60, check=True)
    return r.stdout.decode().splitlines(), (r.stderr or b'').decode().splitlines()


class Debug(unittest.TestCase):
    def setUp(self):
        publish(index({'web1': [('192.168.122.99', IN_AN_HOUR, 'virbr0')], 'gone': [('192.168.122.98', 1, 'virbr0')]},
                      {'vm1': [('192.168.122.99', IN_AN_HOUR, 'virbr0')]}))

    def says(self, wanted, *question, **options):
        answer, lines = run(*question, **options)
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], rf'^{re.escape(wanted)} in \d+ us$')
        self.assertEqual(run(*question, **(options | {'debug': None})), (answer, []))

    def test_lines(self):
        self.says('libnss_libvirt: gethostbyname4_r(web1, any): found (index)', 'lease', 'gethostbyname4_r', 0, 'web1')
        self.says('libnss_libvirt_guest: gethostbyname4_r(vm1, any): found (index)', 'domain', 'gethostbyname4_r', 0, 'vm1')
        self.says('libnss_libvirt: gethostbyname4_r(vm1, any): not found (index)', 'lease', 'gethostbyname4_r', 0, 'vm1')
        self.says('libnss_libvirt: gethostbyname4_r(gone, any): the lease has expired (index)',
                  'lease', 'gethostbyname4_r', 0, 'gone')
        self.says('libnss_libvirt: gethostbyname4_r(localhost, any): not found (not asked)',
                  'lease', 'gethostbyname4_r', 0, 'localhost')

    def test_functions(self):
        for function, family, text in [('gethostbyname_r', 4, 'inet'), ('gethostbyname2_r', 4, 'inet'),
                                       ('gethostbyname3_r', 4, 'inet')]:
            self.says(f'libnss_libvirt: {function}(web1, {text}): found (index)', 'lease', function, family, 'web1')
        self.says('libnss_libvirt: gethostbyname2_r(web1, inet6): no address of this family (index)',
                  'lease', 'gethostbyname2_r', 6, 'web1')
        for function in 'gethostbyaddr_r', 'gethostbyaddr2_r':
            self.says(f'libnss_libvirt: {function}(192.168.122.99, inet): found (index)', 'lease', function, 4,
                      '192.168.122.99')
        self.says('libnss_libvirt: gethostbyaddr_r(fd00::1, inet6): not found (index)', 'lease', 'gethostbyaddr_r', 6,
                  'fd00::1')

    def test_small_buffer(self):
        self.says('libnss_libvirt: gethostbyname2_r(web1, inet): found, the buffer is too small (index)',
                  'lease', 'gethostbyname2_r', 4, 'web1', 8)

    def test_ways(self):
        self.says('libnss_libvirt: gethostbyname4_r(web1, any): EDEADLK (not asked)', 'lease', 'gethostbyname4_r', 0,
                  'web1', LIBVIRT_NSS_BACKEND='none')
        self.says('libnss_libvirt: gethostbyname4_r(web1, any): ENOENT (bus)', 'lease', 'gethostbyname4_r', 0,
                  'web1', LIBVIRT_NSS_BACKEND='bus', DBUS_SYSTEM_BUS_ADDRESS='unix:path=/nonexistent')
        with Bus().start_mock() as bus:
            self.says('libnss_libvirt: gethostbyname4_r(web1, any): found (bus)', 'lease', 'gethostbyname4_r', 0,
                      'web1', LIBVIRT_NSS_BACKEND='bus', DBUS_SYSTEM_BUS_ADDRESS=bus.address)
        os.unlink(fixture.INDEX)
        self.says('libnss_libvirt: gethostbyname4_r(web1, any): ESTALE (index)', 'lease', 'gethostbyname4_r', 0,
                  'web1', LIBVIRT_NSS_BACKEND='index')

    def test_any_value(self):
        for value in '', '0', 'no':
            self.assertEqual(len(run('lease', 'gethostbyname4_r', 0, 'web1', debug=value)[1]), 1)

    def test_other_names(self):
        """Variables that only look alike change nothing."""
        for name in 'LIBVIRT_NSS_DEBUGGING', 'LIBVIRT_NSS_BACKENDS', 'LIBVIRT_NSS_', 'LIB':
            self.assertEqual(run('lease', 'gethostbyname4_r', 0, 'web1', debug=None, **{name: 'none'}), ([FOUND], []))

    def test_terminals(self):
        """What the program was told to look up may come from anywhere."""
        _, (line,) = run('lease', 'gethostbyname4_r', 0, '\033[31m\tb\r\u00e9')
        self.assertTrue(line.startswith('libnss_libvirt: gethostbyname4_r(?[31m?b???, any): not found'), line)
        _, (line,) = run('lease', 'gethostbyname4_r', 0, 'x' * 5000)
        self.assertLess(len(line), 512)
        self.assertTrue(line.endswith(' us'), line)

    def test_no_reader(self):
        """A broken pipe ends no process, and leaves no signal pending."""
        read, write = os.pipe()
        os.close(read)
        self.addCleanup(os.close, write)
        self.assertEqual(run('lease', 'gethostbyname4_r', 0, 'web1', stderr=write)[0], [FOUND])

    def test_full_device(self):
        with open('/dev/full', 'wb') as full:
            self.assertEqual(run('lease', 'gethostbyname4_r', 0, 'web1', stderr=full)[0], [FOUND])

    def test_awkward_processes(self):
        for options in ['--closed'], ['--fork'], ['--signals'], ['--stack', '16384'], ['--threads', '8']:
            if options[0] == '--stack' and fixture.SLOW:
                continue  # valgrind and the sanitizers want more stack than that themselves
            answers, lines = run('lease', 'gethostbyname4_r', 0, 'web1', options=options)
            self.assertEqual(set(answers), {FOUND}, options)
            for line in lines:
                self.assertRegex(line, r'^libnss_libvirt: gethostbyname4_r\(web1, any\): found \(index\) in \d+ us$')


if __name__ == '__main__':
    fixture.enter_private_mounts()
    unittest.main()
