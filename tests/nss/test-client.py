#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The bus client of the NSS modules, against a service and a bus that behave badly."""

import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from fixture import Bus, ask
from waiting import BUSY, at_most
from bus import DENY_SERVICE

# Milliseconds, on a busy machine: less than anything that is tried again, or waited for.
AT_ONCE = at_most(400)


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus = Bus().start_mock()

    @classmethod
    def tearDownClass(cls):
        cls.bus.close()

    def check(self, expected, name, **kwargs):
        _, result, rest = ask(name, address=self.bus.address, **kwargs)
        self.assertEqual(f'{result} {rest}'.strip(), expected)

    def test_addresses(self):
        self.check('FOUND Web1 192.168.122.10%3 Web1 fd00:122::10%3', 'web1')
        self.check('FOUND Web1 fd00:122::10%3', 'web1', family=6)
        self.check('FOUND Web1 192.168.122.10%3', 'web1', family=4)
        self.check('FOUND scoped fe80::10%7', 'scoped')

    def calls(self):
        """How many the service has had."""
        _, _, rest = ask('calls', address=self.bus.address)
        *_, high, low = rest.split()[1].partition('%')[0].split('.')
        return 256 * int(high) + int(low)

    def test_question(self):
        # What the service has read: interface, family, flags.
        self.check('FOUND question 10.0.0.1%3', 'question')
        self.check(f'FOUND question 10.0.{socket.AF_INET}.2%3', 'question', family=4, variant='domain')

    def test_results(self):
        self.check('NO_NAME', 'nosuchname')
        self.check('NO_NAME', 'error.org.libvirt.Resolve1.NameRefused')
        self.check('NO_FAMILY', 'error.org.libvirt.Resolve1.NoData')
        self.check('ENOENT', 'error.org.libvirt.Resolve1.LeasesUnavailable')
        self.check('EINVAL', 'error.org.freedesktop.DBus.Error.InvalidArgs')
        self.check('EACCES', 'error.org.freedesktop.DBus.Error.AccessDenied')
        self.check('EIO', 'error.org.example.Whatever')

    def test_no_guests(self):
        self.check('NO_FAMILY', 'no-guests')
        self.check('NO_FAMILY', 'none')
        self.check('NO_FAMILY', 'odd')
        self.check('NO_FAMILY', 'v6only', family=4)
        self.check('FOUND some-guests 192.168.122.12%0', 'some-guests')

    def test_other_names(self):
        self.check('EBADMSG', 'other-name')
        self.check('EBADMSG', 'reserved')

    def test_signatures(self):
        self.check('EBADMSG', 'signature')
        self.check('EBADMSG', 'empty')
        self.check('EBADMSG', '192.168.122.13', family=4)

    def test_thousand(self):
        _, result, rest = ask('thousand', address=self.bus.address)
        addresses = rest.split()[1::2]
        self.assertEqual(result, 'FOUND')
        self.assertEqual(addresses, [f'10.0.0.{i}%3' for i in range(len(addresses))])
        # All that a record of the index can hold (INDEX_RECORD_MAX), of that name.
        self.assertGreaterEqual(len(addresses), (8192 - 8 - len('hthousand') - 8 - len('thousand') - 1) // 48)

    def test_flood(self):
        # A reply of 4096 is read to its end, one more is one too many.
        self.check('FOUND web1 192.168.122.14%3', '192.168.122.14', family=4)
        for name, family in ('flood', 0), ('192.168.122.15', 4):
            self.check('EBADMSG', name, family=family)

    def test_reverse(self):
        self.check('FOUND Web1 192.168.122.10%3', '192.168.122.10', family=4)
        self.check('FOUND good 192.168.122.11%3 better.example 192.168.122.11%3', '192.168.122.11', family=4)
        self.check('NO_NAME', '192.168.122.12', family=4)
        self.check('NO_NAME', '192.168.122.99', family=4)
        self.check('FOUND six fd00:122::10%3', 'fd00:122::10', family=6)

    def test_retry(self):
        # Four failures, then an answer: pauses of 0, 4, 8 and 16 ms.
        name = 'passing.org.freedesktop.DBus.Error.NoReply'
        ask('none', address=self.bus.address)
        for _ in range(5):
            ms, result, _ = ask(name, address=self.bus.address)
            self.assertIn(result, ('FOUND', 'ETIMEDOUT') if BUSY else ('FOUND',))
            self.assertLess(ms, at_most(1000))

    def test_no_retry(self):
        for name in ('org.freedesktop.DBus.Error.ServiceUnknown', 'org.freedesktop.systemd1.UnitMasked',
                     'org.freedesktop.systemd1.NoSuchUnit', 'org.freedesktop.DBus.Error.NameHasNoOwner',
                     'org.freedesktop.DBus.Error.UnknownMethod'):
            ms, result, _ = ask('error.' + name, address=self.bus.address)
            self.assertNotIn(result, ('FOUND', 'ETIMEDOUT'))
            self.assertLess(ms, AT_ONCE, name)

    def test_activation_error_while_live(self):
        error = 'org.freedesktop.DBus.Error.NameHasNoOwner'
        before = self.calls()
        ms, result, _ = ask('error.' + error, live=True, address=self.bus.address)
        tries = self.calls() - before
        self.assertNotIn(result, ('FOUND', 'ETIMEDOUT'))
        # Pauses of 0, 4, 8 ... 128, 128, 128 ms, which are more than half a second.
        self.assertTrue(2 <= tries <= 10, tries)
        self.assertGreater(ms, 250)
        self.assertLess(ms, at_most(750))

        # However long the first try takes, there is a second one.
        for _ in range(5):
            open(self.bus.fuse, 'w').close()
            before = self.calls()
            self.check(f'FOUND once.{error} 192.168.122.10%3', 'once.' + error, family=4, live=True)
            self.assertEqual(self.calls() - before, 2)


class Time(unittest.TestCase):
    """One deadline over everything."""

    def assertTakes(self, took, expected):
        self.assertTrue(expected - 50 < took < at_most(expected + 200), took)

    def test_silent_service(self):
        with Bus().start_mock() as bus:
            ms, result, _ = ask('hang', address=bus.address)
        self.assertEqual(result, 'ETIMEDOUT')
        self.assertTakes(ms, 2000)

    def test_frozen_service(self):
        with Bus().start_mock() as bus:
            bus.mock.send_signal(signal.SIGSTOP)
            ms, result, _ = ask('web1', address=bus.address)
        self.assertEqual(result, 'ETIMEDOUT')
        self.assertTakes(ms, 2000)

    def test_frozen_bus(self):
        with Bus().start_mock() as bus:
            bus.daemon.send_signal(signal.SIGSTOP)
            for live, expected in (False, 500), (True, 2000):
                ms, result, _ = ask('web1', live=live, address=bus.address)
                self.assertEqual(result, 'ETIMEDOUT')
                self.assertTakes(ms, expected)

    def test_bus_frozen_in_the_call(self):
        with Bus().start_mock() as bus:
            ms, result, _ = ask('freeze-bus', address=bus.address)
        self.assertEqual(result, 'ETIMEDOUT')
        self.assertTakes(ms, 2000)

    def test_failing_for_ever(self):
        with Bus().start_mock() as bus:
            ms, result, _ = ask('error.org.freedesktop.DBus.Error.NoReply', address=bus.address)
        self.assertNotEqual(result, 'FOUND')
        self.assertTrue(1500 < ms < at_most(2200), ms)

    def test_no_bus(self):
        for address in 'unix:path=/nonexistent/bus', 'unix:abstract=/nonexistent/bus':
            ms, result, _ = ask('web1', address=address)
            self.assertIn(result, ('ENOENT', 'ECONNREFUSED'))
            self.assertLess(ms, AT_ONCE)

    def test_no_service(self):
        with Bus() as bus:
            ms, result, _ = ask('web1', live=True, address=bus.address)
        self.assertNotIn(result, ('FOUND', 'ETIMEDOUT'))
        self.assertLess(ms, AT_ONCE)


class Listener:
    """Takes connections, and does with each what it is told."""

    def __init__(self, each):
        self.directory = tempfile.TemporaryDirectory(prefix='nss-listener-')
        self.path = os.path.join(self.directory.name, 'bus')
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(self.path)
        self.socket.listen(8)
        self.kept, self.each = [], each
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.kept.append(connection)
            try:
                self.each(connection)
            except OSError:
                pass

    def __enter__(self):
        return f'unix:path={self.path}'

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for connection in self.kept:
            connection.close()
        self.directory.cleanup()


class Connecting(unittest.TestCase):
    def test_bus_that_never_speaks(self):
        with Listener(lambda connection: None) as address:
            ms, result, _ = ask('web1', address=address)
        self.assertEqual(result, 'ETIMEDOUT')
        self.assertTrue(450 < ms < at_most(1000), ms)

    def test_bus_that_hangs_up(self):
        # Each connection is cut: at once, and in the midst of our writing.  No SIGPIPE.
        def in_the_midst(connection):
            connection.recv(1)
            connection.close()

        for each in socket.socket.close, in_the_midst:
            with Listener(each) as address:
                ms, result, _ = ask('web1', address=address)
            self.assertNotEqual(result, 'FOUND')
            self.assertTrue(1500 < ms < at_most(2500), ms)

    def test_rejected(self):
        def reject(connection):
            connection.recv(100)
            connection.send(3 * b'REJECTED EXTERNAL\r\n')

        with Listener(reject) as address:
            ms, result, _ = ask('web1', address=address)
        self.assertNotIn(result, ('FOUND', 'ETIMEDOUT'))
        self.assertLess(ms, AT_ONCE)

    def test_no_descriptors(self):
        # A reply can't put any into the process.
        said = []
        with Listener(lambda connection: said.append(connection.recv(4096))) as address:
            ask('web1', address=address)
        self.assertIn(b'AUTH EXTERNAL', said[0])
        self.assertNotIn(b'NEGOTIATE_UNIX_FD', said[0])

    def test_garbage(self):
        def babble(connection):
            connection.recv(100)
            connection.send(b'\0' * 4096)

        with Listener(babble) as address:
            ms, result, _ = ask('web1', address=address)
        self.assertNotEqual(result, 'FOUND')
        self.assertLess(ms, at_most(2500))

    def test_bus_is_full(self):
        with Bus('<limit name="max_connections_per_user">2</limit>').start_mock() as bus:
            other = subprocess.Popen(['dbus-monitor', '--address', bus.address], stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL)
            other.stdout.readline()
            ms, result, _ = ask('web1', address=bus.address)
            # Where one try takes long, the last one reaches the end of the time.
            self.assertIn(result, ('ENOBUFS', 'ETIMEDOUT') if BUSY else ('ENOBUFS',))
            self.assertGreater(ms, 1500)

            def leave():
                time.sleep(0.3)
                other.kill()

            threading.Thread(target=leave).start()
            _, result, _ = ask('web1', address=bus.address)
            self.assertEqual(result, 'FOUND')
            other.wait()
            other.stdout.close()

    def test_crash_and_restart(self):
        with Bus(activation=True) as bus:
            for _ in range(3):
                open(bus.fuse, 'w').close()
                _, result, _ = ask('die-once', live=True, address=bus.address)
                self.assertEqual(result, 'FOUND')
                self.assertFalse(os.path.exists(bus.fuse))

    def test_denied(self):
        with Bus(DENY_SERVICE).start_mock() as bus:
            ms, result, _ = ask('web1', address=bus.address)
        self.assertEqual(result, 'EACCES')
        self.assertLess(ms, AT_ONCE)


if __name__ == '__main__':
    unittest.main()
