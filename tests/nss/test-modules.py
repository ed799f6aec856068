#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The modules themselves: every function, every outcome, in every awkward process."""

import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
import time
import unittest

import fixture
from fixture import ABSENT, FAILED, INDEX, LEASES, LIVE, SLOW, Bus, index, probe, publish
from waiting import at_most

NEVER, PAST = 0, 1000
SOON = int(time.time()) + 3600
NOT_FOUND = 'NOTFOUND ESRCH HOST_NOT_FOUND'
NO_DATA = 'NOTFOUND ENXIO NO_DATA'
TOO_SMALL = 'TRYAGAIN ERANGE NETDB_INTERNAL'
FOUND = 'SUCCESS 0 NETDB_SUCCESS '

HOSTNAMES = {
    'Web1': [('192.168.122.10', SOON + 9, 'virbr0'), ('fd00:122::10', SOON, 'virbr0'),
             ('192.168.122.11', NEVER, 'virbr0')],
    'mapped': [('192.168.122.17', SOON, 'virbr0'), ('::ffff:192.168.122.17', SOON, 'virbr0')],
    'six': [('fd00:122::16', SOON, 'virbr0')],
    'scoped': [('fe80::10', SOON, 'lo'), ('fe80::11', SOON, 'nosuchbridge')],
    'over': [('192.168.122.20', PAST, 'virbr0')],
    'localhost': [('192.168.122.66', SOON, 'virbr0')],
    '_gateway': [('192.168.122.66', SOON, 'virbr0')],
    '2130706433': [('192.168.122.67', SOON, 'virbr0')],
    '0x7f000001': [('192.168.122.67', SOON, 'virbr0')],
    'loop': [('127.0.0.1', SOON, 'lo'), ('224.0.0.1', SOON, 'lo'), ('::1', SOON, 'lo')],
    'many': [(f'10.0.{i // 100}.{i % 100}', SOON, 'virbr0') for i in range(160)],
}
DOMAINS = {
    'Web Server.prod "é"': [('192.168.122.10', SOON, 'virbr0')],
    'vm-app': [('192.168.122.10', SOON, 'virbr0')],
    'sleeping': [(None, 0, 'virbr0')],
}


def publish_hosts(**kwargs):
    publish(index(HOSTNAMES, DOMAINS, **kwargs))


def may_make_devices():
    """Root of a user namespace may not."""
    try:
        os.mknod(INDEX + '.device', stat.S_IFCHR | 0o644, os.makedev(1, 3))
    except PermissionError:
        return False
    os.unlink(INDEX + '.device')
    return True


class Case(unittest.TestCase):
    variant = 'lease'
    env = {'LIBVIRT_NSS_BACKEND': 'index'}

    def setUp(self):
        if not os.path.isdir(LEASES):
            os.mkdir(LEASES)
        publish_hosts()

    def check(self, expected, function, family, name, *size, variant=None, **kwargs):
        kwargs.setdefault('env', self.env)
        self.assertEqual(probe(variant or self.variant, function, family, name, *size, **kwargs)[0], expected)


    def check_each(self, expected, function, family, names, variant=None):
        """Each name or address, in one process."""
        first, *rest = names
        lines = probe(variant or self.variant, function, family, first, 65536, *rest, env=self.env)
        self.assertEqual(dict(zip(names, lines, strict=True)), {name: expected for name in names})


