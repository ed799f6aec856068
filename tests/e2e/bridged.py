# SPDX-License-Identifier: LGPL-2.1-or-later
"""
Guests without a lease of libvirt: on a bridge of the host's own, with an address of
their own or from somebody else's DHCP server, and on a network of libvirt's without DHCP.
"""

import json
import os
import re
import socket
import threading
import time

from guests import Machine, bridge_card, make_initramfs, network_card, ssh
from shell import ask, read, run, start, until, write
from world import DOMAINS, LOG, WORK, DomainsHelper, SeenHelper

# How long after it shows an address a guest has its name, in seconds; and on such a machine.
NAME_PROMISED = 2.5
NAME_ALLOWED = 10 * NAME_PROMISED

# How long after virsh has returned a fact may come, in seconds; and on a busy machine that emulates guests.
PROMISED = 0.1
ALLOWED = 10 * PROMISED

QUIET = '''
<network>
  <name>quiet</name>
  <bridge name="virbr8" stp="off"/>
  <domain name="a.lab"/>
  <ip address="10.8.0.1" netmask="255.255.255.0"/>
</network>
'''
DIRECT_CARD = """
<interface type="direct">
  <source dev="br1" mode="bridge"/><mac address="{}"/><model type="virtio"/>
</interface>"""
SWITCH_CARD = """
<interface type="bridge">
  <source bridge="ovs0"/><virtualport type="openvswitch"/><mac address="{}"/><model type="virtio"/>
</interface>"""
BARE_CARD = bridge_card('{}', 'br1')
USER_CARD = '<interface type="user"><mac address="{}"/><model type="virtio"/></interface>'


def make_bridges():
    """br0, on which the host has an address and somebody else runs DHCP, and br1, on which nobody has any."""
    for bridge in ('br0', 'br1'):
        run('ip', 'link', 'add', bridge, 'type', 'bridge', 'forward_delay', '0')
        run('ip', 'link', 'set', bridge, 'addrgenmode', 'none')
        run('ip', 'link', 'set', bridge, 'up')
    run('ip', 'address', 'add', '10.9.0.1/24', 'dev', 'br0')
    run('ip', 'netns', 'add', 'router')
    run('ip', 'link', 'add', 'v-router', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'router')
    run('ip', 'link', 'set', 'v-router', 'master', 'br0', 'up')
    run('ip', '-n', 'router', 'address', 'add', '10.9.0.2/24', 'dev', 'eth0')
    run('ip', '-n', 'router', 'link', 'set', 'eth0', 'up')
    start(LOG + '/router', 'nsenter', '--net=/run/netns/router', 'dnsmasq', '--keep-in-foreground', '--no-ping',
          '--conf-file=/dev/null', '--port=0', '--interface=eth0', '--dhcp-range=10.9.0.100,10.9.0.199',
          f'--dhcp-leasefile={WORK}/router.leases', f'--pid-file={WORK}/router.pid')


def macvtap_appears():
    """Whether a macvtap's device comes into /dev, which a container's has not."""
    run('ip', 'link', 'add', 'link', 'br1', 'name', 'probe0', 'type', 'macvtap')
    index = socket.if_nametoindex('probe0')
    try:
        return os.path.exists(f'/dev/tap{index}')
    finally:
        run('ip', 'link', 'del', 'probe0')


def make_switch(cache):
    """ovs0, an Open vSwitch in user space.  Returns whether there is one."""
    if ask('sh', '-c', 'ovs-vswitchd --version && ovs-vsctl --version')[0] != 0:
        return False
    os.mkdir('/run/openvswitch')
    run('ovsdb-tool', 'create', WORK + '/ovs.db', cache + '/openvswitch/vswitch.ovsschema')
    start(LOG + '/ovsdb-server', 'ovsdb-server', WORK + '/ovs.db', '--remote=punix:/run/openvswitch/db.sock',
          f'--unixctl={WORK}/ovsdb.ctl')
    until(lambda: os.path.exists('/run/openvswitch/db.sock'), 'the database of the switch')
    start(LOG + '/ovs-vswitchd', 'ovs-vswitchd', '--disable-system', f'--unixctl={WORK}/ovs.ctl')
    run('ovs-vsctl', '--timeout=60', 'add-br', 'ovs0', '--', 'set', 'bridge', 'ovs0', 'datapath_type=netdev')
    return True


