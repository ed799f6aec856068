# SPDX-License-Identifier: LGPL-2.1-or-later
"""
A host of its own for the test: namespaces, private copies of the directories
that are written to, the installed tree over /usr, a system bus, libvirtd with
two networks, and the service.

All of it lives in namespaces, and all of its files on a tmpfs over /run:
when the first process of the PID namespace ends, however it ends, nothing is left.
"""

import glob
import json
import os
import pwd
import re
import signal
import socket
import uuid

from shell import Failed, ask, read, run, start, until, write

WORK = '/run/e2e'
LOG = WORK + '/log'
LEASES = '/var/lib/libvirt/dnsmasq'
RUNTIME = '/run/libvirt-resolve'
DOMAINS = '/run/libvirt-resolve-domains'
SEEN = '/run/libvirt-resolve-seen'
NAMESPACE_BUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'namespace-bus.conf')
UNSHARE = ('unshare', '--mount', '--propagation', 'private', '--net', '--uts', '--ipc', '--pid',
           '--fork', '--kill-child', '--mount-proc')

# With stp="on" a bridge keeps each new port waiting for four seconds; without "no-ping" dnsmasq
# looks for three whether an address is in use.
NETWORKS = {
    'default': '''
<network xmlns:dnsmasq="http://libvirt.org/schemas/network/dnsmasq/1.0">
  <name>default</name>
  <forward mode="nat"/>
  <bridge name="virbr0" stp="off"/>
  <ip address="192.168.122.1" netmask="255.255.255.0">
    <dhcp><range start="192.168.122.2" end="192.168.122.254"/></dhcp>
  </ip>
  <dnsmasq:options><dnsmasq:option value="no-ping"/></dnsmasq:options>
</network>
''',
    'lab': '''
<network xmlns:dnsmasq="http://libvirt.org/schemas/network/dnsmasq/1.0">
  <name>lab</name>
  <bridge name="virbr7" stp="off"/>
  <domain name="lab.example" localOnly="yes"/>
  <dns><host ip="192.168.150.9"><hostname>printer</hostname></host></dns>
  <ip address="192.168.150.1" netmask="255.255.255.0">
    <dhcp>
      <range start="192.168.150.100" end="192.168.150.199"/>
      <host mac="52:54:00:15:00:09" name="printer" ip="192.168.150.9"/>
    </dhcp>
  </ip>
  <ip family="ipv6" address="fd00:150::1" prefix="64">
    <dhcp>
      <range start="fd00:150::100" end="fd00:150::1ff"/>
      <host id="00:03:00:01:52:54:00:15:00:0a" name="scanner" ip="fd00:150::10"/>
    </dhcp>
  </ip>
  <dnsmasq:options><dnsmasq:option value="no-ping"/></dnsmasq:options>
</network>
''',
}
BRIDGES = {'default': 'virbr0', 'lab': 'virbr7'}
STATIC = {'printer': '192.168.150.9'}    # in the XML below, whether or not the guest is there