class ByName(Case):
    def test_by_name(self):
        for function in 'gethostbyname_r', 'gethostbyname2_r', 'gethostbyname3_r':
            self.check(FOUND + 'Web1 192.168.122.10 192.168.122.11', function, 4, 'web1')
        for function in 'gethostbyname2_r', 'gethostbyname3_r':
            self.check(FOUND + 'Web1 192.168.122.10 192.168.122.11', function, 0, 'web1')
            self.check(FOUND + 'Web1 fd00:122::10', function, 6, 'web1')
            self.check(NO_DATA, function, 4, 'six')
            self.check(NO_DATA, function, 0, 'six')
            for family in socket.AF_UNIX, 99, -1:
                self.check('UNAVAIL EAFNOSUPPORT NO_RECOVERY', function, f'={family}', 'web1')
        self.check(NO_DATA, 'gethostbyname_r', 4, 'six')

    def test_tuples(self):
        self.check(FOUND + 'Web1 192.168.122.10 fd00:122::10 192.168.122.11', 'gethostbyname4_r', 0, 'web1')
        self.check(FOUND + 'Web1 192.168.122.10 fd00:122::10 192.168.122.11', 'gethostbyname4_r', 0, 'web1',
                   options=['--own-tuple'])
        self.check(FOUND + 'six fd00:122::16', 'gethostbyname4_r', 0, 'six', options=['--own-tuple'])

    def test_scope(self):
        lo = socket.if_nametoindex('lo')
        self.check(FOUND + f'scoped fe80::10%{lo} fe80::11', 'gethostbyname4_r', 0, 'scoped')

    def test_spelling(self):
        for name in 'WEB1', 'web1.', 'wEb1':
            self.check(FOUND + 'Web1 fd00:122::10', 'gethostbyname2_r', 6, name)

    def test_not_found(self):
        names = ['nosuchname', '', '.', 'web1..', 'web1.example.com', 'x' * 255, 'x' * 256, 'x' * 70000,
                 b'\xff\xfe', b'web1\xc3', 'localhost', 'LOCALHOST', 'a.localhost', '_gateway', 'wpad', 'over', 'loop',
                 '2130706433', '0x7f000001']
        for variant in 'lease', 'domain':
            for function in 'gethostbyname_r', 'gethostbyname4_r':
                self.check_each(NOT_FOUND, function, 4, names, variant=variant)

    def test_domains(self):
        self.check(FOUND + 'Web Server.prod "é" 192.168.122.10', 'gethostbyname4_r', 0, 'web server.prod "é"',
                   variant='domain')
        self.check(NOT_FOUND, 'gethostbyname4_r', 0, 'sleeping', variant='domain')
        self.check(NOT_FOUND, 'gethostbyname4_r', 0, 'web1', variant='domain')
        self.check(NOT_FOUND, 'gethostbyname4_r', 0, 'vm-app')

    def test_buffer(self):
        needs = {('gethostbyname2_r', 4): 2 * 4 + 4 * 8 + 5, ('gethostbyname4_r', 0): 5 + 3 + 3 * 40}
        for (function, family), need in needs.items():
            self.check(TOO_SMALL, function, family, 'web1', 0)
            self.check(TOO_SMALL, function, family, 'web1', need - 1)
            self.assertTrue(probe('lease', function, family, 'web1', need, env=self.env)[0].startswith(FOUND))

    def test_many(self):
        line = probe('lease', 'gethostbyname4_r', 0, 'many', env=self.env)[0]
        self.assertEqual(line.split()[4:], [address for address, _, _ in HOSTNAMES['many']])


