# SPDX-License-Identifier: LGPL-2.1-or-later

"""The real service, on a bus of its own, and the real modules, in private mounts.

On top of the NSS ring's fixture: the lease and runtime directories are this process' own.
"""

import json
import os
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, os.environ['NSS_FIXTURE_DIRECTORY'])

import fixture  # noqa: E402
import leases as lease_files  # noqa: E402
import service  # noqa: E402
import tap  # noqa: E402
from fixture import CLIENT_OBJECT, INDEX, LEASES, MODULES, RUNTIME, SLOW  # noqa: E402,F401
from tap import note as say, skip  # noqa: E402,F401
from waiting import PATIENCE, at_most, wait_for  # noqa: E402,F401

SERVICE = os.environ['LIBVIRT_RESOLVED']
HAMMER = os.environ['HAMMER']
ASK = os.environ['HAMMER_ASK']
LONG = os.environ.get('HAMMER_LONG') == '1'
NAME = 'org.libvirt.Resolve1'

# What helpers state beside (tests/seen/beside.py): with it there are answers without a lease directory, too.
BESIDE = os.environ.get('TEST_BESIDE')
WITHOUT_LEASES = 'NOTFOUND' if BESIDE else 'UNAVAIL'
STATE_WITHOUT_LEASES = 'live' if BESIDE else 'absent'

# Whether this is root, and not only of a user namespace.
with open('/proc/self/uid_map', encoding='ascii') as uid_map:
    ROOT = uid_map.read().split() == ['0', '0', '4294967295']


def Service(bus, *options, env=(), **more):
    return service.Service(dict(bus.environment, **dict(env)), LEASES, RUNTIME, *options, **more)


class Bus(fixture.Bus):
    """activation: whoever calls the service waits until it is there, as with systemd, which
    starts it again by itself."""

    def __init__(self, activation=False, **kwargs):
        super().__init__(**kwargs)
        if activation:
            self.activate('/bin/true')

    def call(self, method, *arguments):
        r = subprocess.run(['dbus-send', f'--bus={self.address}', '--print-reply', '--dest=org.freedesktop.DBus',
                            '/org/freedesktop/DBus', f'org.freedesktop.DBus.{method}', *arguments],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30)
        return r.stdout if r.returncode == 0 else ''

    def has_owner(self):
        return 'true' in self.call('NameHasOwner', f'string:{NAME}')

    def environ(self, door=None):
        return dict(self.environment, **({'LIBVIRT_NSS_BACKEND': door} if door else {}))


class Answer:
    def __init__(self, line):
        status, error, door, usec, n, address = line.split()
        self.status, self.door, self.address = status, door, address
        self.error, self.usec, self.n = int(error), int(usec), int(n)

    def __repr__(self):
        return f'{self.status} {self.address} ({self.door}, errno {self.error}, {self.usec} us)'


class Asker:
    """A process that looks names up through the modules."""

    def __init__(self, bus, door=None):
        self.process = subprocess.Popen([ASK, MODULES['lease'], MODULES['domain']], text=True, bufsize=1,
                                        env=bus.environ(door), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, name):
        self.process.stdin.write(name + '\n')

    def receive(self):
        return Answer(self.process.stdout.readline())

    def ask(self, name):
        self.send(name)
        return self.receive()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def hammer(bus, scenario, wait=True, **options):
    """Runs the hammer and returns its counts; or, where it isn't to be waited for, the process."""
    arguments = [f'--{name}={value}' for name, value in options.items()]
    process = subprocess.Popen([HAMMER, *arguments, scenario, MODULES['lease'], MODULES['domain'], LEASES],
                               env=bus.environ(), stdout=subprocess.PIPE, text=True)
    return hammer_counts(process) if wait else process


def hammer_counts(process):
    output, _ = process.communicate()
    if process.returncode != 0:
        raise AssertionError(f'hammer: status {process.returncode}')
    return json.loads(output)


