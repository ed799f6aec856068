# SPDX-License-Identifier: LGPL-2.1-or-later
"""
The guests: DHCP clients in network namespaces, which are cheap, and virtual
machines under QEMU's emulation, which are real.
"""

import os
import re
import shutil
import signal

from xml.sax.saxutils import escape

from shell import ask, read, run, start, until, write
from world import BRIDGES, LOG, WORK

HERE = os.path.dirname(os.path.abspath(__file__))


class Client:
    """A DHCP client, alone in a network namespace with a cable to a bridge, or to a network's."""

    def __init__(self, place, network, mac, hostname=None):
        self.place, self.network, self.mac, self.hostname = place, network, mac, hostname
        self.process = None
        if not os.path.exists('/run/netns/' + place):
            self.make_place()

    def make_place(self):
        """Several clients may share one."""
        run('ip', 'netns', 'add', self.place)
        run('ip', 'link', 'add', 'v-' + self.place, 'type', 'veth',
            'peer', 'name', 'eth0', 'address', self.mac, 'netns', self.place)
        for setting in ('accept_dad', 'accept_ra'):
            self.inside('sh', '-c', f'echo 0 > /proc/sys/net/ipv6/conf/eth0/{setting}')
        self.inside('ip', 'link', 'set', 'eth0', 'up')
        self.plug_in()

    def plug_in(self):
        """Needed anew whenever the bridge is another one."""
        run('ip', 'link', 'set', 'v-' + self.place, 'master', BRIDGES.get(self.network, self.network), 'up')

    def nsenter(self):
        return 'nsenter', f'--net=/run/netns/{self.place}'

    def inside(self, *command):
        return run(*self.nsenter(), *command)

    def launch(self, *command):
        self.process = start(f'{LOG}/{self.place}', *self.nsenter(), *command)

    def vanish(self):
        """The guest is gone without a word to the DHCP server."""
        self.process.kill()
        self.process.wait()
        run('ip', 'netns', 'delete', self.place)


class Udhcpc(Client):
    """BusyBox's client; IPv4."""

    def start(self, *options):
        name = ('-x', 'hostname:' + self.hostname) if self.hostname else ()
        self.launch('busybox', 'udhcpc', '-f', '-R', '-i', 'eth0', '-t', '20', '-T', '1',
                    '-s', HERE + '/dhcp-script', *name, *options)

    def renew(self):
        self.process.send_signal(signal.SIGUSR1)

    def release(self):
        """Gives the lease back, and ends."""
        self.process.terminate()
        self.process.wait(timeout=10)


class Dhclient(Client):
    """ISC's client, for one family at a time."""

    family = '4'

    def command(self, *options):
        base = f'{WORK}/{self.place}.{self.family}'
        name = self.hostname and (f'send host-name "{self.hostname}";\n' if self.family == '4' else
                                  f'send fqdn.fqdn "{self.hostname}";\nsend fqdn.server-update on;\n')
        write(base + '.conf', name or '')
        identity = ('-D', 'LL') if self.family == '6' else ()
        return ('dhclient', '-' + self.family, *identity, '-cf', base + '.conf', '-lf', base + '.leases',
                '-pf', base + '.pid', '-sf', HERE + '/dhcp-script', *options, 'eth0')

    def start(self):
        self.launch(*self.command('-d'))

    def renew(self):
        """A client that starts again with its old lease asks for it first."""
        self.process.kill()
        self.process.wait()
        self.start()

    def release(self):
        self.inside(*self.command('-r'))
        self.process.wait(timeout=10)


class Dhclient6(Dhclient):
    family = '6'

    def start(self):
        """It gives up at once where the kernel hasn't made the link-local address yet."""
        until(lambda: self.inside('ip', '-6', 'address', 'show', 'dev', 'eth0', 'scope', 'link', '-tentative'),
              f'the link-local address of {self.place}')
        super().start()

    def renew(self):
        """Starting again it would only confirm its lease, unless the time to renew had come."""
        leases = f'{WORK}/{self.place}.6.leases'
        write(leases, re.sub(r'renew \d+;', 'renew 1;', read(leases)))
        super().renew()


# ---- virtual machines ----

MODULES = ('virtio_pci', 'virtio_net')
DOMAIN = '''
<domain type="qemu">
  <name>{name}</name>
  <memory unit="MiB">160</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch="x86_64" machine="pc">hvm</type>
    <kernel>{cache}/vmlinuz</kernel>
    <initrd>{work}/initramfs</initrd>
    <cmdline>console=ttyS0 quiet no_timer_check mitigations=off guest.hostname={hostname} {more}</cmdline>
  </os>
  <features><acpi/></features>
  <cpu mode="maximum"/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>destroy</on_reboot>
  <devices>
    <controller type="usb" model="none"/>
    <memballoon model="none"/>
    <serial type="file"><source path="{log}/{name}.console"/></serial>
    {card}
  </devices>
</domain>
'''

