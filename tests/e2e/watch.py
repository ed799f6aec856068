# SPDX-License-Identifier: LGPL-2.1-or-later
"""The verbs of libvirt-resolve that wait for something to happen: wait and monitor."""

import subprocess
import time

from doors import Truth
from guests import Udhcpc
from shell import ask, read, start
from world import LOG


class Watch:
    """Follows one guest, and a domain, through what the two verbs should see."""

    def __init__(self, tap, scenarios):
        self.tap, self.scenarios = tap, scenarios

    def run(self):
        guest = self.scenarios.client(Udhcpc, 'late', 'default', '52:54:00:00:03:01', 'late')
        monitor = start(LOG + '/monitor', 'libvirt-resolve', 'monitor')
        time.sleep(0.3)
        self.wait_returns(guest)
        lease = self.scenarios.leases_of(guest.mac)[0]
        self.monitor_shows('a new lease', 0, lease.address)
        self.monitor_follows('a renewed lease', guest.renew, lease.address)
        self.monitor_follows('a released lease', guest.release, lease.address)
        monitor.terminate()
        self.tap.same(0, monitor.wait(timeout=5), 'libvirt-resolve monitor ends cleanly')
        self.wait_gives_up()

    def wait_returns(self, guest):
        waiting = subprocess.Popen(['libvirt-resolve', 'wait', guest.hostname], stdout=subprocess.PIPE, text=True)
        time.sleep(0.3)
        self.tap.same(None, waiting.poll(), 'libvirt-resolve wait waits while there is no lease')
        guest.start()
        self.scenarios.wait_for_lease(guest.mac, guest.hostname)
        began = time.monotonic()
        try:
            out = waiting.communicate(timeout=5)[0]
        except subprocess.TimeoutExpired:
            waiting.kill()
            out = waiting.communicate()[0]
        took = time.monotonic() - began
        self.tap.ok(waiting.returncode == 0 and took < 0.5,
                    'libvirt-resolve wait returns as the lease appears', f'{waiting.returncode} after {took:.2f} s')
        self.tap.ok(Truth().answers('lease', guest.hostname)[0] in out, 'and says the address', out)

    def wait_gives_up(self):
        began = time.monotonic()
        status, _, _ = ask('libvirt-resolve', 'wait', '--timeout=1', 'nosuchguest')
        took = time.monotonic() - began
        self.tap.ok(status not in (0, 1, 2) and 0.9 < took < 2,
                    'libvirt-resolve wait gives up with a status of its own', f'{status} after {took:.2f} s')

    def monitor_shows(self, what, position, text):
        end = time.monotonic() + 2
        while text not in read(LOG + '/monitor')[position:] and time.monotonic() < end:
            time.sleep(0.05)
        shown = read(LOG + '/monitor')[position:]
        self.tap.ok(text in shown, f'libvirt-resolve monitor shows {what}', shown)

    def monitor_follows(self, what, event, text):
        time.sleep(1.1)        # so that a new expiry is another one
        position = len(read(LOG + '/monitor'))
        event()
        self.monitor_shows(what, position, text)
