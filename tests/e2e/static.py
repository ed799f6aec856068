# SPDX-License-Identifier: LGPL-2.1-or-later
"""Names that the administrator gives in a network's XML, from the files that libvirt makes of it."""

import os
import subprocess

from doors import answers
from guests import Machine, Udhcpc, network_card
from shell import ask, until, write
from world import LEASES, WORK

NETWORK = '''
<network xmlns:dnsmasq="http://libvirt.org/schemas/network/dnsmasq/1.0">
  <name>static</name>
  <bridge name="virbr9" stp="off"/>
  <dns>
    <host ip="192.168.160.9"><hostname>nas</hostname><hostname>files</hostname></host>
    <host ip="fd00:160::9"><hostname>nas</hostname></host>
  </dns>
  <ip address="192.168.160.1" netmask="255.255.255.0">
    <dhcp>
      <range start="192.168.160.100" end="192.168.160.199"/>
      <host mac="52:54:00:cc:00:01" name="fixed" ip="192.168.160.10"/>
      <host mac="52:54:00:cc:00:02" ip="192.168.160.11"/>
      <host mac="52:54:00:CC:00:03" name="timed" ip="192.168.160.12"><lease expiry="30"/></host>
      <host mac="52:54:00:cc:00:09" name="off" ip="192.168.160.19"/>
      <host name="byname" ip="192.168.160.13"/>
    </dhcp>
  </ip>
  <ip family="ipv6" address="fd00:160::1" prefix="64">
    <dhcp>
      <range start="fd00:160::100" end="fd00:160::1ff"/>
      <host id="00:03:00:01:52:54:00:cc:00:01" name="fixed6" ip="fd00:160::10"/>
      <host name="v6name" ip="fd00:160::11"/>
    </dhcp>
  </ip>
  <dnsmasq:options><dnsmasq:option value="no-ping"/></dnsmasq:options>
</network>
'''
NAS = ['192.168.160.9', 'fd00:160::9']
CARDS = ['52:54:00:cc:00:01', '52:54:00:cc:00:02', '52:54:00:cc:00:03', '52:54:00:cc:00:04']
OF_THE_XML = {'nas': NAS, 'files': NAS[:1], 'off': [], 'byname': [], 'v6name': []}
OFF = {**OF_THE_XML, 'fixed': [], 'fixed6': [], 'timed': []}
ON = {**OF_THE_XML, 'fixed': ['192.168.160.10'], 'fixed6': ['fd00:160::10'], 'timed': ['192.168.160.12']}
MOVED = {'fixed': [], 'moved': ['192.168.160.50']}
GARBAGE = (b'nonsense\n', b'\0\0\n', b',,,,\n', b'\xff\xfe\n', b'52:54:00:cc:00:01,999.1.1.1,fixed\n',
           b'192.168.160.\tnas\t\n', b'x' * 5000 + b'\n', b'#\n', b'\n')


