#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The resolve hook: the real service with a socket handed over as systemd does it, asked as
systemd-resolved asks."""

import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import struct
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

import leases as lease_files  # noqa: E402
from bus import Bus  # noqa: E402
from files import temporary_directory  # noqa: E402
from service import Service  # noqa: E402
from tap import require  # noqa: E402
from waiting import PATIENCE, WRAPPER, at_most  # noqa: E402

INTERFACE = 'io.systemd.Resolve.Hook'
HOOK_PEERS_MAX = 240    # src/util/limits.h
A, PTR, AAAA, ANY, HTTPS = 1, 12, 28, 255, 65
CLASS_IN, CLASS_CH = 1, 3


class Connection:
    """To the hook, as a Varlink client."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self.input = b''

    def send(self, method, parameters=None, **options):
        message = {'method': method, **({} if parameters is None else {'parameters': parameters}), **options}
        self.socket.sendall(json.dumps(message).encode() + b'\0')

    def receive(self, seconds=PATIENCE):
        """The next message; None at the connection's end."""
        self.socket.settimeout(seconds)
        while b'\0' not in self.input:
            data = self.socket.recv(65536)
            if not data:
                return None
            self.input += data
        message, self.input = self.input.split(b'\0', 1)
        return json.loads(message)

    def call(self, method, parameters=None, **options):
        self.send(method, parameters, **options)
        return self.receive()

    def resolve(self, *keys):
        """keys: (name, type[, class]).  Returns the reply's parameters."""
        question = [{'key': {'class': (*key, CLASS_IN)[2], 'type': key[1], 'name': key[0]}} for key in keys]
        reply = self.call(INTERFACE + '.ResolveRecord', {'question': question})
        assert set(reply) == {'parameters'}, reply
        return reply['parameters']

    def close(self):
        self.socket.close()


def read_name(data, at):
    labels = []
    while data[at]:
        labels.append(data[at + 1:at + 1 + data[at]].decode())
        at += 1 + data[at]
    return '.'.join(labels), at + 1


def read_record(answer):
    """A record of a reply: (owner, type, TTL, data)."""
    assert set(answer) == {'raw'}, answer
    data = base64.b64decode(answer['raw'], validate=True)
    owner, at = read_name(data, 0)
    kind, cls, ttl, length = struct.unpack('>HHIH', data[at:at + 10])
    assert cls == CLASS_IN and len(data) == at + 10 + length
    if kind == PTR:
        return owner, kind, ttl, read_name(data, at + 10)[0]
    return owner, kind, ttl, socket.inet_ntop(socket.AF_INET if kind == A else socket.AF_INET6, data[at + 10:])


def lease(hostname, address, mac=1, expiry=0):
    return {'ip-address': address, 'mac-address': f'52:54:00:00:{mac >> 8:02x}:{mac & 255:02x}', 'expiry-time': expiry,
            **({'hostname': hostname} if hostname else {})}


def domain(name, *macs):
    return {'domain': name, 'macs': [f'52:54:00:00:{mac >> 8:02x}:{mac & 255:02x}' for mac in macs]}


def reverse(address):
    if ':' not in address:
        return '.'.join(reversed(address.split('.'))) + '.in-addr.arpa'
    return '.'.join(reversed(socket.inet_pton(socket.AF_INET6, address).hex())) + '.ip6.arpa'