class ByAddress(Case):
    def test_by_address(self):
        for function in 'gethostbyaddr_r', 'gethostbyaddr2_r':
            self.check(FOUND + 'Web1 192.168.122.10', function, 4, '192.168.122.10')
            self.check(FOUND + 'vm-app 192.168.122.10', function, 4, '192.168.122.10', variant='domain')
            self.check(FOUND + 'six fd00:122::16', function, 6, 'fd00:122::16')

    def test_mapped(self):
        # How a socket of both families sees an IPv4 peer; no answer to a name is such an address.
        for function in 'gethostbyaddr_r', 'gethostbyaddr2_r':
            self.check(FOUND + 'Web1 ::ffff:192.168.122.10', function, 6, '::ffff:192.168.122.10')
        self.check(NO_DATA, 'gethostbyname2_r', 6, 'mapped')

    def test_not_found(self):
        for family, address in [(4, '192.168.122.99'), (4, '192.168.122.67'), (4, '192.168.122.20'), (4, '127.0.0.1'), (6, '::1'),
                                (6, 'fe80::10'), (6, '::ffff:192.168.122.99'), (6, '::ffff:127.0.0.1'),
                                (6, '::192.168.122.10')]:
            self.check(NOT_FOUND, 'gethostbyaddr_r', family, address)

    def test_bad_questions(self):
        for family, length in (4, 3), (4, 16), (4, 0), (6, 4), (6, 17):
            self.check('UNAVAIL EINVAL NO_RECOVERY', 'gethostbyaddr2_r', family, f'length={length}')
        self.check('UNAVAIL EAFNOSUPPORT NO_RECOVERY', 'gethostbyaddr_r', '=1', 'length=4')
        self.check('UNAVAIL EAFNOSUPPORT NO_RECOVERY', 'gethostbyaddr_r', 0, 'length=4')

    def test_buffer(self):
        need = 3 * 8 + 4 + 5
        self.check(TOO_SMALL, 'gethostbyaddr_r', 4, '192.168.122.10', need - 1)
        self.check(FOUND + 'Web1 192.168.122.10', 'gethostbyaddr_r', 4, '192.168.122.10', need)


class Planted(Case):
    """An index that somebody else than the service wrote, as the service's user could."""

    LEASE = [('192.168.122.66', SOON, 'virbr0')]

    def plant(self, names, leases=LEASE, **kwargs):
        publish(index({name: leases for name in names}, {name: leases for name in names}, **kwargs))

    def check_all(self, expected, function, family, name):
        for variant in 'lease', 'domain':
            self.check(expected.replace('NAME', name), function, family, name, variant=variant)

    def test_reserved(self):
        names = ['localhost', 'localhost.localdomain', 'a.localhost', 'localhost6', 'ip6-localhost', 'ip6-loopback',
                 'wpad', 'wpad.example.com', 'isatap', '_gateway', '_outbound', '_localdnsstub', '_localdnsproxy']
        self.plant(names)
        for variant in 'lease', 'domain':
            self.check_each(NOT_FOUND, 'gethostbyname_r', 4, names, variant=variant)
            self.check_each(NOT_FOUND, 'gethostbyname4_r', 0, names, variant=variant)
        self.check_all(NOT_FOUND, 'gethostbyaddr_r', 4, '192.168.122.66')

    def test_addresses(self):
        addresses = {4: ['127.0.0.1', '127.1.2.3', '0.0.0.0', '224.0.0.1', '255.255.255.255'],
                     6: ['::1', '::', 'ff02::1', '::ffff:127.0.0.1', '::ffff:192.168.122.66']}
        self.plant(['web1'], [(address, SOON, 'lo') for address in addresses[4] + addresses[6]])
        self.check_all(NOT_FOUND, 'gethostbyname4_r', 0, 'web1')
        for family in addresses:
            self.check_all(NOT_FOUND, 'gethostbyname2_r', family, 'web1')
            for variant in 'lease', 'domain':
                self.check_each(NOT_FOUND, 'gethostbyaddr_r', family, addresses[family], variant=variant)

    def test_any_other_name(self):
        # What SECURITY.md doesn't promise: the modules don't know --domain=.
        self.plant(['github.com'])
        self.check_all(FOUND + 'NAME 192.168.122.66', 'gethostbyname4_r', 0, 'github.com')
        self.check_all(FOUND + 'github.com 192.168.122.66', 'gethostbyaddr_r', 4, '192.168.122.66')

    def test_not_of_this_directory(self):
        layout = '<QQqqII'
        good = struct.unpack(layout, fixture.stamps(LEASES))
        self.plant(['web1'], stamp=struct.pack(layout, *good))
        self.check_all(FOUND + 'NAME 192.168.122.66', 'gethostbyname4_r', 0, 'web1')
        for i in range(len(good)):
            bad = [value ^ (i == k) for k, value in enumerate(good)]
            self.plant(['web1'], stamp=struct.pack(layout, *bad))
            self.check_all('UNAVAIL ESTALE NO_RECOVERY', 'gethostbyname4_r', 0, 'web1')
        for bad in fixture.MAGIC - (1 << 56), fixture.MAGIC + 1, 0:
            self.plant(['web1'], magic=bad)
            self.check_all('UNAVAIL ESTALE NO_RECOVERY', 'gethostbyname4_r', 0, 'web1')


