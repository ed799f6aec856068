#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""A set-user-id program obeys no variable of its caller's environment."""

import os
import shutil
import subprocess
import time
import unittest

import fixture
from fixture import Bus, index, publish, skip

NOBODY = 65534
LEASE = ('192.168.122.99', int(time.time()) + 3600, 'virbr0')


class Secure(unittest.TestCase):
    def setUp(self):
        """The probe, owned by root, where set-user-id counts and anybody may read."""
        self.probe = shutil.copy(fixture.PROBE, fixture.RUNTIME)
        self.module = shutil.copy(fixture.MODULES['lease'], fixture.RUNTIME)
        os.chmod(self.module, 0o755)

    def ask(self, mode, **variables):
        os.chmod(self.probe, mode)
        r = subprocess.run([self.probe, self.module, 'gethostbyname4_r', '0', 'web1'], user=NOBODY,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ, **variables), check=True)
        return r.stdout.decode().strip()

    def test_door(self):
        publish(index({'web1': [LEASE]}))
        found = 'SUCCESS 0 NETDB_SUCCESS web1 192.168.122.99'
        self.assertEqual(self.ask(0o755, LIBVIRT_NSS_BACKEND='none'), 'UNAVAIL EDEADLK NO_RECOVERY')
        self.assertEqual(self.ask(0o4755, LIBVIRT_NSS_BACKEND='none'), found)

    def test_debug(self):
        publish(index({'web1': [LEASE]}))
        self.assertIn('libnss_libvirt: gethostbyname4_r(web1, any): found', self.ask(0o755, LIBVIRT_NSS_DEBUG='1'))
        self.assertEqual(self.ask(0o4755, LIBVIRT_NSS_DEBUG='1'), 'SUCCESS 0 NETDB_SUCCESS web1 192.168.122.99')

    def test_bus(self):
        if os.path.exists(fixture.INDEX):
            os.unlink(fixture.INDEX)
        with Bus().start_mock() as bus:
            self.assertEqual(self.ask(0o755, DBUS_SYSTEM_BUS_ADDRESS=bus.address),
                             'SUCCESS 0 NETDB_SUCCESS Web1 192.168.122.10 fd00:122::10')
            self.assertEqual(self.ask(0o4755, DBUS_SYSTEM_BUS_ADDRESS=bus.address),
                             'UNAVAIL ENOENT NO_RECOVERY')


if __name__ == '__main__':
    if os.geteuid() != 0:
        skip('needs root, to be another user')
    fixture.enter_private_mounts()
    unittest.main()