class Case(unittest.TestCase):
    def setUp(self):
        self.directory = temporary_directory()
        self.addCleanup(shutil.rmtree, self.directory)
        for name in 'leases', 'run':
            os.mkdir(f'{self.directory}/{name}')
        self.path = self.directory + '/hook'
        self.listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.listener.close)
        self.listener.bind(self.path)
        self.listener.listen(4096)
        self.bus = Bus(directory=self.directory)
        self.addCleanup(self.bus.close)
        self.service = None
        self.addCleanup(self.end)

    def start(self, *options, wait=True):
        self.service = Service(self.bus.environment, f'{self.directory}/leases', f'{self.directory}/run', *options,
                               wrapper=WRAPPER, listener=self.listener, directory=self.directory, wait=wait)

    def end(self):
        if self.service:
            self.service.close()

    def put(self, name, document):
        lease_files.put(f'{self.directory}/leases', name, document)

    def connect(self):
        connection = Connection(self.path)
        self.addCleanup(connection.close)
        return connection

    def subscribe(self):
        """Asks for the filter.  Returns the connection and the names."""
        connection = self.connect()
        return connection, self.filter(connection.call(INTERFACE + '.QueryFilter', more=True))

    def filter(self, reply):
        self.assertEqual(set(reply), {'parameters', 'continues'})
        self.assertIs(reply['continues'], True)
        self.assertLessEqual(set(reply['parameters']), {'filterDomains'})
        return reply['parameters'].get('filterDomains')

    def records(self, connection, *keys):
        parameters = connection.resolve(*keys)
        self.assertEqual(set(parameters), {'rcode', 'answer'}, keys)
        self.assertEqual(parameters['rcode'], 0)
        return [read_record(answer) for answer in parameters['answer']]

    def assertAnswers(self, connection, name, kind, *values):
        """Records of that type, whose owner is the name as it was asked."""
        self.assertEqual([(owner, k, value) for owner, k, _, value in self.records(connection, (name, kind))],
                         [(name.removesuffix('.'), kind, value) for value in values])

    def assertNotOurs(self, connection, name, kind=A, cls=CLASS_IN):
        self.assertEqual(connection.resolve((name, kind, cls)), {}, name)