def as_first_process(main):
    """Runs main() as a child of the namespace's first process, which reaps the daemons that end."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = main()
        finally:
            os._exit(status)
    while True:
        pid, status = os.wait()
        if pid == child:
            return os.waitstatus_to_exitcode(status) & 0xff


def mount_private_trees(cache):
    run('mount', '-t', 'tmpfs', '-o', 'mode=755', 'e2e', '/run')
    for directory in (LOG, '/run/dbus', '/run/netns', '/run/lock', '/run/libvirt'):
        os.makedirs(directory)
    # It may be a mount of its own, which an overlay over /var doesn't show.
    kept = WORK + '/cache'
    os.mkdir(kept)
    run('mount', '--bind', cache, kept)
    for directory in ('etc', 'var'):
        upper, scratch = f'{WORK}/{directory}.upper', f'{WORK}/{directory}.work'
        os.mkdir(upper)
        os.mkdir(scratch)
        run('mount', '-t', 'overlay', '-o', f'lowerdir=/{directory},upperdir={upper},workdir={scratch}',
            'overlay', f'/{directory}')
    os.makedirs(cache, exist_ok=True)
    run('mount', '--bind', kept, cache)
    for directory in ('/var/lib/libvirt', '/var/log/libvirt', '/var/cache/libvirt', '/var/lib/dhcp'):
        os.makedirs(directory, exist_ok=True)
        run('mount', '-t', 'tmpfs', '-o', 'mode=755', 'e2e', directory)
    run('mount', '-t', 'sysfs', 'sysfs', '/sys')


def install_tree(build):
    """Installs the build, and lays it over /usr."""
    tree = WORK + '/tree'
    run('meson', 'install', '--no-rebuild', '-C', build, '--destdir', tree)
    if not os.path.isdir(tree + '/usr'):
        raise Failed('the build is not configured for the prefix /usr')
    if os.path.isdir(tree + '/lib'):        # which is a link to /usr/lib
        run('cp', '-a', tree + '/lib', tree + '/usr')
    run('mount', '-t', 'overlay', '-o', f'lowerdir={tree}/usr:/usr', 'overlay', '/usr')
    run('systemd-sysusers', *glob.glob(tree + '/usr/lib/sysusers.d/libvirt-resolve*.conf'))


def write_configuration():
    socket.sethostname('e2e-host')
    write('/etc/machine-id', uuid.uuid4().hex + '\n')
    write('/etc/hosts', '127.0.0.1 localhost\n')
    write('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files libvirt libvirt_guest dns\n')
    # Nobody listens there: a name that falls through to DNS fails at once.
    if os.path.islink('/etc/resolv.conf'):
        os.unlink('/etc/resolv.conf')
    write('/etc/resolv.conf', 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
    os.makedirs('/etc/libvirt', exist_ok=True)
    # Without keepalive messages of libvirtd, a client that wakes up does so by itself.
    write('/etc/libvirt/libvirtd.conf', 'auth_unix_ro = "none"\nauth_unix_rw = "none"\nkeepalive_interval = -1\n')
    write('/etc/libvirt/qemu.conf',
          'user = "root"\ngroup = "root"\ndynamic_ownership = 0\nremember_owner = 0\n'
          'security_driver = "none"\ncgroup_controllers = [ ]\nstdio_handler = "file"\n')
    # The user that libvirtd is built with must exist, whatever qemu.conf says.
    run('systemd-sysusers', '--inline', 'u libvirt-qemu -')


def start_bus():
    """As in tests/namespace, but that nobody except its user may be the service."""
    write(WORK + '/bus.conf', re.sub('<policy context="mandatory">.*?</policy>', '', read(NAMESPACE_BUS), flags=re.DOTALL))
    start(LOG + '/bus', 'dbus-daemon', f'--config-file={WORK}/bus.conf', '--nofork', '--nopidfile')
    until(lambda: os.path.exists('/run/dbus/system_bus_socket'), 'the system bus')


class Daemon:
    """A program of ours, started as its unit would start it."""

    def __init__(self, name, directory):
        self.name, self.directory, self.log = name, directory, f'{LOG}/{name}'
        unit = read(f'/usr/lib/systemd/system/{name}.service')
        self.command = re.search(r'^ExecStart=(\S+)', unit, re.M)[1]
        self.user = pwd.getpwnam(re.search(r'^User=(.*)$', unit, re.M)[1])
        self.environment = dict(line.split('=', 1) for line in re.findall(r'^Environment=(.*)$', unit, re.M))
        self.process = None

    def as_user(self):
        return ('setpriv', f'--reuid={self.user.pw_uid}', f'--regid={self.user.pw_gid}',
                '--clear-groups', '--inh-caps=-all', '--bounding-set=-all', '--no-new-privs')

    def start(self, *options):
        os.makedirs(self.directory, exist_ok=True)
        os.chown(self.directory, self.user.pw_uid, self.user.pw_gid)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(f'\0e2e-notify-{os.getpid()}')
            notify.settimeout(10)
            self.process = start(
                self.log, *self.as_user(), self.command, *options,
                env={'PATH': '/usr/bin', 'NOTIFY_SOCKET': f'@e2e-notify-{os.getpid()}', **self.environment})
            try:
                while b'READY=1' not in notify.recv(4096).split(b'\n'):
                    pass
            except TimeoutError:
                raise Failed(f'{self.name} did not become ready\n' + read(self.log)) from None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)


class Service(Daemon):
    def __init__(self):
        super().__init__('libvirt-resolved', RUNTIME)


class DomainsHelper(Daemon):
    def __init__(self):
        super().__init__('libvirt-resolve-domains', DOMAINS)

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=10)

    def facts(self, name='domains'):
        """What is stated; None: nothing."""
        path = f'{self.directory}/{name}.json'
        return json.loads(read(path)) if os.path.exists(path) else None


class SeenHelper(Daemon):
    def __init__(self):
        super().__init__('libvirt-resolve-seen', SEEN)

    def as_user(self):
        return ('setpriv', f'--reuid={self.user.pw_uid}', f'--regid={self.user.pw_gid}', '--clear-groups',
                '--inh-caps=-all,+net_raw', '--ambient-caps=-all,+net_raw', '--bounding-set=-all,+net_raw',
                '--no-new-privs')

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=10)


class Libvirt:
    """libvirtd, and what virsh says of it."""

    def start(self):
        run('libvirtd', '--daemon', '--pid-file', '/run/libvirtd.pid')
        until(lambda: ask('virsh', '-q', 'uri')[0] == 0, 'libvirtd', pause=0.1)

    def stop(self):
        """Ends the daemon; guests and networks stay."""
        pid = int(read('/run/libvirtd.pid'))
        os.kill(pid, signal.SIGTERM)
        until(lambda: not os.path.exists(f'/proc/{pid}'), 'the end of libvirtd')

    def kill(self):
        pid = int(read('/run/libvirtd.pid'))
        os.kill(pid, signal.SIGKILL)
        until(lambda: not os.path.exists(f'/proc/{pid}'), 'the end of libvirtd')

    def restart(self):
        self.stop()
        self.start()

    def virsh(self, *command, **options):
        return run('virsh', '-q', *command, **options)

    def define_network(self, name):
        write(f'{WORK}/{name}.xml', NETWORKS[name])
        self.virsh(f'net-define {WORK}/{name}.xml; net-autostart {name}; net-start {name}')


def bring_up(build, cache):
    """The whole world, which shows the cache; returns the service and libvirt."""
    mount_private_trees(cache)
    write_configuration()
    install_tree(build)
    run('ip', 'link', 'set', 'lo', 'up')
    # No waiting for duplicate address detection in a world that makes its own addresses.
    for which in ('all', 'default'):
        write(f'/proc/sys/net/ipv6/conf/{which}/accept_dad', '0')
    start_bus()
    os.environ['PATH'] += f':{cache}/openvswitch'
    service, libvirt = Service(), Libvirt()
    service.start()
    libvirt.start()
    for network in NETWORKS:
        libvirt.define_network(network)
    return service, libvirt


def logs():
    """The last lines of every log, for the report of a failure."""
    for path in sorted(glob.glob(LOG + '/*') + glob.glob('/var/log/libvirt/qemu/*.log')):
        lines = read(path).splitlines()[-25:]
        if lines:
            yield f'{path}:\n' + '\n'.join('    ' + line for line in lines)
