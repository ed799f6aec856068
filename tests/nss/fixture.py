# SPDX-License-Identifier: LGPL-2.1-or-later

"""What the tests of this ring stand on: private mounts, an index of their own, a private bus.

The programs and directories come from the environment, where meson.build puts them.
NSS_TEST_WRAPPER may hold a command, valgrind say, to run each probe under.
"""

import ipaddress
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

import bus  # noqa: E402
from tap import skip  # noqa: E402
from waiting import SLOW, WRAPPER  # noqa: E402,F401

PROBE = os.environ['NSS_PROBE']
CLIENT_PROBE = os.environ['NSS_CLIENT_PROBE']
MOCK = os.environ['NSS_MOCK_SERVICE']
CLIENT = os.environ['NSS_CLIENT']
MODULES = {'lease': os.environ['NSS_LIBVIRT'], 'domain': os.environ['NSS_LIBVIRT_GUEST']}
LEASES = os.environ['NSS_LEASE_DIRECTORY']
RUNTIME = os.environ['NSS_RUNTIME_DIRECTORY']
CLIENT_OBJECT = os.environ['NSS_CLIENT_OBJECT']
INDEX = os.path.join(RUNTIME, 'names.cdb')


# ---- private mounts ----

def enter_private_mounts():
    """Runs the calling script anew in a mount namespace of its own, as root of a
    user namespace where need be, and sets the directories up there."""
    if 'NSS_TEST_MOUNTS' in os.environ:
        set_up_mounts(os.environ['NSS_TEST_MOUNTS'])
        return
    command = ['unshare', '--mount', '--propagation', 'private']
    if os.geteuid() != 0:
        command.append('--map-root-user')
    tried = subprocess.run(command + ['true'], stderr=subprocess.PIPE, text=True)
    if tried.returncode != 0:
        skip('needs root, or user namespaces, for a mount namespace of its own: ' + tried.stderr.strip())
    scratch = tempfile.mkdtemp(prefix='nss-mounts-')
    try:
        result = subprocess.run(command + [sys.executable] + sys.argv,
                                env=dict(os.environ, NSS_TEST_MOUNTS=scratch))
    finally:
        os.rmdir(scratch)
    sys.exit(result.returncode)


def mount(*arguments):
    subprocess.run(['mount'] + list(arguments), check=True)


def own_directory(path, scratch):
    """Makes path an empty directory of this mount namespace, whether it exists or not."""
    there = path
    while not os.path.isdir(there):
        there = os.path.dirname(there)
    if there != path and there.startswith('/usr'):
        layer = tempfile.mkdtemp(dir=scratch)
        os.chmod(layer, 0o755)
        os.makedirs(os.path.join(layer, os.path.relpath(path, there)))
        mount('-t', 'overlay', '-o', f'lowerdir={layer}:{there}', 'overlay', there)
    elif there != path:
        make_writable(there, scratch)
        os.makedirs(path)
    mount('-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', path)


def make_writable(directory, scratch):
    """Puts a tmpfs in a directory's place that shows all that was there.  An overlay, as for
    the many files of /usr, would do so only once where the root is one, as in a container."""
    before = tempfile.mkdtemp(dir=scratch)
    mount('--rbind', directory, before)
    mount('-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', directory)
    for entry in os.scandir(before):
        place = os.path.join(directory, entry.name)
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), place)
            continue
        if entry.is_dir():
            os.makedirs(place, exist_ok=True)   # mount(8) makes /run/mount
        else:
            open(place, 'w').close()
        mount('--rbind', entry.path, place)


def set_up_mounts(scratch):
    mount('-t', 'tmpfs', 'tmpfs', scratch)
    own_directory(RUNTIME, scratch)
    own_directory(os.path.dirname(LEASES), scratch)
    own_directory(os.path.dirname(CLIENT_OBJECT), scratch)
    own_directory('/run/dbus', scratch)
    os.mkdir(LEASES)
    shutil.copy(CLIENT, CLIENT_OBJECT)


# ---- an index, written from the description of the format alone ----

MAGIC = 0x33584449564c0a0d
SALT = bytes(range(1, 17))
LIVE, FAILED, ABSENT = 1, 2, 3


def stamps(path):
    st = os.stat(path)
    return struct.pack('=QQqqII', st.st_dev, st.st_ino, st.st_mtime_ns // 10**9, st.st_ctime_ns // 10**9,
                       st.st_mtime_ns % 10**9, st.st_ctime_ns % 10**9)


def meta(state=LIVE, stamp=None, magic=MAGIC):
    return struct.pack('=QII', magic, state, 0) + (stamps(LEASES) if stamp is None else stamp) + SALT + bytes(8)