class Answers(Case):
    def setUp(self):
        super().setUp()
        soon = int(time.time()) + 3600
        self.put('virbr0.status', [
            lease('web1', '192.168.122.11', 1, soon),
            lease('web1', 'fd00::11', 1, soon),
            lease('Web2', '192.168.122.12', 2),
            lease('six', 'fd00::13', 3),
            lease('over', '192.168.122.14', 4, 1000),
            lease('linklocal', 'fe80::15', 5),
            lease('app-host', '192.168.122.16', 6, soon),
            lease('localhost', '192.168.122.17', 7),
            lease('wpad', '192.168.122.18', 8),
            lease('vm-app', '192.168.122.19', 9),        # the name of a domain, whose guest it isn't
            lease('full.lab.example', '192.168.122.20', 10),
            lease('github.com', '192.168.122.21', 11),
            lease('puppet', '192.168.122.22', 12),
            lease(None, '192.168.122.23', 13),
            lease('under_score', '192.168.122.24', 14),
            lease('same', '192.168.122.25', 15),
            lease('bad', '127.0.0.9', 16),
        ])
        self.put('virbr0.macs', [
            domain('vm-app', 6), domain('example.com', 13), domain('db.lab.example', 2),
            domain('no lease', 99), domain('vm-off', 98), domain('Web Server', 2), domain('same', 15),
        ])
        self.put('virbr1.status', [lease('web1', '10.0.0.1', 21, soon - 10), lease('WEB2', '192.168.122.12', 22)])

    def test_hundreds_of_connections(self):
        """Half a message over some, questions whose answers nobody reads over others: who asks is answered,
        and what it costs is over with them."""
        def descriptors():
            return len(os.listdir(f'/proc/{self.service.process.pid}/fd'))

        self.start()
        self.assertEqual(self.connect().resolve(('web1', A))['rcode'], 0)
        before = descriptors()
        question = json.dumps({'method': INTERFACE + '.ResolveRecord', 'parameters': {
            'question': [{'key': {'class': CLASS_IN, 'type': A, 'name': 'web1'}}]}}).encode() + b'\0'
        flood, longest = [], 0
        for n in range(600):
            c = socket.socket(socket.AF_UNIX)
            c.setblocking(False)
            try:
                c.connect(self.path)
                c.send(question[:40] if n % 2 else question * 100)
            except OSError:     # the queue is full, or it was hung up on us
                pass
            flood.append(c)
            if n % 50 == 0:
                begin = time.monotonic()
                self.assertEqual(self.connect().resolve(('web1', A))['rcode'], 0)
                longest = max(longest, time.monotonic() - begin)
        self.assertLess(longest, at_most(2))
        self.assertLessEqual(descriptors(), before + HOOK_PEERS_MAX)
        for c in flood:
            c.close()
        end = time.monotonic() + PATIENCE
        while descriptors() > before + 20:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        self.assertEqual(self.connect().resolve(('web1', A))['rcode'], 0)

    @contextlib.contextmanager
    def as_user(self, uid):
        """Connections that are made meanwhile are this user's."""
        os.chmod(self.path, 0o666)
        os.seteuid(uid)
        try:
            yield
        finally:
            os.seteuid(0)

    @unittest.skipUnless(os.getuid() == 0, "needs root, to be other users")
    def test_flood_of_a_user(self):
        """Large questions over 500 connections of an ordinary user delay nobody else's."""
        self.start()
        self.assertEqual(self.connect().resolve(('web1', A))['rcode'], 0)
        question = json.dumps({'method': INTERFACE + '.ResolveRecord', 'parameters': {
            'question': [{'key': {'class': CLASS_IN, 'type': A, 'name': 'web1'}}] * 600}}).encode() + b'\0'
        flood, longest = [], 0
        with self.as_user(100000):
            for n in range(500):
                c = socket.socket(socket.AF_UNIX)
                self.addCleanup(c.close)
                c.setblocking(False)
                with contextlib.suppress(OSError):  # the queue is full, or it was hung up on us
                    c.connect(self.path)
                    c.send(question * 4)
                flood.append(c)
        for n in range(20):
            for c in flood:
                with contextlib.suppress(OSError):
                    c.send(question)
            begin = time.monotonic()
            self.assertEqual(self.connect().resolve(('web1', A))['rcode'], 0)
            longest = max(longest, time.monotonic() - begin)
        self.assertLess(longest, at_most(0.5))

    @unittest.skipUnless(os.getuid() == 0, "needs root, to be other users")
    def test_subscribers_of_many_users(self):
        """As many users as a useradd gives subordinate ones leave room for systemd-resolved's."""
        self.start()
        for uid in range(100000, 100016):
            with self.as_user(uid):
                c = self.connect()
            c.send(INTERFACE + '.QueryFilter', more=True)
        reply = self.connect().call(INTERFACE + '.QueryFilter', more=True)
        self.assertIn('web1', reply['parameters']['filterDomains'])

    def test_names(self):
        self.start('--deny-name=puppet')
        c = self.connect()
        self.assertAnswers(c, 'web1', A, '192.168.122.11', '10.0.0.1')
        self.assertAnswers(c, 'web1', AAAA, 'fd00::11')
        self.assertAnswers(c, 'web2', A, '192.168.122.12')
        for spelling in 'WEB1', 'wEb1', 'web1.', 'Web1.':
            self.assertAnswers(c, spelling, A, '192.168.122.11', '10.0.0.1')
        self.assertAnswers(c, 'vm-app', A, '192.168.122.16')
        self.assertAnswers(c, 'app-host', A, '192.168.122.16')
        self.assertAnswers(c, 'under_score', A, '192.168.122.24')
        self.assertAnswers(c, 'same', A, '192.168.122.25')

    def test_no_data(self):
        self.start()
        c = self.connect()
        for name, kind in ('web2', AAAA), ('WEB2.', AAAA), ('six', A), ('web1', HTTPS), ('web1', PTR), ('web1', ANY), \
                ('linklocal', A), ('linklocal', AAAA):
            self.assertAnswers(c, name, kind)
        self.assertAnswers(c, reverse('192.168.122.11'), A)
        self.assertAnswers(c, reverse('192.168.122.11'), ANY)

    def test_not_ours(self):
        self.start('--deny-name=puppet')
        c = self.connect()
        for name in ('google.com', 'web', 'web11', 'x.web1', 'web1.lab.example', 'web1..', '.', '', 'over', 'localhost',
                     'wpad', 'full.lab.example', 'full', 'github.com', 'example.com', 'db.lab.example', 'puppet',
                     'no lease', 'vm-off', 'Web Server', 'bad', '192.168.122.11', '_gateway', 'web1.local', 'web\\0311',
                     'wéb1', 'a' * 64, '.'.join(['a' * 60] * 5), 'a' * 2000):
            for kind in A, AAAA, ANY:
                self.assertNotOurs(c, name, kind)
        for name in (reverse('192.168.122.99'), reverse('192.168.122.14'), reverse('fe80::15'), reverse('127.0.0.1'),
                     reverse('127.0.0.9'), '122.168.192.in-addr.arpa', 'in-addr.arpa', 'arpa',
                     '11.122.168.192%x.in-addr.arpa', 'x.' + reverse('192.168.122.11'), '11.122.168.192.ip6.arpa'):
            self.assertNotOurs(c, name, PTR)
        self.assertNotOurs(c, 'web1', A, CLASS_CH)
        self.assertNotOurs(c, 'web1', A, 255)

    def test_reverse(self):
        self.start()
        c = self.connect()
        self.assertAnswers(c, reverse('192.168.122.11'), PTR, 'web1')
        self.assertAnswers(c, reverse('fd00::11').upper() + '.', PTR, 'web1')
        self.assertAnswers(c, reverse('192.168.122.16'), PTR, 'app-host', 'vm-app')
        self.assertAnswers(c, reverse('192.168.122.25'), PTR, 'same')

    def test_reverse_gives_no_name_that_is_not_answered(self):
        self.start()
        c = self.connect()
        self.assertNotOurs(c, reverse('192.168.122.23'), PTR)                 # example.com's
        self.assertAnswers(c, reverse('192.168.122.12'), PTR, 'Web2')         # db.lab.example's, too

    def test_reverse_off(self):
        self.start('--reverse=no')
        c = self.connect()
        self.assertNotOurs(c, reverse('192.168.122.11'), PTR)
        self.assertAnswers(c, 'web1', AAAA, 'fd00::11')
        self.assertFalse([name for name in self.subscribe()[1] if name.endswith('arpa')])

    def test_hostnames_off(self):
        self.start('--hostnames=no')
        c = self.connect()
        self.assertNotOurs(c, 'web1')
        self.assertAnswers(c, 'vm-app', A, '192.168.122.16')
        self.assertNotIn('web1', self.subscribe()[1])

    def test_domain(self):
        self.start('--domain=lab.example')
        c = self.connect()
        for name in 'web1.lab.example', 'Web1.LAB.example.', 'web1':
            self.assertAnswers(c, name, A, '192.168.122.11', '10.0.0.1')
        self.assertAnswers(c, 'full.lab.example', A, '192.168.122.20')
        self.assertAnswers(c, 'db.lab.example', A, '192.168.122.12')
        self.assertAnswers(c, 'vm-app.lab.example', A, '192.168.122.16')
        self.assertAnswers(c, reverse('192.168.122.11'), PTR, 'web1.lab.example', 'web1')
        for name in 'lab.example', 'nosuch.lab.example', 'x.web1.lab.example', 'web1.example', 'example.com', 'github.com':
            self.assertNotOurs(c, name)

    def test_many_keys(self):
        self.start()
        c = self.connect()
        records = self.records(c, ('web1', A), ('web1', AAAA))
        self.assertEqual([value for *_, value in records], ['192.168.122.11', '10.0.0.1', 'fd00::11'])
        # as for a name that isn't ASCII: some of them nobody's
        records = self.records(c, ('wéb1', A), ('wéb1', AAAA), ('six', A), ('six', AAAA))
        self.assertEqual([value for *_, value in records], ['fd00::13'])
        self.assertEqual(c.resolve(), {})
        self.assertEqual(c.resolve(*[('nosuch', A)] * 500), {})
        self.assertEqual(len(self.records(c, *[('six', AAAA)] * 500)), 16)

    def test_filter(self):
        self.start('--domain=lab.example', '--deny-name=puppet')
        names = ['web1', 'web2', 'six', 'linklocal', 'app-host', 'vm-app', 'full', 'db', 'under_score', 'same']
        addresses = ['192.168.122.11', 'fd00::11', '10.0.0.1', '192.168.122.12', 'fd00::13', '192.168.122.16',
                     '192.168.122.20', '192.168.122.24', '192.168.122.25']
        names = [n for n in names if n not in ('full', 'db')] + [n + '.lab.example' for n in names]
        self.assertEqual(sorted(self.subscribe()[1]), sorted(names + [reverse(address) for address in addresses]))

    def test_filter_is_what_is_answered(self):
        for options in (), ('--domain=lab.example', '--deny-name=puppet'):
            with self.subTest(options=options):
                self.start(*options)
                c = self.connect()
                names = self.subscribe()[1]
                self.assertEqual(len(names), len(set(names)))
                for name in names:
                    self.assertNotEqual(c.resolve((name, PTR if name.endswith('.arpa') else A)), {}, name)
                self.end()

    def test_time_to_live(self):
        now = int(time.time())
        self.put('virbr2.status', [lease('short', '10.0.2.1', 31, now + 3), lease('long', '10.0.2.2', 32, now + 3600),
                                   lease('ever', '10.0.2.3', 33), lease('far', '10.0.2.4', 34, 1 << 60)])
        self.start()
        c = self.connect()
        for name in 'long', 'ever', 'far':
            self.assertEqual([r[2] for r in self.records(c, (name, A))], [5])
        self.assertEqual([r[2] for r in self.records(c, (reverse('10.0.2.2'), PTR))], [5])
        while True:
            before = time.time()
            parameters = c.resolve(('short', A))
            after = int(time.time())
            if not parameters:
                break
            _, _, ttl, _ = read_record(parameters['answer'][0])
            self.assertLess(before + ttl, now + 4.05) # its last second counts; the kernel's coarse clock may lag
            self.assertGreaterEqual(ttl, now + 3 - after)
            time.sleep(0.1)
        self.assertGreaterEqual(after, now + 4)