class Doors(Case):
    """Which door answers: there is a service here that knows web1 at fd00:122::10, ifindex 3."""

    STALE = 'UNAVAIL ESTALE NO_RECOVERY'
    BY_INDEX = FOUND + 'Web1 192.168.122.10 fd00:122::10 192.168.122.11'
    BY_BUS = FOUND + 'Web1 192.168.122.10 fd00:122::10'

    @classmethod
    def setUpClass(cls):
        cls.bus = Bus().start_mock()

    @classmethod
    def tearDownClass(cls):
        cls.bus.close()

    def ask(self, expected, door='', name='web1', function='gethostbyname4_r', **kwargs):
        env = {'DBUS_SYSTEM_BUS_ADDRESS': self.bus.address, 'LIBVIRT_NSS_BACKEND': door}
        self.check(expected, function, 0, name, env=env, **kwargs)

    def test_switch(self):
        self.ask(self.BY_INDEX)
        self.ask(self.BY_INDEX, 'index')
        self.ask(self.BY_INDEX, 'nonsense')
        self.ask(self.BY_BUS, 'bus')
        self.ask('UNAVAIL EDEADLK NO_RECOVERY', 'none')

    def test_stale(self):
        open(os.path.join(LEASES, 'virbr0.status'), 'w').close()
        self.ask(self.BY_BUS)
        self.ask(self.STALE, 'index')
        publish_hosts()
        self.ask(self.BY_INDEX)
        os.chmod(LEASES, 0o711)
        self.ask(self.BY_BUS)
        os.chmod(LEASES, 0o755)
        self.ask(self.BY_BUS)

    def test_absent(self):
        os.unlink(INDEX)
        self.ask(self.BY_BUS)
        self.ask(self.STALE, 'index')

    def test_odd(self):
        with open(INDEX, 'rb') as f:
            good = f.read()
        flipped = bytearray(good)
        for table in range(256):
            flipped[8 * table + 3] ^= 0x7f
        for data in b'', good[:100], good[:2100], good[:2560], b'\xff' * 8192, bytes(flipped):
            publish(data)
            self.ask(self.BY_BUS)
        publish_hosts(magic=1)
        self.ask(self.BY_BUS)
        publish_hosts(state=17)
        self.ask(self.BY_BUS)

    def test_odd_files(self):
        ways = [lambda: os.mkfifo(INDEX), lambda: os.mkdir(INDEX), lambda: os.symlink(self.copy, INDEX),
                lambda: os.symlink('/dev/zero', INDEX), lambda: os.mknod(INDEX, 0o644),
                lambda: socket.socket(socket.AF_UNIX).bind(INDEX)]
        if may_make_devices():
            ways += [lambda minor=minor: os.mknod(INDEX, stat.S_IFCHR | 0o644, os.makedev(1, minor))
                     for minor in (3, 5, 8, 11)]    # null, zero, random, kmsg
        for make in ways:
            self.copy = INDEX + '.copy'
            shutil.copy(INDEX, self.copy)
            os.unlink(INDEX)
            make()
            self.ask(self.BY_BUS)
            os.rmdir(INDEX) if os.path.isdir(INDEX) else os.unlink(INDEX)
            publish_hosts()

    def test_failed(self):
        publish_hosts(state=FAILED)
        self.ask('UNAVAIL ECONNREFUSED NO_RECOVERY')
        self.ask('UNAVAIL ECONNREFUSED NO_RECOVERY', name='nosuchname')
        publish_hosts(state=FAILED, stamp=b'\0' * 40)
        self.ask('UNAVAIL ECONNREFUSED NO_RECOVERY')

    def test_directory_absent(self):
        publish_hosts(state=ABSENT, stamp=b'\0' * 40)
        self.ask(self.BY_BUS)
        os.rmdir(LEASES)
        self.ask('UNAVAIL ENOENT NO_RECOVERY')
        publish(index(state=LIVE, stamp=b'\0' * 40))
        self.ask(self.BY_BUS)

    def test_bus_outcomes(self):
        self.ask(NOT_FOUND, 'bus', 'nosuchname')
        self.ask(NO_DATA, 'bus', 'v6only', 'gethostbyname_r')
        self.ask(FOUND + 'scoped fe80::10%7', 'bus', 'scoped')
        self.ask(NOT_FOUND, 'bus', 'error.org.libvirt.Resolve1.NameRefused')
        self.ask('UNAVAIL ENOENT NO_RECOVERY', 'bus', 'error.org.libvirt.Resolve1.LeasesUnavailable')
        # glibc must not come again with a larger buffer, and a larger one.
        self.ask('UNAVAIL ERANGE NO_RECOVERY', 'bus', 'error.System.Error.ERANGE')

    def test_bus_by_address(self):
        env = {'DBUS_SYSTEM_BUS_ADDRESS': self.bus.address, 'LIBVIRT_NSS_BACKEND': 'bus'}
        self.check(FOUND + 'Web1 192.168.122.10', 'gethostbyaddr_r', 4, '192.168.122.10', env=env)
        self.check(FOUND + 'six fd00:122::16', 'gethostbyaddr2_r', 6, 'fd00:122::16', env=env)
        self.check(FOUND + 'Web1 ::ffff:192.168.122.10', 'gethostbyaddr_r', 6, '::ffff:192.168.122.10', env=env)
        self.check(NOT_FOUND, 'gethostbyaddr_r', 4, '192.168.122.99', env=env)

    def test_bus_small_buffer(self):
        env = {'DBUS_SYSTEM_BUS_ADDRESS': self.bus.address, 'LIBVIRT_NSS_BACKEND': 'bus'}
        self.check(TOO_SMALL, 'gethostbyname4_r', 0, 'thousand', 1024, env=env)

    def test_no_bus(self):
        env = {'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=/nonexistent', 'LIBVIRT_NSS_BACKEND': 'bus'}
        self.check('UNAVAIL ENOENT NO_RECOVERY', 'gethostbyname4_r', 0, 'web1', env=env)

    def test_frozen_service(self):
        # Each question to each module takes 2 s, and glibc has one, or one a family.
        env = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.bus.address, LIBVIRT_NSS_BACKEND='bus',
                   LD_LIBRARY_PATH=os.path.dirname(fixture.MODULES['lease']))
        self.bus.mock.send_signal(signal.SIGSTOP)
        try:
            for services, question, seconds in (('libvirt', 'getaddrinfo 0 web1', 2),
                                                ('libvirt libvirt_guest', 'getaddrinfo 0 web1', 4),
                                                ('libvirt libvirt_guest', 'gethostbyname2 4 web1', 4)):
                began = time.monotonic()
                r = subprocess.run([*fixture.WRAPPER, os.environ['NSS_LOOKUP'], services], input=question + '\n',
                                   stdout=subprocess.PIPE, env=env, text=True, timeout=60)
                took = time.monotonic() - began
                self.assertNotIn('192.168.122.10', r.stdout)
                self.assertTrue(seconds - 0.1 < took < at_most(seconds + 0.7), (question, services, took))
        finally:
            self.bus.mock.send_signal(signal.SIGCONT)
        self.ask(self.BY_BUS, 'bus')

    def test_no_client(self):
        os.rename(fixture.CLIENT_OBJECT, fixture.CLIENT_OBJECT + '.away')
        try:
            self.ask('UNAVAIL ELIBACC NO_RECOVERY', 'bus')
            self.ask(self.BY_INDEX)
        finally:
            os.rename(fixture.CLIENT_OBJECT + '.away', fixture.CLIENT_OBJECT)

    def test_foreign_client(self):
        # An upgrade replaced the client, and the process has the module of before.
        shutil.copy(os.environ['NSS_FOREIGN_CLIENT'], fixture.CLIENT_OBJECT)
        try:
            self.ask('UNAVAIL ELIBACC NO_RECOVERY', 'bus')
            self.check('UNAVAIL ELIBACC NO_RECOVERY', 'gethostbyaddr_r', 4, '192.168.122.10',
                       env={'LIBVIRT_NSS_BACKEND': 'bus'})
            self.ask(self.BY_INDEX)
        finally:
            shutil.copy(fixture.CLIENT, fixture.CLIENT_OBJECT)

    def test_awkward_processes(self):
        for options in (['--threads', '64'], ['--fork'], ['--closed'], ['--stack', '65536'], ['--cancel'],
                        ['--signals'], ['--signals', '--threads', '8'], ['--fork', '--threads', '8']):
            if SLOW and '65536' in options:
                continue  # valgrind and the sanitizers want more stack than that themselves
            self.ask(self.BY_INDEX, options=options)
            self.ask(self.BY_BUS, 'bus', options=options)

    def stack(self, function, name, door):
        """The bytes of stack that a lookup takes."""
        status, used = probe('lease', function, 4, name, options=['--stack-used'],
                             env={'DBUS_SYSTEM_BUS_ADDRESS': self.bus.address, 'LIBVIRT_NSS_BACKEND': door})[0].split()
        self.assertEqual(status, 'SUCCESS', (function, name, door))
        return int(used)

    @unittest.skipIf(SLOW, 'a sanitizer takes more stack itself')
    def test_stack(self):
        """Less than glibc's own getaddrinfo() takes, 9 KiB; the smallest stack of a thread has 16."""
        for door, most in ('index', 4096), ('bus', 8192):
            self.assertLess(self.stack('gethostbyname4_r', 'web1', door), most)
        self.assertLess(self.stack('gethostbyaddr_r', '192.168.122.10', 'index'), 4096)

    def test_no_descriptor_or_one_left(self):
        line = probe('lease', 'gethostbyname4_r', 0, 'web1', options=['--left', '0'],
                     env={'DBUS_SYSTEM_BUS_ADDRESS': self.bus.address})[0]
        self.assertRegex(line, '^UNAVAIL (ELIBACC|EMFILE) NO_RECOVERY$')
        for left in '1', '4':
            self.ask(self.BY_INDEX, options=['--left', left])
            self.ask(self.BY_BUS, 'bus', options=['--left', left])

    def test_changed_root(self):
        # The chroot has all that is needed, but may be somebody's trap.
        root = os.path.join(fixture.RUNTIME, 'root')
        os.mkdir(root)
        subprocess.run(['mount', '--rbind', '/', root], check=True)
        try:
            self.ask(self.BY_BUS, 'bus')
            self.ask(self.BY_BUS, 'bus', options=['--chroot', '/'])
            self.ask(self.BY_BUS, 'bus', options=['--chroot', root])
        finally:
            subprocess.run(['umount', '--lazy', root], check=True)
            os.rmdir(root)
        trap = os.path.join(fixture.RUNTIME, 'trap')
        os.makedirs(trap + fixture.RUNTIME)
        self.ask('UNAVAIL ELIBACC NO_RECOVERY', options=['--chroot', trap])
        shutil.rmtree(trap)

    def test_never_mapped(self):
        def mapped(door):
            return probe('lease', 'gethostbyname4_r', 0, 'web1', options=['--maps'],
                         env={'DBUS_SYSTEM_BUS_ADDRESS': self.bus.address, 'LIBVIRT_NSS_BACKEND': door})[-1]

        self.assertEqual(mapped(''), "libsystemd isn't mapped")
        self.assertEqual(mapped('bus'), 'libsystemd is mapped')


if __name__ == '__main__':
    fixture.enter_private_mounts()
    unittest.main()