CARD = '<interface type="{kind}">{source}<mac address="{mac}"/><model type="virtio"/><rom enabled="no"/></interface>'


def network_card(mac, network='default'):
    return CARD.format(kind='network', source=f'<source network="{network}"/>', mac=mac)


def bridge_card(mac, bridge):
    return CARD.format(kind='bridge', source=f'<source bridge="{bridge}"/>', mac=mac)


def modules_in_order(cache, names):
    """The paths of kernel modules, each behind those that it depends on, as its file says."""
    order = []
    for name in names:
        path = f'{cache}/{name}.ko'
        with open(path, 'rb') as f:
            needs = re.search(rb'\0depends=([^\0]*)\0', f.read())[1].decode()
        for path in modules_in_order(cache, needs.split(',') if needs else ()) + [path]:
            if path not in order:
                order.append(path)
    return order


def shared_objects(program):
    """All that the dynamic loader takes to start the program."""
    return re.findall(r'(/\S+) \(0x', run('ldd', program))


def make_initramfs(cache):
    """A system of three programs: BusyBox, dropbear, and guest-init, which starts them."""
    tree = WORK + '/guest'
    for directory in ('bin', 'dev', 'proc', 'sys', 'etc', 'modules', 'root/.ssh'):
        os.makedirs(f'{tree}/{directory}')
    shutil.copy('/bin/busybox', tree + '/bin/busybox')
    shutil.copy(HERE + '/guest-init', tree + '/init')
    for path in ['/usr/sbin/dropbear'] + shared_objects('/usr/sbin/dropbear'):
        os.makedirs(tree + os.path.dirname(path), exist_ok=True)
        shutil.copy(path, tree + path)
    for number, path in enumerate(modules_in_order(cache, MODULES)):
        shutil.copy(path, f'{tree}/modules/{number:02}-{os.path.basename(path)}')
    shutil.copy(HERE + '/dhcp-script', tree + '/etc/dhcp-script')
    write(tree + '/etc/passwd', 'root::0:0:root:/root:/bin/sh\n')
    write(tree + '/etc/group', 'root::0:\n')
    run('dropbearkey', '-t', 'ed25519', '-f', tree + '/etc/hostkey')
    run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', WORK + '/key')
    shutil.copy(WORK + '/key.pub', tree + '/root/.ssh/authorized_keys')
    os.chmod(tree + '/root', 0o700)
    run('sh', '-c', f'cd {tree} && find . | cpio --quiet -o -H newc -R 0:0 > {WORK}/initramfs')


class Machine:
    """A libvirt domain whose guest takes leases on every card it has, and runs an ssh server.
    With an address ("192.0.2.7/24"), it has that on its first card and asks no DHCP server there."""

    def __init__(self, libvirt, cache, name, hostname, mac, card=None, address=None):
        self.libvirt, self.name, self.hostname, self.mac = libvirt, name, hostname, mac
        write(f'{WORK}/{name}.xml', DOMAIN.format(name=escape(name, {'"': '&quot;'}), hostname=hostname, cache=cache,
                                                  work=WORK, log=LOG, card=card or network_card(mac),
                                                  more=f'guest.address={address}' if address else ''))
        libvirt.virsh('define', f'{WORK}/{name}.xml')

    def start(self):
        self.libvirt.virsh('start', self.name)

    def destroy(self):
        self.libvirt.virsh('destroy', self.name)

    def crash(self):
        """QEMU is gone, whether libvirt looks or not."""
        os.kill(int(read(f'/run/libvirt/qemu/{self.name}.pid')), signal.SIGKILL)

    def rename(self, name):
        self.libvirt.virsh('domrename', self.name, name)
        self.name = name

    def attach(self, network, mac):
        self.libvirt.virsh('attach-interface', self.name, 'network', network, '--model', 'virtio',
                           '--mac', mac, '--live')

    def detach(self, mac):
        self.libvirt.virsh('detach-interface', self.name, 'network', '--mac', mac, '--live')


def ssh(name, *command):
    """Logs in with a name and a key, and with no other help than nsswitch.conf."""
    return ask('ssh', '-F', 'none', '-i', WORK + '/key', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=4',
               '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR',
               'root@' + name, *command)