class Changes(Case):
    def test_filter_follows(self):
        self.start()
        c, names = self.subscribe()
        self.assertEqual(names, [])
        other, _ = self.subscribe()
        for document, expected in (
                ([lease('web1', '10.0.0.1')], ['web1', reverse('10.0.0.1')]),
                ([lease('web1', '10.0.0.2')], ['web1', reverse('10.0.0.2')]),
                ([], [])):
            self.put('virbr0.status', document)
            self.assertEqual(self.filter(c.receive()), expected)
            self.assertEqual(self.filter(other.receive()), expected)
            self.assertEqual(self.subscribe()[1], expected)

    def test_no_push_without_news(self):
        self.put('virbr0.status', [lease('web1', '10.0.0.1')])
        self.start()
        c, _ = self.subscribe()
        self.put('virbr0.status', [lease('web1', '10.0.0.1', 1, int(time.time()) + 3600)])
        self.put('virbr1.status', [])
        with self.assertRaises(TimeoutError):
            c.receive(0.5)

    def test_burst(self):
        """The files of a network that starts are written once a lease: that isn't a push each."""
        self.start()
        c, _ = self.subscribe()
        leases = []
        for n in range(250):
            leases.append(lease(f'guest-{n}', f'10.0.0.{n + 1}', n + 1))
            self.put('virbr0.status', leases)
        pushes = 0
        while True:
            names = self.filter(c.receive())
            pushes += 1
            if len(names) == 500:
                break
        print(f'{pushes} pushes for 250 changes')
        self.assertLess(pushes, 50)

    def test_expiry(self):
        """The clock alone ends a lease, and nobody asked."""
        expiry = int(time.time()) + (20 if WRAPPER else 2)
        self.put('virbr0.status', [lease('short', '10.0.0.1', 1, expiry), lease('long', '10.0.0.2', 2)])
        self.start()
        c, names = self.subscribe()
        self.assertEqual(names, ['long', 'short', reverse('10.0.0.1'), reverse('10.0.0.2')])
        self.assertEqual(self.filter(c.receive()), ['long', reverse('10.0.0.2')])
        self.assertGreaterEqual(time.time(), expiry + 1)
        self.assertLess(time.time(), at_most(expiry + 2))
        self.assertNotOurs(self.connect(), 'short')

    def test_many(self):
        """Beyond 20 000 names there is no list."""
        def leases(count):
            return [lease(f'guest-{n}', f'10.{n >> 16}.{n >> 8 & 255}.{n & 255}', n) for n in range(count)]
        self.put('virbr0.status', leases(10000))
        self.start()
        c, names = self.subscribe()
        self.assertEqual(len(names), 20000)
        self.put('virbr0.status', leases(10001))
        self.assertIsNone(self.filter(c.receive()))
        self.assertAnswers(self.connect(), 'guest-10000', A, '10.0.39.16')
        self.put('virbr0.status', leases(1))
        self.assertEqual(len(self.filter(c.receive())), 2)

    def test_directory_goes(self):
        self.put('virbr0.status', [lease('web1', '10.0.0.1')])
        self.start()
        c, names = self.subscribe()
        self.assertEqual(len(names), 2)
        os.rename(self.directory + '/leases', self.directory + '/away')
        self.assertEqual(self.filter(c.receive()), [])
        self.assertNotOurs(self.connect(), 'web1')
        os.rename(self.directory + '/away', self.directory + '/leases')
        self.assertEqual(len(self.filter(c.receive())), 2)
        self.assertAnswers(self.connect(), 'web1', A, '10.0.0.1')


