#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The wall clock jumps, by an hour and a year, both ways, under constant lookups through both
doors: leases are over or there as it says, nothing that has one fails, and nothing waits longer
or shorter for it.

Addresses that were seen are answered for a day after the last proof, also by the index of a service that is dead.

The jump is a clock of our own (clock.c), in the service and in who looks up; the file system's
stamps stay with the kernel's.

HAMMER_LONG=1: 200 jumps under lookups instead of 20.
"""

import json
import mmap
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
import time
import unittest

import harness
from harness import (LEASES, LONG, RUNTIME, Asker, Bus, Service, at_most, clear_directory, hammer, hammer_counts,
                     is_published, put, put_leases, say, say_counts, wait_for, wait_published)

HOUR, YEAR = 3600, 366 * 86400
JUMPS = (HOUR, 0, -HOUR, 0, YEAR, 0, -YEAR, YEAR, -YEAR, 0)
ROUNDS = 20 if LONG else 2


class Clock:
    """How far ours is ahead of the kernel's."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(prefix='hammer-clock-')
        self.file.write(bytes(8))
        self.file.flush()
        self.map = mmap.mmap(self.file.fileno(), 8)
        # By its base name: LD_PRELOAD takes no path with a space.
        directory, name = os.path.split(os.environ['HAMMER_CLOCK'])
        self.environment = {'TEST_CLOCK': self.file.name, 'LD_PRELOAD': name, 'LD_LIBRARY_PATH': directory}

    def jump(self, seconds, service):
        self.map[:] = struct.pack('=q', seconds)
        service.process.send_signal(signal.SIGRTMAX)

    def close(self):
        self.map.close()
        self.file.close()


class Listener:
    """The names in the service's signals, with the time when each was heard."""

    def __init__(self, bus):
        self.process = subprocess.Popen(['dbus-monitor', '--address', bus.address, f"interface='{harness.NAME}',type='signal'"],
                                        stdout=subprocess.PIPE, text=True)
        self.heard, self.ready = [], threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        assert self.ready.wait(harness.PATIENCE)

    def run(self):
        member = key = None
        for line in self.process.stdout:
            self.ready.set()
            if 'member=' in line:
                member, key = line.split('member=')[1].strip(), None
            elif 'string "' in line:
                if key == 'hostname':
                    self.heard.append((member, line.split('"')[1]))
                key = line.split('"')[1]

    def close(self):
        self.process.kill()
        self.process.wait()
        self.thread.join()
        self.process.stdout.close()