class Static:
    def __init__(self, tap, libvirt, cache):
        self.tap, self.libvirt, self.cache = tap, libvirt, cache

    def names(self):
        self.tap.phase('static names')
        self.network_starts()
        self.domain_starts()
        self.network_is_updated()
        self.files_hold_garbage()
        self.lease_comes_and_goes()
        self.domain_goes()
        self.network_goes()

    # ---- small things ----

    def same(self, expected, what):
        """The next lookups, with nothing awaited."""
        said = {name: answers('lease', name) for name in expected}
        self.tap.same(expected, said, f'static names: {what}')

    def update(self, command, section, xml):
        self.libvirt.virsh('net-update', 'static', command, section, xml, '--live')

    def files(self):
        return [f'{LEASES}/static.{kind}' for kind in ('hostsfile', 'addnhosts')]

    def waits(self, name, timeout):
        return subprocess.Popen(['libvirt-resolve', 'wait', f'--timeout={timeout}', name], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True)

    # ---- what happens ----

    def network_starts(self):
        write(WORK + '/static.xml', NETWORK)
        self.libvirt.virsh(f'net-define {WORK}/static.xml; net-start static')
        self.same(OFF, 'a network starts: those that need no domain are there')

    def domain_starts(self):
        self.vm = Machine(self.libvirt, self.cache, 'vm-fixed', 'fixed', CARDS[0],
                          ''.join(network_card(mac, 'static') for mac in CARDS))
        self.libvirt.virsh('start', '--paused', 'vm-fixed')
        self.same(ON, 'the domain starts: those of its MAC addresses, too')

    def network_is_updated(self):
        entry = '<host mac="52:54:00:cc:00:04" name="added" ip="192.168.160.{}"/>'
        host = '<host ip="192.168.160.{}"><hostname>{}</hostname></host>'
        self.update('add', 'ip-dhcp-host', entry.format(15))
        self.same({**ON, 'added': ['192.168.160.15']}, 'net-update add ip-dhcp-host: the next lookup has it')
        self.update('modify', 'ip-dhcp-host', entry.format(16))
        self.same({'added': ['192.168.160.16']}, 'net-update modify ip-dhcp-host: the next lookup has it')
        self.update('delete', 'ip-dhcp-host', entry.format(16))
        self.same({**ON, 'added': []}, 'net-update delete ip-dhcp-host: the next lookup has it not')
        self.update('add', 'dns-host', host.format(17, 'new'))
        self.same({**ON, 'new': ['192.168.160.17']}, 'net-update add dns-host: the next lookup has it')
        leased = answers('lease', 'alpha')
        self.tap.ok(leased, 'alpha has a lease')
        self.update('add', 'dns-host', host.format(18, 'alpha'))
        self.same({**ON, 'alpha': leased}, 'a lease with the name, of another network, wins')
        self.update('delete', 'dns-host', host.format(17, 'new'))
        self.same({**ON, 'new': []}, 'net-update delete dns-host: the next lookup has it not')

    def files_hold_garbage(self):
        """What libvirt doesn't write, before and after each of its lines."""
        for path in self.files():
            with open(path, 'rb') as f:
                lines = f.readlines()
            with open(path + '.new', 'wb') as f:
                f.write(b''.join(GARBAGE + sum(((line, *GARBAGE) for line in lines), ())) + b'192.168.160.9')
            os.rename(path + '.new', path)
        self.same(ON, 'garbage hides nothing')

    def lease_comes_and_goes(self):
        self.tap.same(3, ask('libvirt-resolve', 'wait', '--timeout=300ms', 'fixed')[0],
                      'libvirt-resolve wait does not end on a static name')
        waiting = self.waits('fixed', '60s')
        guest = Udhcpc('fixed', 'virbr9', CARDS[0], None)
        guest.start()
        self.tap.same((0, 'fixed: 192.168.160.10\n'), (waiting.wait(timeout=60), waiting.stdout.read()),
                      '... but on a lease')
        self.update('modify', 'ip-dhcp-host',
                    '<host mac="52:54:00:cc:00:01" name="moved" ip="192.168.160.50"/>')
        self.same({**ON, 'moved': []}, 'a lease with the MAC address wins')
        guest.release()
        until(lambda: answers('lease', 'fixed') != ON['fixed'], 'the release of a static address')
        self.same({**ON, **MOVED}, '... until it is released')

    def domain_goes(self):
        self.libvirt.virsh('undefine', 'vm-fixed')
        self.same({**ON, **MOVED}, 'a running domain is undefined: they stay')
        self.libvirt.virsh('destroy', 'vm-fixed')
        self.same({**OFF, 'moved': []}, 'the domain ends: its own are gone')

    def network_goes(self):
        self.libvirt.virsh('net-destroy', 'static')
        self.same({name: [] for name in OFF}, 'net-destroy: all are gone')
        self.tap.ok(all(map(os.path.exists, self.files())), '... though their files stay')
        self.libvirt.virsh('net-start', 'static')
        self.same(OFF, 'net-start: they are back')
        self.libvirt.virsh('net-undefine', 'static')
        self.same(OFF, 'net-undefine of a running network: they stay')
        self.libvirt.virsh('net-destroy', 'static')
        self.same({name: [] for name in OFF}, '... until it ends')
        self.tap.ok(not any(map(os.path.exists, self.files())), '... and their files are gone')