class Process(Case):
    def test_asked_before_it_runs(self):
        """What waits in the socket while the service starts gets the right answer."""
        self.put('virbr0.status', [lease('web1', '10.0.0.1')])
        for options in (), ('--log-level=debug',):
            c, f = self.connect(), self.connect()
            f.send(INTERFACE + '.QueryFilter', more=True)
            c.send(INTERFACE + '.ResolveRecord', {'question': [{'key': {'class': 1, 'type': A, 'name': 'web1'}}]})
            self.start(*options)
            self.assertEqual(c.receive()['parameters']['rcode'], 0)
            self.assertEqual(self.filter(f.receive()), ['web1', reverse('10.0.0.1')])
            self.end()

    def test_bus_frozen(self):
        """The hook doesn't need the bus, and systemd, which would end a start that hangs, hears that this doesn't."""
        self.put('virbr0.status', [lease('web1', '10.0.0.1')])
        self.bus.daemon.send_signal(signal.SIGSTOP)
        self.start(wait=False)
        c, names = self.subscribe()
        self.assertEqual(names, ['web1', reverse('10.0.0.1')])
        self.put('virbr0.status', [lease('web1', '10.0.0.2')])
        self.assertEqual(self.filter(c.receive()), ['web1', reverse('10.0.0.2')])
        self.assertAnswers(self.connect(), 'web1', A, '10.0.0.2')
        notifications = self.service.notifications
        for _ in range(2):
            self.assertEqual(notifications.receive(PATIENCE), b'EXTEND_TIMEOUT_USEC=3000000')
        self.bus.daemon.send_signal(signal.SIGCONT)
        self.service.wait_ready()
        self.assertIsNone(notifications.receive(1.5))

    def test_bus_gone(self):
        self.put('virbr0.status', [lease('web1', '10.0.0.1')])
        self.start()
        c, _ = self.subscribe()
        self.bus.daemon.kill()
        self.put('virbr0.status', [lease('web1', '10.0.0.2')])
        self.assertEqual(self.filter(c.receive()), ['web1', reverse('10.0.0.2')])
        self.assertAnswers(self.connect(), 'web1', A, '10.0.0.2')
        self.assertIsNone(self.service.process.poll())

    def test_unable_to_start(self):
        """With a wrong option it ends, and who waits in the socket is told so."""
        connections = [self.connect() for _ in range(30)]  # an ordinary user may have 32
        connections[0].send('org.varlink.service.GetInfo')
        self.start('--no-such-option', wait=False)
        self.assertEqual(self.service.process.wait(PATIENCE), 2)
        for c in connections:
            try:
                self.assertIsNone(c.receive())
            except ConnectionResetError:
                pass

    def test_without_a_bus(self):
        """The hook answers, and all else begins as soon as there is a bus."""
        self.put('virbr0.status', [lease('web1', '10.0.0.1')])
        self.bus.stop()
        os.unlink(self.bus.path)
        self.start(wait=False)
        self.assertAnswers(self.connect(), 'web1', A, '10.0.0.1')
        self.bus.start()
        self.service.wait_ready()

    def test_wrong_socket(self):
        self.listener.close()
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.listener.close)
        self.start(wait=False)
        self.assertEqual(self.service.process.wait(PATIENCE), 1)

    def test_end(self):
        self.start()
        c, _ = self.subscribe()
        self.assertEqual(self.service.end(), 0)
        self.assertIsNone(c.receive())

    def test_restart_loses_no_question(self):
        self.put('virbr0.status', [lease('web1', '10.0.0.1')])
        self.start(wait=False)
        for _ in range(5):
            self.service.process.terminate()    # perhaps before it handles the signal
            self.service.process.wait(PATIENCE)
            connections = [self.connect() for _ in range(30)]  # an ordinary user may have 32
            for c in connections:
                c.send(INTERFACE + '.ResolveRecord', {'question': [{'key': {'type': A, 'name': 'web1'}}]})
            self.start(wait=False)
            for c in connections:
                self.assertEqual(len(c.receive()['parameters']['answer']), 1)