def assert_all_answered(test, counts, what=None):
    """No lookup was stale or failed; on a busy machine its time may have run out."""
    test.assertEqual((counts['stale'], counts['failed']), (0, 0), what)
    test.assertLessEqual(counts['timed_out'], at_most(0), what)


def say_counts(what, c):
    say(f'{what}: {c["changes"]} changes, {c["lookups"]} lookups ({c["index"]} by the index, {c["bus"]} over the '
        f'bus), {c["stale"]} stale, {c["failed"]} failed, {c["timed_out"]} timed out, longest {c["longest_usec"] / 1000:.1f} ms '
        f'(index {c["longest_index_usec"] / 1000:.2f} ms)')


# ---- lease files ----

def status_document(leases):
    """leases: {hostname or None: address or (address, MAC)}."""
    entries = []
    for i, (hostname, address) in enumerate(leases.items()):
        mac = f'52:54:00:00:{i >> 8:02x}:{i & 255:02x}'
        if isinstance(address, tuple):
            address, mac = address
        entries.append({'ip-address': address, 'mac-address': mac, 'hostname': hostname, 'expiry-time': 0})
    return json.dumps(entries).encode()


def put(name, data, directory=LEASES):
    """Puts a file in place as libvirt does."""
    lease_files.put(directory, name, data)


def put_leases(name, leases, directory=LEASES):
    put(name, status_document(leases), directory)


def clear_directory(path):
    for name in os.listdir(path):
        full = os.path.join(path, name)
        if os.path.isdir(full) and not os.path.islink(full):
            shutil.rmtree(full)
        else:
            os.unlink(full)


def index_state():
    """"live", "failed" or "absent", as the index' first record has it; or None."""
    try:
        with open(INDEX, 'rb') as f:
            head = f.read(2048 + 64)
    except FileNotFoundError:
        return None
    return {fixture.LIVE: 'live', fixture.FAILED: 'failed', fixture.ABSENT: 'absent'}.get(
        struct.unpack_from('<I', head, 2048 + 8 + 4 + 8)[0])


def is_published():
    """Whether the index is as new as the lease directory, without asking anyone."""
    try:
        return os.stat(INDEX).st_mtime_ns == os.stat(LEASES).st_mtime_ns
    except FileNotFoundError:
        return False


def wait_published(asker, name='web1'):
    """Waits until the index answers."""
    return wait_for(f'{name} by the index', lambda: asker.ask(name).door == 'index')


# ---- file systems for the lease directory ----

def mount_file_system(kind, scratch):
    """Mounts a file system of that kind on the lease directory; returns a reason if it can't."""
    if kind == 'tmpfs':
        command = ['mount', '-t', 'tmpfs', 'tmpfs', LEASES]
    elif kind == 'ramfs':
        command = ['mount', '-t', 'ramfs', 'ramfs', LEASES]
    elif kind == 'overlay':
        lower, upper, work = (os.path.join(scratch, kind, d) for d in ('lower', 'upper', 'work'))
        for d in lower, upper, work:
            os.makedirs(d)
        command = ['mount', '-t', 'overlay', '-o', f'lowerdir={lower},upperdir={upper},workdir={work}',
                   'overlay', LEASES]
    else:
        image = os.path.join(scratch, 'image-' + kind)
        inode_size, options = {'ext4': (256, 'loop'), 'ext4-seconds': (128, 'loop'),
                               'ext4-slow': (256, 'loop,dirsync')}[kind]
        if not shutil.which('mkfs.ext4'):
            return 'there is no mkfs.ext4'
        with open(image, 'wb') as f:
            f.truncate(256 << 20)
        subprocess.run(['mkfs.ext4', '-q', '-F', '-I', str(inode_size), image], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        command = ['mount', '-o', options, image, LEASES]
    r = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if r.returncode != 0:
        return r.stderr.strip()
    os.chmod(LEASES, 0o755)
    return None


def unmount(path=LEASES):
    subprocess.run(['umount', path], check=True)


# ---- running ----

def main():
    """Runs the calling script's tests, or those that its arguments name."""
    tap.SKIPPED = 0
    fixture.enter_private_mounts()
    tap.run_unittest()
