# SPDX-License-Identifier: LGPL-2.1-or-later
"""After an event: does every door say what virsh says, of every guest that there ever was?"""

import doors
from doors import Probe, Truth, directory_state
from shell import Failed

OURS = '/usr/lib/x86_64-linux-gnu'


def addresses_of(entries):
    return sorted({entry['address'] for entry in entries if 'address' in entry})


class Checks:
    def __init__(self, tap, probe, cache):
        self.tap = tap
        self.ours, self.theirs = Probe(probe, OURS), Probe(probe, cache)
        self.names = {'nosuchguest'}
        self.addresses = {'192.0.2.1'}
        self.refused = set()     # names that a guest has taken and may not have
        self.seen = set()        # which differences to libvirt's modules showed
        self.more = {}           # questions that are asked only where somebody adds them

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
        both, lease, domain = [doors.query(self.names, *option) for option in ((), ('--lease',), ('--domain-name',))]
        for name in self.names:
            of_lease = [] if name in self.refused else truth.answers('lease', name)
            of_domain = truth.answers('domain', name)
            yield name, sorted({*of_lease, *of_domain}), addresses_of(both[name])
            yield name + ' --lease', of_lease, addresses_of(lease[name])
            yield name + ' --domain-name', of_domain, addresses_of(domain[name])

    def reverse(self, truth):
        self.addresses.update(lease.address for lease in truth.leases)
        queried = doors.query(self.addresses)
        for address in self.addresses:
            hostnames = [lease.hostname for lease in truth.leases if lease.address == address
                         and lease.hostname and lease.hostname not in self.refused
                         and lease in truth.of_hostname(lease.hostname)]
            hostnames = hostnames or [name for name in doors.STATIC if truth.static(name) == [address]]
            domains = [name for name, addresses in truth.domains.items() if address in addresses]
            yield address, hostnames, doors.reverse('lease', address)
            yield address + ' (domain)', domains, doors.reverse('domain', address)
            yield address + ' (query)', hostnames + domains, [
                name for entry in queried[address] for name in entry.get('names', ())]

    def side_by_side(self, truth):
        for variant in doors.SERVICES:
            for name in sorted(self.names):
                in_order = truth.in_order(variant, name) is not None
                for question in doors.QUESTIONS:
                    theirs, ours = [module.ask(variant, name, question) for module in (self.theirs, self.ours)]
                    if variant == 'lease':
                        theirs = self.of_running(truth.outrun(name), theirs)
                    yield f'{variant} {question} {name}', *self.compared(variant, name, theirs, ours, in_order)

    def of_running(self, outrun, theirs):
        """What libvirt's module would say without the leases that ours leaves out."""
        kept = [address for address in theirs[3] if address not in outrun]
        if kept == theirs[3] or not kept:
            return theirs
        self.seen.add(doors.OUTRUN)
        return theirs[:3] + [kept]

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

    def questions(self, truth):
        return {
            'getent -s libvirt is virsh net-dhcp-leases': list(self.module('lease', truth)),
            'getent -s libvirt_guest is virsh domifaddr': list(self.module('domain', truth)),
            'getent with nsswitch.conf is both': list(self.switch(truth)),
            'libvirt-resolve query is both': list(self.query(truth)),
            'reverse lookups': list(self.reverse(truth)),
            "libvirt's own modules, but for the known differences": list(self.side_by_side(truth)),
            **{what: list(ask(truth)) for what, ask in self.more.items()},
        }

    def ask_at_rest(self):
        """Asks until nothing changed meanwhile: neither a file, nor what virsh says (leases expire)."""
        for _ in range(20):
            files, truth = directory_state(), Truth()
            answered = self.questions(truth)
            if directory_state() == files and Truth().state() == truth.state():
                return answered
        raise Failed('the leases never rest')

    def everything(self, event):
        self.tap.phase(event)
        for what, rows in self.ask_at_rest().items():
            wrong = [f'{question}: expected {expected}, got {said}' for question, expected, said in rows
                     if expected != said]
            self.tap.ok(rows and not wrong, f'{event}: {what} ({len(rows)} questions)', *wrong)