class Protocol(Case):
    def setUp(self):
        super().setUp()
        self.start()
        self.c = self.connect()

    def test_info(self):
        info = self.c.call('org.varlink.service.GetInfo')['parameters']
        self.assertEqual(set(info), {'vendor', 'product', 'version', 'url', 'interfaces'})
        for name in info['interfaces']:
            reply = self.c.call('org.varlink.service.GetInterfaceDescription', {'interface': name})
            self.assertIn(f'interface {name}\n', reply['parameters']['description'])
        self.assertIn(INTERFACE, info['interfaces'])

    def assertError(self, name, parameters, method, *arguments, **options):
        self.assertEqual(self.c.call(method, *arguments, **options),
                         {'error': 'org.varlink.service.' + name, 'parameters': parameters})

    def test_errors(self):
        self.assertError('MethodNotFound', {'method': 'a.B'}, 'a.B')
        self.assertError('MethodNotFound', {'method': INTERFACE + '.resolverecord'}, INTERFACE + '.resolverecord')
        self.assertError('ExpectedMore', {}, INTERFACE + '.QueryFilter')
        self.assertError('InterfaceNotFound', {'interface': 'a'}, 'org.varlink.service.GetInterfaceDescription',
                         {'interface': 'a'})
        self.assertError('InvalidParameter', {'parameter': 'interface'}, 'org.varlink.service.GetInterfaceDescription')

    def test_invalid_questions(self):
        good = {'key': {'class': 1, 'type': 1, 'name': 'web1'}}
        for question in (None, {}, 'x', 1, [1], [None], ['x'], [{}], [{'key': None}], [{'key': []}], [good, {}],
                         [{'key': {'class': 1, 'type': 1}}], [{'key': {'class': 1, 'name': 'web1'}}],
                         [{'key': {'class': 1, 'type': '1', 'name': 'web1'}}],
                         [{'key': {'class': 1, 'type': None, 'name': 'web1'}}],
                         [{'key': {'class': '1', 'type': 1, 'name': 'web1'}}],
                         [{'key': {'class': 1, 'type': 1, 'name': ['web1']}}]):
            self.assertError('InvalidParameter', {'parameter': 'question'}, INTERFACE + '.ResolveRecord',
                             {'question': question})
        self.assertError('InvalidParameter', {'parameter': 'question'}, INTERFACE + '.ResolveRecord')
        self.assertEqual(self.c.resolve(('web1', 1 << 40), ('web1', -1), ('web1', A, 1 << 40)), {})
        question = [{'key': {'class': None, 'type': 1, 'name': 'web1'}}]
        self.assertEqual(self.c.call(INTERFACE + '.ResolveRecord', {'question': question, 'unknown': [1]}),
                         {'parameters': {}})

    def test_garbage(self):
        for garbage in b'\0', b'\0' * 65536, b'x' * 200000, b'{"method":1}\0', b'[' * 60000 + b'\0', b'GET / HTTP/1.1\r\n\0':
            c = self.connect()
            try:
                c.socket.sendall(garbage)
                self.assertIsNone(c.receive())
            except (BrokenPipeError, ConnectionResetError):
                pass
        self.test_info()


if __name__ == '__main__':
    require('dbus-daemon')
    unittest.main()