def siphash(salt, data):
    """SipHash-2-4."""
    mask = (1 << 64) - 1
    k0, k1 = struct.unpack('<QQ', salt)
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def mix(a, b, turn, turn_a=0):
        v[a] = (v[a] + v[b]) & mask
        v[b] = (v[b] << turn & mask | v[b] >> (64 - turn)) ^ v[a]
        if turn_a:
            v[a] = v[a] << turn_a & mask | v[a] >> (64 - turn_a)

    def rounds(n):
        for _ in range(n):
            mix(0, 1, 13, 32)
            mix(2, 3, 16)
            mix(2, 1, 17, 32)
            mix(0, 3, 21)

    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 255])
    for word, in struct.iter_unpack('<Q', padded):
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xff
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def tagged(key):
    return b'%08x' % (siphash(SALT, key) & 0xffffffff) + key


def value(entries):
    """entries: (canonical name, address or None, expiry, interface, variant)."""
    head = struct.pack('=H6x', len(entries))
    start = 8 + 48 * len(entries)
    strings, places = b'', {}
    for name, address, expiry, interface, variant in entries:
        packed = ipaddress.ip_address(address).packed if address else b''
        family = {0: 0, 4: socket.AF_INET, 16: socket.AF_INET6}[len(packed)]
        if name not in places:
            places[name] = start + len(strings)
            strings += name.encode() + b'\0'
        head += struct.pack('=q16s16sIBBH', expiry, packed, interface.encode(), 0, family, variant,
                            places[name])
    return head + strings


def cdb(records):
    def hash_of(key):
        h = 5381
        for byte in key:
            h = ((h + (h << 5)) & 0xffffffff) ^ byte
        return h

    body, slots = b'', [[] for _ in range(256)]
    for key, data in records:
        h = hash_of(key)
        slots[h & 255].append((h, 2048 + len(body)))
        body += struct.pack('<II', len(key), len(data)) + key + data
    toc, tables = b'', b''
    for chosen in slots:
        n = 2 * len(chosen)
        toc += struct.pack('<II', 2048 + len(body) + len(tables), n)
        table = [(0, 0)] * n
        for h, position in chosen:
            at = (h >> 8) % n
            while table[at][1]:
                at = (at + 1) % n
            table[at] = (h, position)
        tables += b''.join(struct.pack('<II', *slot) for slot in table)
    return toc + body + tables


def index(hostnames=None, domains=None, **kwargs):
    """hostnames, domains: {name: [(address, expiry, interface)...]}."""
    records, reverse = [(b'META', meta(**kwargs))], {}
    for letter, variant, names in (b'h', 1, hostnames or {}), (b'd', 2, domains or {}):
        for name, leases in names.items():
            entries = [(name, *lease, variant) for lease in leases]
            records.append((tagged(letter + name.lower().encode()), value(entries)))
            for entry in entries:
                if entry[1]:
                    ip = ipaddress.ip_address(entry[1])
                    reverse.setdefault(b'a%d' % ip.version + ip.packed, []).append(entry)
    records += [(tagged(key), value(entries)) for key, entries in reverse.items()]
    return cdb(records)


def publish(data):
    with open(INDEX + '.new', 'wb') as f:
        f.write(data)
    os.chmod(INDEX + '.new', 0o644)
    os.rename(INDEX + '.new', INDEX)


# ---- probes ----

def probe(variant, function, family, name, *size, options=(), env=None):
    """The probe's lines."""
    environment = dict(os.environ)
    environment.update(env or {})
    r = subprocess.run([*WRAPPER, PROBE, *options, MODULES[variant], function, str(family), name,
                        *[s if isinstance(s, bytes) else str(s) for s in size]],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, timeout=60)
    if r.returncode != 0 or r.stderr:
        raise AssertionError(f'probe: status {r.returncode}, {r.stderr.decode()}')
    return r.stdout.decode('utf-8', 'surrogateescape').splitlines()


# ---- a bus ----

class Bus(bus.Bus):
    """A bus, and the mock service on it."""

    def __init__(self, more='', activation=False):
        super().__init__(more)
        self.mock = None
        self.fuse = os.path.join(self.directory, 'fuse')
        self.environment['MOCK_FUSE'] = self.fuse
        if activation:
            self.activate(f'"{MOCK}"')

    def start_mock(self):
        environment = dict(self.environment, MOCK_FREEZE=str(self.daemon.pid))
        self.mock = subprocess.Popen([MOCK], env=environment, stdout=subprocess.PIPE)
        assert self.mock.stdout.readline() == b'ready\n'
        return self

    def close(self):
        if self.mock:
            self.mock.send_signal(signal.SIGCONT)
            self.mock.kill()
            self.mock.wait()
            self.mock.stdout.close()
        super().close()


def ask(name, family=0, variant='lease', live=False, address=None, env=None):
    """The bus client's answer: milliseconds, result, the rest."""
    environment = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=address or '')
    environment.update(env or {})
    r = subprocess.run([*WRAPPER, CLIENT_PROBE, CLIENT, variant, str(family), name, *(['live'] if live else [])],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, timeout=60)
    if r.returncode != 0 or r.stderr:
        raise AssertionError(f'client-probe: status {r.returncode}, {r.stderr.decode()}')
    milliseconds, result, *rest = r.stdout.decode().split()
    return float(milliseconds), result, ' '.join(rest)
