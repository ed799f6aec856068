# SPDX-License-Identifier: LGPL-2.1-or-later
"""The verbs of libvirt-resolve that wait for something to happen: wait and monitor."""

import json
import subprocess
import time

from doors import Truth
from guests import Udhcpc
from shell import ask, read, start
from world import LOG

TOLD = LOG + '/monitor'


class Monitor:
    """Runs all the while; what it has told must add up to what virsh lists."""

    def __init__(self):
        self.process = start(TOLD, 'libvirt-resolve', 'monitor', '--json=short', '--no-legend')
        time.sleep(0.3)

    def leases(self):
        leases = {}
        for event in map(json.loads, read(TOLD).splitlines()):
            key = event['mac-address'], event['address']
            if event['event'] == 'removed':
                leases.pop(key, None)
            else:
                leases[key] = key + (event.get('hostname'), event['expiry'] // 1000000, event.get('domain'))
        return sorted(leases.values(), key=str)

    def adds_up(self, truth):
        domains = {address: name for name, addresses in truth.domains.items() for address in addresses}
        expected = sorted((lease.key() + (domains.get(lease.address),) for lease in truth.leases), key=str)
        end = time.monotonic() + 2          # changes are told when a burst of them ends
        while self.leases() != expected and time.monotonic() < end:
            time.sleep(0.05)
        yield 'leases', expected, self.leases()


class Watch:
    def __init__(self, tap, checks, scenarios):
        self.tap, self.scenarios = tap, scenarios
        checks.more['libvirt-resolve monitor has told of every change'] = Monitor().adds_up

    def wait_returns(self):
        guest = self.scenarios.client(Udhcpc, 'late', 'default', '52:54:00:00:03:01', 'late')
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