def addresses_of(name):
    """What the C library has of a name."""
    return sorted({line.split()[0] for line in ask('getent', 'ahosts', name)[1].splitlines()})


class Reader:
    """Reads the facts over and over, and keeps what it saw that it shouldn't."""

    def __init__(self, helper, expected):
        self.helper, self.expected, self.wrong, self.reads, self.ends = helper, expected, [], 0, False
        self.thread = threading.Thread(target=self.read)

    def read(self):
        while not self.ends:
            try:
                said = self.helper.facts()
            except ValueError as e:
                said = str(e)
            if said != self.expected:
                self.wrong.append(said)
            self.reads += 1
            time.sleep(0.001)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.ends = True
        self.thread.join()


class Bridged:
    def __init__(self, tap, service, libvirt, cache):
        self.tap, self.service, self.libvirt, self.cache = tap, service, libvirt, cache
        self.slowest = 0

    def run(self):
        self.prepare()
        for scenario in (self.nothing_runs, self.machines_start, self.guests_have_names, self.guests_have_addresses,
                         self.networks_are_stated, self.helper_is_idle, self.card_comes_and_goes, self.card_moves,
                         self.odd_domain, self.guests_without_a_bridge, self.libvirtd_restarts,
                         self.guest_dies, self.guest_dies_without_libvirtd, self.helper_is_killed,
                         self.seen_is_killed, self.helper_starts_without_libvirtd,
                         self.helper_is_no_administrator, self.guest_falls_silent, self.names_go,
                         self.all_go):
            self.tap.phase(scenario.__name__.replace('_', ' '))
            scenario()
        self.tap.note(f'the slowest fact came {self.slowest * 1000:.0f} ms after virsh')

    # ---- small things ----

    def prepare(self):
        make_bridges()
        make_initramfs(self.cache)
        write(WORK + '/quiet.xml', QUIET)
        self.libvirt.virsh(f'net-define {WORK}/quiet.xml; net-start quiet')
        self.static = self.machine('vm-static', '52:54:00:bb:00:01', 'br0', '10.9.0.21/24')
        self.dhcp = self.machine('vm-dhcp', '52:54:00:bb:00:02', 'br0')
        self.quiet = self.machine('vm-quiet', '52:54:00:bb:00:03', None, '10.8.0.21/24')
        self.helper, self.seen = DomainsHelper(), SeenHelper()

    def machine(self, name, mac, bridge=None, address=None):
        card = bridge_card(mac, bridge) if bridge else network_card(mac, 'quiet')
        return Machine(self.libvirt, self.cache, name, name + '-host', mac, card, address)

    def cards(self):
        """What is stated, by MAC address: the domain, its bridge and its network."""
        return {entry['mac-address']: (entry['domain'], entry.get('bridge'), entry.get('network'))
                for entry in self.helper.facts() or [] if 'mac-address' in entry}

    def stated(self, expected, what):
        """The facts say so at once."""
        begin = time.monotonic()
        while self.cards() != expected and time.monotonic() - begin < ALLOWED:
            time.sleep(0.002)
        took = time.monotonic() - begin
        self.slowest = max(self.slowest, took)
        self.tap.same(expected, self.cards(), f'{what}: stated at once')

    def expected(self):
        return {self.static.mac: ('vm-static', 'br0', None), self.dhcp.mac: ('vm-dhcp', 'br0', None),
                self.quiet.mac: ('vm-quiet', 'virbr8', 'quiet')}

    def texts(self, names):
        """What query, guests and doctor say of guests, by verb: each text with single blanks."""
        query = ask('libvirt-resolve', 'query', *names)[2]
        findings = json.loads(ask('libvirt-resolve', 'doctor', '--json=short')[1])
        texts = {
            'query': query.replace('\n--', '').split(' It runs, '),
            'guests': run('libvirt-resolve', 'guests').split('No address: '),
            'doctor': [f'{finding["text"]}: {finding.get("advice")}' for finding in findings],
        }
        return {verb: [' '.join(text.split()) for text in said] for verb, said in texts.items()}

    def explained(self, kinds):
        """Each names cause and next step for each network card; kinds: name, cause, step by MAC address."""
        patterns = {mac: f'{mac}[^:]*: {re.escape(cause)}[.:] {re.escape(step)}'
                    for mac, (_, cause, step) in kinds.items()}

        def wrong():
            texts = self.texts(sorted({name for name, _, _ in kinds.values()}))
            return {(verb, mac): said for mac, pattern in patterns.items() for verb, said in texts.items()
                    if not any(re.search(pattern, text) for text in said)}
        end = time.monotonic() + ALLOWED
        while wrong() and time.monotonic() < end:
            time.sleep(0.1)
        unsaid = wrong()
        for mac, (name, cause, _) in kinds.items():
            for verb in ('query', 'guests', 'doctor'):
                self.tap.same([], unsaid.get((verb, mac), []), f'{verb} says of {name}: {cause}')

    # ---- what happens ----

    def nothing_runs(self):
        self.helper.start()
        self.tap.same([], self.helper.facts(), 'no domain runs: none is stated')
        self.tap.same([], self.helper.facts('networks'), 'no domain runs: no network is stated')
        self.tap.ok('Connected' not in read(self.helper.log), 'no domain runs: libvirt is not connected to')
        self.tap.same(0o644, os.stat(DOMAINS + '/domains.json').st_mode & 0o7777, 'everybody may read the facts')
        status = read(f'/proc/{self.helper.process.pid}/status')
        self.tap.ok('CapEff:\t0000000000000000' in status and 'CapBnd:\t0000000000000000' in status,
                    'the helper has no capability')

    def machines_start(self):
        self.seen.start()
        expected = {}
        for machine, card in zip((self.static, self.dhcp, self.quiet), self.expected().items()):
            machine.start()
            expected[card[0]] = card[1]
            self.stated(expected, f'{machine.name} started')

    def has_name(self, name, address, what, seconds=NAME_ALLOWED):
        """The C library knows the name, and no other address."""
        begin = time.monotonic()
        while addresses_of(name) != address and time.monotonic() - begin < seconds:
            time.sleep(0.02)
        self.tap.same(address, addresses_of(name), what)

    def guests_have_names(self):
        """Nobody on the host has sent these guests a packet; only the helper has asked them, each by its own tap."""
        for machine, address in ((self.static, '10.9.0.21'), (self.quiet, '10.8.0.21')):
            until(lambda machine=machine: addresses_of(machine.name), f'a name of {machine.name}')
            neighbours = run('ip', 'neighbour', 'show', address)
            self.tap.ok('lladdr' not in neighbours, f'the host has not asked for {address}', neighbours)
            self.has_name(machine.name, [address], f'{machine.name} has its address')
        until(lambda: addresses_of('vm-dhcp'), "a name of the guest with somebody else's lease")
        leased = re.search(rf'{self.dhcp.mac} (\S+)', read(WORK + '/router.leases'))[1]
        self.has_name('vm-dhcp', [leased], "vm-dhcp has the address of somebody else's DHCP server")
        for machine in (self.static, self.dhcp, self.quiet):
            status, out, err = ssh(machine.name, 'hostname')
            self.tap.ok((status, out.strip()) == (0, machine.hostname), f'ssh root@{machine.name} logs in', out, err)
        self.tap.same('vm-static', ask('getent', 'hosts', '10.9.0.21')[1].split()[1], 'an address has its name')
        arp = sum(address in ask('virsh', '-q', 'domifaddr', name, '--source', 'arp')[1]
                  for name, address in (('vm-static', '10.9.0.21'), ('vm-dhcp', leased), ('vm-quiet', '10.8.0.21')))
        self.tap.note(f'virsh domifaddr --source arp shows {arp} of these 3 addresses')
        guests = json.loads(run('libvirt-resolve', 'guests', '--json=short'))
        self.tap.same({('vm-static', 'seen'), ('vm-dhcp', 'seen'), ('vm-quiet', 'seen')},
                      {(guest['domain'], address['source']) for guest in guests for address in guest['addresses']},
                      'libvirt-resolve guests lists them')

    def seen_is_killed(self):
        """Lookups go on meanwhile."""
        failed = 0
        for _ in range(50):
            self.seen.kill()
            self.seen.start()
            failed += addresses_of('vm-static') != ['10.9.0.21']
        self.tap.same(0, failed, 'the helper that sees killed 50 times: no lookup failed')

    @staticmethod
    def gave_up(address):
        """Whether the kernel did; if not, somebody tries to connect: the entry may have been fresh until now."""
        if 'FAILED' in run('ip', 'neighbour', 'show', address, 'dev', 'br0'):
            return True
        ask('busybox', 'nc', '-w', '1', address, '22')
        return False

    def guest_falls_silent(self):
        """Nothing tells that a guest no longer answers; the first to connect finds out, for all after him."""
        address = '10.9.0.21'
        facts = self.helper.facts()
        self.libvirt.virsh('suspend', 'vm-static')
        self.tap.same(facts, self.helper.facts(), 'a guest is paused: no fact changes')
        self.tap.same([address], addresses_of('vm-static'), '... and its name stays')
        status, out, err = ssh('vm-static', 'hostname')
        self.tap.ok(status != 0 and 'resolve' not in err, '... but ssh fails', out, err)
        until(lambda: self.gave_up(address), 'the kernel to give up')
        self.has_name('vm-static', [], '... and for who comes next the name is gone', ALLOWED)
        self.libvirt.virsh('resume', 'vm-static')
        until(lambda: ask('busybox', 'ping', '-c', '1', '-W', '1', address)[0] == 0, 'a guest that goes on')
        self.has_name('vm-static', [address], '... until it answers again')

    def names_go(self):
        """With the guest, its card or its bridge."""
        write(WORK + '/moved.xml', bridge_card(self.static.mac, 'br1'))
        self.libvirt.virsh('update-device', 'vm-static', WORK + '/moved.xml', '--live')
        self.has_name('vm-static', [], 'a card moved to a bridge where the host has no address: no name', ALLOWED)
        write(WORK + '/moved.xml', bridge_card(self.static.mac, 'br0'))
        self.libvirt.virsh('update-device', 'vm-static', WORK + '/moved.xml', '--live')
        self.quiet.destroy()
        self.has_name('vm-quiet', [], 'a guest is destroyed: no name', ALLOWED)
        self.quiet.start()
        until(lambda: addresses_of('vm-quiet') == ['10.8.0.21'], 'the name of a guest that is started again')
        self.tap.same(0, self.seen.stop(), 'the helper that sees ends cleanly')
        self.has_name('vm-quiet', [], 'without it there are no such names', ALLOWED)
        cause = "it has no lease, and libvirt-resolve-seen doesn't watch its bridge"
        self.explained({machine.mac: (machine.name, cause, 'What watches it: libvirt-resolve bridged enable')
                        for machine in (self.static, self.quiet)})

    def guests_have_addresses(self):
        """The world is as tests of seen addresses need it."""
        for address in ('10.9.0.21', '10.8.0.21'):
            until(lambda: ask('busybox', 'ping', '-c', '1', '-W', '1', address)[0] == 0, f'a guest at {address}')
        until(lambda: self.dhcp.mac in read(WORK + '/router.leases'), "a lease of somebody else's DHCP server")
        self.tap.ok(True, 'the guests have their addresses')

    def networks_are_stated(self):
        by_name = {network['network']: network for network in self.helper.facts('networks')}
        self.tap.same({'network': 'quiet', 'bridge': 'virbr8', 'domain': 'a.lab'}, by_name['quiet'], 'a network')
        self.tap.same({'network': 'default', 'bridge': 'virbr0'}, by_name['default'], 'a network without a domain')
        self.libvirt.virsh('net-destroy', 'lab')
        until(lambda: 'lab' not in [n['network'] for n in self.helper.facts('networks')], 'a network to go')
        self.libvirt.virsh('net-start', 'lab')
        until(lambda: 'lab' in [n['network'] for n in self.helper.facts('networks')], 'a network to come')
        self.tap.ok(True, 'networks come and go')

    def helper_is_idle(self):
        """While nothing happens, the process doesn't wake up, except for libvirtd's keepalive messages."""
        def wakeups():
            status = read(f'/proc/{self.helper.process.pid}/status')
            return re.search(r'^voluntary_ctxt_switches:\s*(\d+)$', status, re.M)[1]

        def sleeps_for(seconds):
            before = wakeups()
            time.sleep(seconds)
            return wakeups() == before
        # Bridges that were just made still change for a few seconds.
        self.tap.ok(any(sleeps_for(7) for _ in range(3)), 'the helper sleeps while nothing happens')

    def card_comes_and_goes(self):
        mac = '52:54:00:bb:01:01'
        self.libvirt.virsh('attach-interface', 'vm-static', 'bridge', 'br1', '--model', 'virtio', '--mac', mac,
                           '--live')
        self.stated({**self.expected(), mac: ('vm-static', 'br1', None)}, 'a network card attached')
        time.sleep(5)       # a guest that is booting doesn't let go
        self.libvirt.virsh('detach-interface', 'vm-static', 'bridge', '--mac', mac, '--live')
        until(lambda: mac not in self.libvirt.virsh('dumpxml', 'vm-static'), 'the card to go')
        self.stated(self.expected(), 'a network card detached')

    def card_moves(self):
        for bridge in ('br1', 'br0'):
            write(WORK + '/moved.xml', bridge_card(self.dhcp.mac, bridge))
            self.libvirt.virsh('update-device', 'vm-dhcp', WORK + '/moved.xml', '--live')
            self.stated({**self.expected(), self.dhcp.mac: ('vm-dhcp', bridge, None)},
                        f'a network card moved to {bridge}')

    def odd_domain(self):
        name, mac = 'ö"d', '52:54:00:bb:02:01'
        odd = Machine(self.libvirt, self.cache, name, 'odd', mac, USER_CARD.format(mac))
        self.libvirt.virsh('start', '--paused', name)
        self.stated({**self.expected(), mac: (name, None, None)}, 'a domain with an odd name, in user mode')
        reasons = [entry['reason'] for entry in self.helper.facts() if entry['domain'] == name]
        self.tap.same(['user mode networking is behind an address of the host'], reasons, 'why it has no bridge')
        odd.destroy()
        self.stated(self.expected(), 'it is destroyed')

    def guests_without_a_bridge(self):
        """What has no name for a reason; none of it needs to boot."""
        elsewhere = 'It has a name with another network card, on a bridge: virsh attach-interface'
        kinds = [
            (USER_CARD, None, 'user mode networking is behind an address of the host',
             'What reaches it: a <portForward>'),
            (BARE_CARD, 'br1', 'this host has no address on its bridge',
             'It has a name once the host has an address on that bridge: ip address add'),
        ]
        if macvtap_appears():
            kinds.append((DIRECT_CARD, None, 'macvtap is on no bridge', elsewhere))
        else:
            self.tap.note('without macvtap: its device does not come into /dev here')
        if make_switch(self.cache):
            kinds.append((SWITCH_CARD, None, "Open vSwitch isn't a Linux bridge", elsewhere))
        else:
            self.tap.note('without Open vSwitch, which tests/e2e/fetch fetches')
        kinds = {f'52:54:00:bb:03:{i:02}': kind for i, kind in enumerate(kinds)}
        apart = Machine(self.libvirt, self.cache, 'vm-apart', 'apart', None,
                        ''.join(card.format(mac) for mac, (card, *_) in kinds.items()))
        self.libvirt.virsh('start', '--paused', 'vm-apart')
        cards = {mac: ('vm-apart', bridge, None) for mac, (_, bridge, *_) in kinds.items()}
        self.stated({**self.expected(), **cards},
                    'network cards without a bridge that has an address')
        self.explained({mac: ('vm-apart', cause, step) for mac, (*_, cause, step) in kinds.items()})
        apart.destroy()
        self.stated(self.expected(), 'it is destroyed')

    def libvirtd_restarts(self):
        facts = self.helper.facts()
        with Reader(self.helper, facts) as reader:
            self.libvirt.restart()
            until(lambda: read(self.helper.log).count('Connected to libvirt.') == 2, 'the helper to reconnect')
        self.tap.ok(not reader.wrong and reader.reads > 10, 'a restart of libvirtd changes no fact', *reader.wrong[:3])
        self.card_moves()

    def guest_dies(self):
        """QEMU ends, and libvirtd sees it."""
        self.dhcp.crash()
        expected = self.expected()
        del expected[self.dhcp.mac]
        self.stated(expected, 'QEMU killed')
        until(lambda: 'vm-dhcp' not in self.libvirt.virsh('list', '--name'), 'libvirtd to see that a domain is gone')
        until(lambda: 'vm-dhcp' not in [entry['domain'] for entry in self.helper.facts()], 'the domain to go')
        self.dhcp.start()
        self.stated(self.expected(), 'started again')

    def guest_dies_without_libvirtd(self):
        facts = self.helper.facts()
        self.libvirt.kill()
        time.sleep(0.5)
        self.tap.same(facts, self.helper.facts(), 'libvirtd killed: the facts stay')
        self.dhcp.crash()
        expected = self.expected()
        del expected[self.dhcp.mac]
        self.stated(expected, 'QEMU killed while libvirtd is dead')
        with Reader(self.helper, self.helper.facts()) as reader:
            self.libvirt.start()
            until(lambda: read(self.helper.log).count('Connected to libvirt.') == 3, 'the helper to reconnect')
        self.tap.ok(not reader.wrong, 'libvirtd started again: nothing changes', *reader.wrong[:3])
        self.dhcp.start()
        self.stated(self.expected(), 'started again after that')

    def helper_is_killed(self):
        facts = self.helper.facts()
        with Reader(self.helper, facts) as reader:
            for _ in range(50):
                self.helper.kill()
                self.helper.start()
        self.tap.ok(not reader.wrong and reader.reads > 50,
                    f'the helper killed 50 times: {reader.reads} readings of the same facts', *reader.wrong[:3])
        self.tap.same(['domains.json', 'networks.json'], sorted(f for f in os.listdir(DOMAINS) if '.new' not in f),
                      'and no other file is left')

    def helper_starts_without_libvirtd(self):
        facts = self.helper.facts()
        self.libvirt.kill()
        self.helper.kill()
        self.helper.start()
        time.sleep(0.5)
        self.tap.same(facts, self.helper.facts(), 'started while libvirtd is dead: the facts of before stay')
        connected = read(self.helper.log).count('Connected to libvirt.')
        self.libvirt.start()
        until(lambda: read(self.helper.log).count('Connected to libvirt.') > connected, 'the helper to connect')
        self.stated(self.expected(), 'libvirtd is back')

    def helper_is_no_administrator(self):
        """What somebody could do who has taken the helper over."""
        for arguments in (('-r', 'define', WORK + '/vm-static.xml'), ('-r', 'destroy', 'vm-static'),
                          ('-r', 'domifaddr', 'vm-static', '--source', 'agent')):
            status, out, err = ask(*self.helper.as_user(), 'virsh', '-q', '-c', 'qemu:///system', *arguments)
            self.tap.ok(status != 0 and ('read only' in err or 'read-only' in err),
                        f'as its user, virsh {arguments[1]} is refused', out, err)
        status, out, err = ask(*self.helper.as_user(), 'touch', '/run/libvirt-resolve/x', '/run/libvirt/qemu/x.pid')
        self.tap.ok(err.count('Permission denied') == 2, 'as its user, no file of others can be written', err)

    def starts_while_the_helper_leaves(self):
        """Ten seconds after the last domain's end: domains start around the moment at which the helper disconnects."""
        for delay in (9.8, 9.9, 10.0):
            self.static.destroy()
            self.stated({}, 'destroyed')
            time.sleep(delay)
            self.static.start()
            self.stated({self.static.mac: ('vm-static', 'br0', None)}, f'started {delay} s after the last one ended')

    def no_helper_runs(self):
        """A guest on a bridge of the host's own is unknown; each says what would make it known."""
        steps = {'query': 'only while its addresses are watched for: libvirt-resolve bridged status',
                 'guests': "libvirt-resolve-domains doesn't run. For details: libvirt-resolve bridged status",
                 'doctor': 'To give it a name: libvirt-resolve bridged enable'}
        texts = self.texts(['vm-static'])
        for verb, step in steps.items():
            self.tap.ok(any(step in text for text in texts[verb]), f'without helpers {verb} says what to do',
                        *texts[verb])

    def all_go(self):
        for machine in (self.static, self.dhcp, self.quiet):
            machine.destroy()
        self.stated({}, 'all domains destroyed')
        self.tap.same([], self.helper.facts(), 'none is stated')
        until(lambda: read(self.helper.log).rstrip().endswith('disconnecting from libvirt.'),
              'the helper to disconnect')
        until(lambda: self.helper.facts('networks') == [], 'the networks to go')
        self.tap.ok(True, 'no network is stated without a domain')
        self.static.start()
        self.stated({self.static.mac: ('vm-static', 'br0', None)}, 'started after the helper had disconnected')
        self.starts_while_the_helper_leaves()
        self.tap.same(0, self.helper.stop(), 'the helper ends cleanly')
        self.tap.same([], os.listdir(DOMAINS), 'and leaves no facts')
        self.no_helper_runs()
        self.static.destroy()
        self.tap.same(0, self.service.stop(), 'the service ends cleanly')
