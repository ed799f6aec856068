#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The service is killed, restarted, frozen, or can't start, under constant lookups: no name that
has a lease fails, and nothing takes longer than its bound.

HAMMER_LONG=1: 200 kills and 200 restarts instead of 20.
"""

import os
import signal
import subprocess
import threading
import time
import unittest

import harness
from harness import INDEX, LONG, RUNTIME, Asker, Bus, Service, at_most, hammer, hammer_counts, say, say_counts

TIMES = 200 if LONG else 20
READERS = 3


class Supervisor:
    """Starts the service again as soon as it has ended, as systemd does of the shipped unit."""

    def __init__(self, bus):
        self.bus, self.ending, self.starts = bus, False, 0
        self.service = Service(bus)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            self.service.process.wait()
            if self.ending:
                return
            ended = self.service
            self.service = Service(self.bus, wait=False)
            self.starts += 1
            ended.close()

    def close(self):
        self.ending = True
        self.service.process.kill()
        self.thread.join()
        self.service.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class UnderLookups(unittest.TestCase):
    def setUp(self):
        harness.clear_directory(harness.LEASES)

    def interrupt(self, interrupt, pause, times=TIMES, at_least=None, **options):
        with Bus(activation=True) as bus, Supervisor(bus) as supervisor:
            options = dict({'interval': 10000, 'readers': READERS}, **options)
            process = hammer(bus, 'storm', wait=False, msec=3600000, **options)
            try:
                for _ in range(times):
                    time.sleep(pause)
                    interrupt(supervisor)
                time.sleep(1)
            finally:
                process.send_signal(signal.SIGTERM)
                counts = hammer_counts(process)
            starts = supervisor.starts
        say_counts(f'{starts} starts', counts)
        say(f'longer than 10, 100, 500, 1000 ms: {counts["over_10ms"]}, {counts["over_100ms"]}, '
            f'{counts["over_500ms"]}, {counts["over_1s"]}')
        self.assertGreaterEqual(starts, at_least or times)
        self.assertGreater(counts['lookups'], 10 * times)
        harness.assert_all_answered(self, counts)
        self.assertLess(counts['longest_usec'], at_most(2500000))

    @staticmethod
    def kill(supervisor, service=None):
        service = service or supervisor.service
        service.process.kill()
        harness.wait_for('the next start', lambda: supervisor.service is not service)

    def test_kill(self):
        self.interrupt(self.kill, 0.13)

    def test_kill_while_it_rests(self):
        self.interrupt(self.kill, 0.13, interval=0, burst=3, rest=200000)

    def test_kill_at_once_again(self):
        def twice(supervisor):
            supervisor.service.process.kill()
            time.sleep(0.003)

        self.interrupt(twice, 0.01, at_least=TIMES // 4)

    def test_restart(self):
        def restart(supervisor):
            service = supervisor.service
            service.wait_ready()
            service.process.terminate()
            harness.wait_for('the next start', lambda: supervisor.service is not service)

        self.interrupt(restart, 0.1)

    def test_frozen_meanwhile(self):
        """A service that hangs for a moment only makes its callers wait."""
        def freeze(supervisor):
            service = supervisor.service
            service.process.send_signal(signal.SIGSTOP)
            time.sleep(0.5)
            service.process.send_signal(signal.SIGCONT)
            self.kill(supervisor, service)

        self.interrupt(freeze, 0.1, times=TIMES // 4)


class Frozen(unittest.TestCase):
    """UNAVAIL after 2 s, and not more."""

    def setUp(self):
        harness.clear_directory(harness.LEASES)
        harness.put_leases('virbr0.status', {'web1': '10.0.0.1'})

    def assertGivesUp(self, asker, seconds):
        answer = asker.ask('web1')
        self.assertEqual((answer.status, answer.door), ('UNAVAIL', 'bus'), answer)
        self.assertLess(answer.usec, at_most((seconds + 0.4) * 1e6))
        return answer.usec

    def frozen(self, what):
        with Bus() as bus, Service(bus) as service, Asker(bus) as asker:
            harness.wait_published(asker)
            process = {'service': service.process, 'bus': bus.daemon}[what]
            process.send_signal(signal.SIGSTOP)
            # What the index knows needs neither of them.
            answer = asker.ask('web1')
            self.assertEqual((answer.status, answer.door), ('SUCCESS', 'index'))

            harness.put_leases('virbr0.status', {'web1': '10.0.0.2'})
            took = self.assertGivesUp(asker, 2)
            say(f'frozen {what}: UNAVAIL after {took / 1000:.0f} ms')
            process.send_signal(signal.SIGCONT)
            self.assertEqual(asker.ask('web1').address, '10.0.0.2')

    def test_service(self):
        self.frozen('service')

    def test_bus(self):
        self.frozen('bus')

    def test_end_beside_a_frozen_bus(self):
        """The service can be stopped whatever the bus does."""
        with Bus() as bus, Service(bus) as service, Asker(bus) as asker:
            harness.wait_published(asker)
            bus.daemon.send_signal(signal.SIGSTOP)
            begin = time.monotonic()
            self.assertEqual(service.end(seconds=30), 0)
            self.assertLess(time.monotonic() - begin, at_most(2))


class Tombstone(unittest.TestCase):
    """A service that can't start costs no lookup anything."""

    def setUp(self):
        harness.clear_directory(harness.LEASES)
        harness.clear_directory(RUNTIME)
        harness.put_leases('virbr0.status', {'web1': '10.0.0.1'})

    def stop_post(self, bus, code, status):
        """What the unit's ExecStopPost= does."""
        subprocess.run([harness.SERVICE, f'--runtime-directory={RUNTIME}', '--publish-failure'], check=True,
                       env=dict(bus.environment, EXIT_CODE=code, EXIT_STATUS=str(status)))

    def test_failure(self):
        with Bus(activation=True) as bus, Asker(bus) as asker:
            with Service(bus, '--no-such-option', wait=False) as service:
                self.stop_post(bus, 'exited', service.process.wait(harness.PATIENCE))
            slowest = 0
            for _ in range(100):
                answer = asker.ask('web1')
                self.assertEqual((answer.status, answer.door), ('UNAVAIL', 'index'))
                slowest = max(slowest, answer.usec)
            say(f'a service that can\'t start: UNAVAIL after {slowest} us at most')
            self.assertLess(slowest, at_most(20000))

            with Service(bus):
                answer = asker.ask('web1')
                self.assertEqual((answer.status, answer.address), ('SUCCESS', '10.0.0.1'))
                harness.wait_published(asker)

    def test_others_ends(self):
        """Crashes and clean stops leave the index where it is."""
        with Bus() as bus, Asker(bus) as asker:
            with Service(bus) as service:
                harness.wait_published(asker)
                self.assertEqual(service.end(), 0)
            before = os.stat(INDEX)
            for code, status in ('exited', 0), ('killed', 'KILL'), ('dumped', 'ABRT'), ('killed', 'TERM'):
                self.stop_post(bus, code, status)
                answer = asker.ask('web1')
                self.assertEqual((answer.status, answer.door), ('SUCCESS', 'index'))
            self.assertEqual(os.stat(INDEX).st_ino, before.st_ino)

    def test_failure_after_success(self):
        """The tombstone takes a live index' place, too, and a killed service's next start
        takes the tombstone's."""
        with Bus(activation=True) as bus, Asker(bus) as asker:
            with Service(bus) as service:
                harness.wait_published(asker)
                service.end()
            self.stop_post(bus, 'exited', 1)
            self.assertEqual(asker.ask('web1').status, 'UNAVAIL')
            with Supervisor(bus) as supervisor:
                supervisor.service.process.kill()
                answer = asker.ask('web1')
                self.assertEqual((answer.status, answer.address), ('SUCCESS', '10.0.0.1'))


if __name__ == '__main__':
    harness.main()