class Case(unittest.TestCase):
    environment, options, wrapper = {}, (), ()

    def setUp(self):
        clear_directory(LEASES)
        clear_directory(RUNTIME)
        self.now = int(time.time())
        put('virbr1.status', self.document('brief', self.now + HOUR // 2, 'over', self.now - HOUR // 2,
                                           'long', self.now + 3 * YEAR, 'endless', 0))
        self.clock = self.enter(Clock())
        self.bus = self.enter(Bus())
        self.bus.environment.update(self.clock.environment)
        self.start_service()
        self.askers = {door: self.enter(Asker(self.bus, door)) for door in (None, 'index', 'bus')}
        wait_published(self.askers[None], 'long')

    def enter(self, thing):
        self.addCleanup(thing.close)
        return thing

    def start_service(self):
        self.service = self.enter(Service(self.bus, *self.options, env=self.environment, wrapper=self.wrapper))

    @staticmethod
    def document(*leases):
        return json.dumps([{'ip-address': f'10.9.0.{i}', 'mac-address': f'52:54:00:00:00:{i:02x}', 'hostname': name,
                            'expiry-time': expiry}
                           for i, (name, expiry) in enumerate(zip(leases[::2], leases[1::2]), 1)]).encode()

    def jump(self, seconds):
        self.clock.jump(seconds, self.service)

    def assertAnswers(self, ahead, doors=(None, 'index', 'bus')):
        """At once, through each door."""
        for name, is_there in (('brief', ahead <= HOUR // 2), ('over', ahead < -HOUR // 2), ('long', True),
                               ('endless', True)):
            for door in doors:
                answer = self.askers[door].ask(name)
                self.assertEqual(answer.status, 'SUCCESS' if is_there else 'NOTFOUND',
                                 f'{name} {ahead:+} s, door {door}: {answer}')
                self.assertLess(answer.usec, at_most(2000000))

    def call(self, method, *arguments):
        """A call that runs meanwhile."""
        return subprocess.Popen(['dbus-send', f'--bus={self.bus.address}', '--print-reply', '--reply-timeout=60000',
                                 f'--dest={harness.NAME}', '/org/libvirt/Resolve1', f'{harness.NAME}.{method}', *arguments],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def wait_for_hostname(self, name, usec):
        return self.call('WaitForHostname', 'int32:0', f'string:{name}', 'int32:0', 'uint64:0', f'uint64:{usec}')

    def await_waits(self):
        """Until the call is there."""
        def statistics():
            return subprocess.run(['busctl', f'--address={self.bus.address}', 'get-property', harness.NAME,
                                   '/org/libvirt/Resolve1', harness.NAME, 'Statistics'],
                                  stdout=subprocess.PIPE, text=True, check=True).stdout

        wait_for('a call that waits', lambda: '"waits" 1' in statistics())


class Answers(Case):
    def test_both_doors(self):
        for ahead in JUMPS:
            self.jump(ahead)
            self.assertAnswers(ahead)

    def test_under_lookups(self):
        """Changes are 20 ms apart, five of the kernel's ticks: the file system's stamps don't jump with
        the clock, as they would, so that the index could be published within the tick of a change."""
        process = hammer(self.bus, 'storm', wait=False, msec=3600000, readers=3, interval=20000, burst=3, rest=300000,
                         expiry=self.now + 3 * YEAR)
        try:
            for ahead in ROUNDS * JUMPS:
                time.sleep(0.15)
                self.jump(ahead)
                self.assertAnswers(ahead, (None, 'bus'))
            time.sleep(0.3)
        finally:
            process.send_signal(signal.SIGTERM)
            counts = hammer_counts(process)
        say_counts(f'{ROUNDS * len(JUMPS)} jumps', counts)
        harness.assert_all_answered(self, counts)
        self.assertGreater(counts['index'], 100)
        self.assertGreater(counts['bus'], 100)
        self.assertLess(counts['longest_usec'], at_most(2000000))

    def test_publishes(self):
        """Wherever the clock went, what changes is published, and is seen before."""
        for n, ahead in enumerate(JUMPS):
            self.jump(ahead)
            put_leases('virbr2.status', {'new': f'10.9.1.{n}'})
            for asker in self.askers[None], self.askers['bus']:
                self.assertEqual(asker.ask('new').address, f'10.9.1.{n}')
            wait_for(f'the index, {ahead:+} s', is_published)
            self.assertAnswers(ahead)


class Timers(Case):
    def test_wait_times_out(self):
        """A time-out is a span of time, whatever the clock says."""
        for ahead in YEAR, -YEAR:
            begin = time.monotonic()
            call = self.wait_for_hostname('nobody', 700000)
            self.await_waits()
            self.jump(ahead)
            output, _ = call.communicate()
            took = time.monotonic() - begin
            self.assertIn(f'{harness.NAME}.TimedOut', output)
            self.assertGreater(took, 0.7)
            self.assertLess(took, at_most(1.7))

    def test_wait_is_answered(self):
        """A lease that the clock brings back is there for who waits, without a change of any file."""
        call = self.wait_for_hostname('over', 2**64 - 1)
        self.await_waits()
        self.jump(-HOUR)
        output, _ = call.communicate(timeout=harness.PATIENCE)
        self.assertIn('"over"', output)

    def test_signals(self):
        listener = self.enter(Listener(self.bus))
        expected = []
        for ahead, signals in ((HOUR, ['LeaseRemoved brief']), (0, ['LeaseAdded brief']), (-HOUR, ['LeaseAdded over']),
                               (YEAR, ['LeaseRemoved brief', 'LeaseRemoved over']),
                               (-YEAR, ['LeaseAdded brief', 'LeaseAdded over']), (0, ['LeaseRemoved over'])):
            self.jump(ahead)
            expected += [tuple(s.split()) for s in signals]
            wait_for(f'{expected} at {ahead:+} s', lambda: len(listener.heard) >= len(expected))
        time.sleep(0.2)
        self.assertEqual(listener.heard, expected)

    def test_expiry_after_a_jump(self):
        """The timer for the next lease to be over goes with the clock."""
        listener = self.enter(Listener(self.bus))
        for ahead in HOUR, -HOUR:
            self.jump(ahead)
            put('virbr3.status', self.document('soon', int(time.time()) + ahead + 1))
            wait_for('the word that it is there', lambda: ('LeaseAdded', 'soon') in listener.heard)
            begin = time.monotonic()
            wait_for('the word that it is over', lambda: ('LeaseRemoved', 'soon') in listener.heard)
            self.assertLess(time.monotonic() - begin, at_most(2.5))
            os.unlink(os.path.join(LEASES, 'virbr3.status'))
            listener.heard.clear()

    def test_said_once(self):
        for ahead in JUMPS:
            said = self.service.output().count('The clock was set.')
            self.jump(ahead)
            wait_for('word of it', lambda: self.service.output().count('The clock was set.') > said)
        time.sleep(0.2)
        self.assertEqual(self.service.output().count('The clock was set.'), len(JUMPS))
        self.assertEqual(len(self.service.output().splitlines()), len(JUMPS), self.service.output())


class Watchdog(Case):
    environment = {'WATCHDOG_USEC': '400000'}

    def test_watchdog_and_rest(self):
        """The watchdog hears of the service as before, and that is all that it does."""
        def cpu_seconds():
            with open(f'/proc/{self.service.process.pid}/stat', encoding='ascii') as f:
                fields = f.read().rsplit(')', 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

        for ahead in YEAR, -YEAR, 0:
            self.jump(ahead)
            self.service.notifications.forget()
            self.service.wait_notification('WATCHDOG=1', 2)
            before = cpu_seconds()
            for _ in range(2):
                self.service.wait_notification('WATCHDOG=1', 2)
            self.assertLess(cpu_seconds() - before, at_most(0.1))


class Seen(Case):
    """With helpers' files, and a bridge in a network namespace of the service's own."""

    MACS = {'idle': '52:54:00:bb:00:01', 'fresh': '52:54:00:bb:00:02'}
    wrapper = ('unshare', '--net', 'sh', '-c',
               'ip link add br0 type bridge && ip address add 10.9.0.1/24 dev br0 && ip link set br0 up && '
               + ''.join(f'ip link add vnet{i} address fe{mac[2:]} type bridge && ' for i, mac in enumerate(MACS.values()))
               + 'exec "$@"', 'sh')

    def setUp(self):
        facts = tempfile.mkdtemp(prefix='hammer-facts-')
        self.addCleanup(shutil.rmtree, facts)
        os.chmod(facts, 0o755)
        self.domains, self.seen = os.path.join(facts, 'domains'), os.path.join(facts, 'seen')
        os.mkdir(self.domains)
        os.mkdir(self.seen)
        put('domains.json', json.dumps([{'domain': name, 'mac-address': mac, 'type': 'bridge', 'bridge': 'br0',
                                         'tap': f'vnet{i}'} for i, (name, mac) in enumerate(self.MACS.items())]).encode(),
            self.domains)
        self.options = (f'--domains-directory={self.domains}', f'--seen-directory={self.seen}')
        tried = subprocess.run([*self.wrapper, 'true'], capture_output=True, text=True, check=False)
        if tried.returncode != 0:
            self.skipTest('needs iproute2 and a network namespace with a bridge: ' + tried.stderr.strip())
        super().setUp()

    def state(self, **confirmed):
        """What was seen: the last proof of each."""
        put('br0.json', json.dumps([{'ip-address': f'10.9.0.{21 + i}', 'mac-address': mac, 'tap': f'vnet{i}', 'by': 'arp',
                                     'first-seen': confirmed[name], 'confirmed': confirmed[name],
                                     'expiry-time': confirmed[name] + 24 * HOUR}
                                    for i, (name, mac) in enumerate(self.MACS.items()) if name in confirmed]).encode(), self.seen)

    def has_published(self, name):
        return wait_for(f'{name} by the index', lambda: (a := self.askers['index'].ask('domain:' + name)).status == 'SUCCESS' and a)

    def assertDomains(self, door, **expected):
        for name, address in expected.items():
            answer = self.askers[door].ask('domain:' + name)
            self.assertEqual((answer.status, answer.address if address else None),
                             ('SUCCESS' if address else 'NOTFOUND', address), f'{name}, door {door}: {answer}')

    def test_a_day(self):
        self.state(idle=self.now - 60)
        self.has_published('idle')
        for hours, address in ((23, '10.9.0.21'), (25, None), (0, '10.9.0.21')):
            self.jump(hours * HOUR)
            for door in None, 'index', 'bus':
                self.assertDomains(door, idle=address)

    def test_a_day_without_the_service(self):
        """Killed, its index stands; after 25 hours it starts again, with what the helper says by then."""
        self.state(idle=self.now - 60)
        self.has_published('idle')
        self.assertEqual(self.service.end(signal.SIGKILL), -signal.SIGKILL)
        self.assertDomains('index', idle='10.9.0.21')
        self.jump(25 * HOUR)
        self.assertDomains('index', idle=None)
        self.assertEqual(self.askers['index'].ask('endless').status, 'SUCCESS')
        self.state(idle=self.now - 60, fresh=self.now + 25 * HOUR - 60)
        self.start_service()
        self.has_published('fresh')
        for door in None, 'index', 'bus':
            self.assertDomains(door, idle=None, fresh='10.9.0.22')


if __name__ == '__main__':
    harness.main()
