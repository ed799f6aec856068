# SPDX-License-Identifier: LGPL-2.1-or-later
"""What happens to guests in their lives, each event followed by all the checks."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

from doors import Truth, answers, query, resolves, reverse
from guests import Dhclient, Dhclient6, Machine, Udhcpc, make_initramfs, ssh
from shell import read, until, write
from world import BRIDGES, LEASES

# Guests that ask for a lease and keep it: kind, place, network, MAC address,
# the hostname that they send, and what they are called then.
RESIDENTS = (
    (Udhcpc, 'alpha', 'default', '52:54:00:00:00:01', 'alpha', 'alpha'),
    (Dhclient, 'beta', 'default', '52:54:00:00:00:02', 'Beta', 'Beta'),
    (Dhclient6, 'gamma', 'lab', '52:54:00:00:00:03', 'gamma', 'gamma'),
    (Udhcpc, 'both', 'lab', '52:54:00:00:00:04', 'both', 'both'),
    (Dhclient6, 'both', 'lab', '52:54:00:00:00:04', 'both', 'both'),
    (Udhcpc, 'mute', 'default', '52:54:00:00:00:05', None, None),
    (Udhcpc, 'printer', 'lab', '52:54:00:15:00:09', 'mislabelled', 'printer'),
    (Dhclient6, 'scanner', 'lab', '52:54:00:15:00:0a', None, 'scanner'),
    (Udhcpc, 'ghost', 'lab', '52:54:00:00:00:06', 'ghost', 'ghost'),
)


class Scenarios:
    def __init__(self, tap, checks, service, libvirt, cache):
        self.tap, self.checks, self.service, self.libvirt, self.cache = tap, checks, service, libvirt, cache
        self.clients = {}

    def run(self, *others):
        """All of them; the others come before the last guest goes."""
        for scenario in (self.nothing_yet, self.machines_start, self.clients_start, self.machines_run,
                         self.client_renews, self.client_releases, self.two_with_one_name, self.taken_names,
                         self.card_comes_and_goes, self.domain_is_destroyed_and_renamed, self.libvirtd_restarts,
                         self.network_restarts, self.guest_vanishes, self.network_of_machines_restarts,
                         self.domain_dies_unseen, self.domain_of_the_administrator, *others, self.all_go):
            scenario()

    # ---- small things ----

    def client(self, kind, place, network, mac, hostname):
        client = kind(place, network, mac, hostname)
        self.clients[kind.__name__, place] = client
        if hostname:
            self.checks.know(hostname)
        return client

    def leases_of(self, mac, hostname=None, family=None):
        return [lease for lease in Truth().leases if lease.mac == mac
                and (hostname is None or lease.hostname == hostname)
                and (family is None or (':' in lease.address) == (family == 6))]

    def wait_for_lease(self, mac, hostname=None, family=None):
        return until(lambda: self.leases_of(mac, hostname, family), f'a lease of {mac}')

    def login(self, name, hostname):
        """A guest that is booting may need a moment; its name may not."""
        end = time.monotonic() + 30
        status, out, err = ssh(name, 'hostname')
        while status != 0 and 'resolve' not in err and time.monotonic() < end:
            time.sleep(0.2)
            status, out, err = ssh(name, 'hostname')
        self.tap.ok((status, out.strip()) == (0, hostname), f'ssh root@{name} logs in', out, err)

    # ---- the life of guests ----

    def nothing_yet(self):
        self.checks.everything('fresh networks')

    def machines_start(self):
        make_initramfs(self.cache)
        self.app = Machine(self.libvirt, self.cache, 'vm-app', 'web1', '52:54:00:aa:00:01')
        self.db = Machine(self.libvirt, self.cache, 'vm-db', 'db1', '52:54:00:aa:00:02')
        for machine in (self.app, self.db):
            machine.start()
            self.checks.know(machine.name, machine.hostname)
        self.checks.everything('domains started, not booted yet')

    def clients_start(self):
        for kind, place, network, mac, hostname, called in RESIDENTS:
            client = self.client(kind, place, network, mac, hostname)
            client.start()
            if called:
                self.checks.know(called)
        for kind, place, network, mac, hostname, called in RESIDENTS:
            family = 6 if kind is Dhclient6 else 4
            lease = self.wait_for_lease(mac, family=family)[0]
            self.tap.same(called, lease.hostname, f'{place} has an IPv{family} lease, and the name {called}')
        self.checks.everything('DHCP clients started')

    def machines_run(self):
        for machine in (self.app, self.db):
            self.wait_for_lease(machine.mac, machine.hostname)
        self.checks.everything('domains have leases')
        for machine in (self.app, self.db):
            self.login(machine.hostname, machine.hostname)
            self.login(machine.name, machine.hostname)
        self.login('WEB1', 'web1')

    def client_renews(self):
        time.sleep(1.1)        # or the new expiry could be the old one
        for kind, place in (('Udhcpc', 'alpha'), ('Dhclient', 'beta'), ('Dhclient6', 'gamma')):
            client = self.clients[kind, place]
            before = {lease.key() for lease in self.leases_of(client.mac)}
            client.renew()
            until(lambda: {lease.key() for lease in self.leases_of(client.mac)} not in (before, set()),
                  f'the renewal of {place}')
        self.checks.everything('renewed')

    def client_releases(self):
        clients = [self.clients[kind, place] for kind, place in
                   (('Udhcpc', 'alpha'), ('Dhclient', 'beta'), ('Dhclient6', 'gamma'))]
        for client in clients:
            client.release()
            until(lambda: not self.leases_of(client.mac), f'the release of {client.place}')
            self.tap.same([], answers('lease', client.hostname), f'{client.hostname} is gone as it releases its lease')
        self.checks.everything('released')
        for client in clients:
            client.start()
        for client in clients:
            self.wait_for_lease(client.mac)
            self.tap.ok(answers('lease', client.hostname), f'{client.hostname} is back as it takes a lease again')
        self.checks.everything('started again')

    def two_with_one_name(self):
        first = self.client(Udhcpc, 'twin1', 'default', '52:54:00:00:01:01', 'twin')
        second = self.client(Udhcpc, 'twin2', 'default', '52:54:00:00:01:02', 'twin')
        third = self.client(Udhcpc, 'twin3', 'lab', '52:54:00:00:01:03', 'twin')
        first.start()
        self.wait_for_lease(first.mac, 'twin')
        second.start()
        self.wait_for_lease(second.mac, 'twin')
        self.checks.everything('two guests with one name on one network')
        third.start()
        self.wait_for_lease(third.mac, 'twin')
        self.tap.same(2, len(answers('lease', 'twin')), 'one name on two networks has two addresses')
        self.checks.everything('one name on two networks')
        second.release()
        until(lambda: not self.leases_of(second.mac), 'the release of the second twin')
        self.checks.everything('the second guest of a name released')
        first.renew()
        self.wait_for_lease(first.mac, 'twin')
        self.checks.everything('the first guest of the name renewed')
        first.release()
        third.release()

    def taken_names(self):
        """A guest calls itself as a domain, or as what has a meaning of its own."""
        for place, name in (('thief1', 'vm-app'), ('thief2', 'wpad'), ('thief3', 'e2e-host')):
            thief = self.client(Udhcpc, place, 'default', f'52:54:00:00:02:0{place[-1]}', name)
            self.checks.refused.add(name)
            thief.start()
        for place in ('thief1', 'thief2', 'thief3'):
            thief = self.clients['Udhcpc', place]
            lease = self.wait_for_lease(thief.mac, thief.hostname)[0]
            self.tap.ok(lease.address not in resolves(thief.hostname), f'{thief.hostname} does not lead to who took it')
        refusals = [[entry.get('error-name') for entry in entries]
                    for entries in query(('wpad', 'e2e-host'), '--lease').values()]
        self.tap.same([['org.libvirt.Resolve1.NameRefused']] * 2, refusals, 'libvirt-resolve says that they are refused')
        self.checks.everything('names taken')
        self.login('vm-app', 'web1')
        for place in ('thief1', 'thief2', 'thief3'):
            thief = self.clients['Udhcpc', place]
            thief.release()
            until(lambda: not self.leases_of(thief.mac), f'the release of {place}')
        self.checks.refused.clear()

    def card_comes_and_goes(self):
        mac = '52:54:00:aa:01:01'
        self.app.attach('lab', mac)
        self.checks.everything('network card attached')
        self.wait_for_lease(mac, 'web1')
        self.tap.same(2, len(answers('domain', 'vm-app')), 'a domain with two cards has two addresses')
        self.checks.everything('network card has a lease')
        self.app.detach(mac)
        until(lambda: mac not in read(f'{LEASES}/{BRIDGES["lab"]}.macs'), 'the card to go')
        self.tap.same(1, len(answers('domain', 'vm-app')), 'a detached card\'s address goes at once')
        # Its lease stays, and with it a second address of web1 that leads nowhere.
        self.checks.everything('network card detached')

    def domain_is_destroyed_and_renamed(self):
        self.db.destroy()
        self.tap.same([], answers('domain', 'vm-db'), 'a destroyed domain has no address')
        self.checks.everything('domain destroyed')
        self.db.rename('vm-store')
        self.checks.know('vm-store')
        self.db.start()
        self.tap.ok(answers('domain', 'vm-store'), 'a domain that starts again has its lease of before')
        self.checks.everything('domain renamed and started')
        self.login('vm-store', 'db1')
        self.checks.everything('renamed domain has booted')

    def libvirtd_restarts(self):
        before = Truth().state()
        self.libvirt.stop()
        self.tap.ok(answers('domain', 'vm-app') and answers('lease', 'alpha'), 'without libvirtd names go on resolving')
        self.libvirt.start()
        self.tap.same(before, Truth().state(), 'a restart of libvirtd changes no lease')
        self.checks.everything('libvirtd restarted')
        self.login('vm-app', 'web1')

    def network_restarts(self):
        self.libvirt.virsh('net-destroy', 'lab')
        self.checks.everything('network destroyed')
        self.clients['Udhcpc', 'ghost'].vanish()
        self.expire_soon('ghost', 6)
        self.libvirt.virsh('net-start', 'lab')
        self.tap.ok(answers('lease', 'ghost'), 'a guest that vanished has its name until its lease is over')
        self.plug_in_again('lab')
        self.checks.everything('network started again')

    def plug_in_again(self, network):
        for client in self.clients.values():
            if client.network == network and client.process.poll() is None:
                client.plug_in()

    def expire_soon(self, hostname, seconds):
        """dnsmasq gives no lease for less than two minutes, but takes up what it finds when it starts."""
        path = f'{LEASES}/{BRIDGES["lab"]}.status'
        entries = json.loads(read(path))
        for entry in entries:
            if entry.get('hostname') == hostname:
                entry['expiry-time'] = int(time.time()) + seconds
        write(path + '.new', json.dumps(entries))
        os.rename(path + '.new', path)

    def guest_vanishes(self):
        until(lambda: not Truth().answers('lease', 'ghost'), 'the end of a lease')
        self.tap.same([], answers('lease', 'ghost'), 'a lease that is over has no name')
        self.checks.everything('guest vanished')

    def network_of_machines_restarts(self):
        self.libvirt.virsh('net-destroy', 'default')
        self.libvirt.virsh('net-start', 'default')
        self.plug_in_again('default')
        self.libvirt.restart()      # which puts the domains' cards back on the bridge
        self.checks.everything('network of the domains destroyed and started')
        self.login('vm-app', 'web1')
        self.login('vm-store', 'db1')

    def domain_dies_unseen(self):
        self.libvirt.stop()
        self.db.crash()
        self.libvirt.start()
        until(lambda: self.db.name not in Truth().domains, 'libvirtd to see that a domain is gone')
        self.tap.same([], answers('domain', self.db.name), 'a domain that died without libvirtd has no address')
        self.checks.everything('domain died while libvirtd was away')

    def domain_of_the_administrator(self):
        self.service.stop()
        self.service.start('--domain=lab.example')
        expected = Truth().answers('lease', 'both')
        self.tap.same(expected, answers('lease', 'both.lab.example'), 'a name below a domain of the administrator')
        self.tap.same([['both.lab.example']] * len(expected), [reverse('lease', address) for address in expected],
                      'and back')
        self.tap.same([], answers('lease', 'both.example'), 'no name below another domain')
        self.service.stop()
        self.service.start()

    def all_go(self):
        self.app.destroy()
        clients = [client for client in self.clients.values() if client.process.poll() is None]
        with ThreadPoolExecutor() as pool:      # a dhclient takes its time
            list(pool.map(lambda client: client.release(), clients))
        macs = {client.mac for client in clients}
        until(lambda: not [lease for lease in Truth().leases if lease.mac in macs], 'the last releases')
        self.checks.everything('all guests gone')
        self.tap.same(0, self.service.stop(), 'the service ends cleanly')
