# SPDX-License-Identifier: LGPL-2.1-or-later
"""After an event: does every door say what virsh says, of every guest that there ever was?"""

import time

import doors
from doors import Truth, directory_state
from shell import until

OURS = '/usr/lib/x86_64-linux-gnu'


class Checks:
    def __init__(self, tap, cache):
        self.tap, self.cache = tap, cache
        self.names = {'nosuchguest'}
        self.addresses = {'192.0.2.1'}
        self.refused = set()     # names that a guest has taken and may not have
        self.seen = set()        # which differences to libvirt's modules showed

    def know(self, *names):
        self.names.update(names)

    # ---- each returns what was expected and what was said, by question ----

    def module(self, variant, truth):
        for name in self.names:
            refused = variant == 'lease' and name in self.refused
            yield name, [] if refused else truth.answers(variant, name), doors.answers(variant, name)

    def switch(self, truth):
        for name in self.names:
            lease = [] if name in self.refused else truth.answers('lease', name)
            yield name, lease or truth.answers('domain', name), doors.resolves(name)

    def query(self, truth):
        for name in self.names:
            lease = [] if name in self.refused else truth.answers('lease', name)
            domain = truth.answers('domain', name)
            yield name, sorted({*lease, *domain}), doors.query(name)
            yield name + ' --lease', lease, doors.query(name, '--lease')
            yield name + ' --domain-name', domain, doors.query(name, '--domain-name')

    def reverse(self, truth):
        self.addresses.update(lease.address for lease in truth.leases)
        for address in self.addresses:
            names = {lease.hostname for lease in truth.leases
                     if lease.address == address and lease.hostname not in self.refused}
            yield address, names.pop() if names else None, doors.reverse('lease', address)
            domains = [name for name, addresses in truth.domains.items() if address in addresses]
            yield address + ' (domain)', domains[0] if domains else None, doors.reverse('domain', address)

    def side_by_side(self, truth):
        names = sorted(self.names)
        for variant in doors.SERVICES:
            theirs = doors.probe(self.cache, variant, names)
            ours = doors.probe(OURS, variant, names)
            for name in names:
                in_order = truth.in_order(variant, name) is not None
                for question in theirs[name]:
                    yield (f'{variant} {question} {name}',
                           *self.compared(variant, name, theirs[name][question], ours[name][question], in_order))

    def compared(self, variant, name, theirs, ours, in_order):
        if not in_order:
            theirs, ours = [answer[:3] + [sorted(answer[3])] for answer in (theirs, ours)]
        if theirs != ours:
            sentence = doors.difference(variant, name in self.refused, theirs, ours)
            if sentence:
                self.seen.add(sentence)
                return ours, ours
        return theirs, ours

    # ---- all of them ----

    def compare(self, what, ask):
        """Asks until nothing changed meanwhile: neither a file, nor what virsh says (leases expire)."""
        for _ in range(20):
            files, truth = directory_state(), Truth()
            rows = list(ask(truth))
            if directory_state() == files and Truth().state() == truth.state():
                break
            time.sleep(0.1)
        else:
            return self.tap.ok(False, what, 'the leases never rested')
        wrong = [f'{question}: expected {expected}, got {said}' for question, expected, said in rows
                 if expected != said]
        return self.tap.ok(rows and not wrong, f'{what} ({len(rows)} questions)', *wrong)

    def everything(self, event):
        self.tap.phase(event)
        self.compare(f'{event}: getent -s libvirt is virsh net-dhcp-leases', lambda t: self.module('lease', t))
        self.compare(f'{event}: getent -s libvirt_guest is virsh domifaddr', lambda t: self.module('domain', t))
        self.compare(f'{event}: getent with nsswitch.conf is both', self.switch)
        self.compare(f'{event}: libvirt-resolve query is both', self.query)
        self.compare(f'{event}: reverse lookups', self.reverse)
        self.compare(f"{event}: libvirt's own modules, but for the known differences", self.side_by_side)

    def at_once(self, variant, name, change, what):
        """Waits until virsh says something new of a name, then asks once."""
        def changed():
            truth = Truth()
            return change(truth) and (truth,)

        truth, = until(changed, what)
        self.tap.same(truth.answers(variant, name), doors.answers(variant, name), f'{what}: seen at once')
        return truth
