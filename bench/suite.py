# SPDX-License-Identifier: LGPL-2.1-or-later

"""The measurements.  Each part returns what it found, in ns where nothing else is said."""

import json
import os
import platform
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time

from harness import (INDEX, LEASES, MODULES, RUNTIME, Asker, Bus, Service, clear_directory, is_published, put, say,
                     wait_for)

import fixture

PROGRAMS = os.environ['BENCH_PROGRAMS']
ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
THEIRS = os.path.join(os.environ.get('LIBVIRT_RESOLVE_TEST_CACHE', '/var/cache/libvirt-resolve-tests'), 'e2e')
BRIDGE = 'virbr0'
SIZES = [1, 10, 100, 1000, 10000, 100000]
EXPIRY = int(time.time()) + 86400         # of all leases, so that a change is a change of one
PAIRED = [n for n in SIZES if n <= 10000]     # libvirt's takes 40 ms and more beyond


def program(name, *arguments, bus=None):
    r = subprocess.run([os.path.join(PROGRAMS, 'bench-' + name), *map(str, arguments)], stdout=subprocess.PIPE,
                       env=bus.environment if bus else {'PATH': os.environ['PATH'], 'LANG': 'C.UTF-8'})
    if r.returncode != 0:
        raise SystemExit(f'bench-{name} {arguments}: status {r.returncode}')
    return json.loads(r.stdout)


# ---- libvirt's own modules ----

def fetch_theirs():
    """libvirt's modules, which the tests compare ours with, too."""
    subprocess.run([os.path.join(ROOT, 'tests/e2e/fetch')], check=True, stdout=subprocess.DEVNULL)


def theirs_version():
    with open(os.path.join(THEIRS, 'versions')) as f:
        return next(line.strip() for line in f if line.startswith('libnss-libvirt_'))


def their(service):
    return os.path.join(THEIRS, f'libnss_{service}.so.2')


def our(service):
    return MODULES['domain' if service == 'libvirt_guest' else 'lease']


# ---- lease files ----

def lease(i, last=None):
    return {'ip-address': f'10.{i >> 16}.{i >> 8 & 255}.{last or i & 255}',
            'mac-address': f'52:54:00:{i >> 16:02x}:{i >> 8 & 255:02x}:{i & 255:02x}', 'hostname': f'host-{i}',
            'client-id': f'01:52:54:00:{i >> 16:02x}:{i >> 8 & 255:02x}:{i & 255:02x}',
            'expiry-time': EXPIRY + i}


def document(entries):
    """As libvirt writes one."""
    return (json.dumps(entries, indent=2) + '\n').encode()


def status(n, last=None):
    """last: the last byte of the first lease's address."""
    return document([lease(1, last)] + [lease(i) for i in range(2, n + 1)] if n else [])


def macs(n):
    return document([{'domain': f'vm-{i}', 'macs': [lease(i)['mac-address']]} for i in range(1, n + 1)])


def names(path, prefix, n):
    with open(path, 'w') as f:
        for i in random.sample(range(1, n + 1), min(n, 1000)):
            f.write(f'{prefix}-{i}\n')
    return path


class World:
    """The service, on its bus, and so many leases, published."""

    def __init__(self, n):
        clear_directory(LEASES)
        clear_directory(RUNTIME)
        self.n = n
        self.bus = Bus()
        self.scratch = tempfile.mkdtemp(prefix='bench-')
        put(BRIDGE + '.status', status(n))
        put(BRIDGE + '.macs', macs(n))
        self.hits = names(self.scratch + '/hits', 'host', n) if n else None
        self.guests = names(self.scratch + '/guests', 'vm', n) if n else None
        self.misses = names(self.scratch + '/misses', 'nobody', 1000)
        self.service = Service(self.bus)
        wait_for('the index', is_published)
        time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.service.close()
        self.bus.close()
        shutil.rmtree(self.scratch)

    def proc(self, name):
        with open(f'/proc/{self.service.process.pid}/{name}') as f:
            return f.read()

    def cpu(self):
        return int(self.proc('schedstat').split()[0])

    def status(self):
        return {key: int(value) for key, value in re.findall(r'^(\w+):\s+(\d+)', self.proc('status'), re.MULTILINE)}

    def statistics(self):
        r = subprocess.run(['dbus-send', f'--bus={self.bus.address}', '--print-reply=literal',
                            '--dest=org.libvirt.Resolve1', '/org/libvirt/Resolve1',
                            'org.freedesktop.DBus.Properties.Get', 'string:org.libvirt.Resolve1',
                            'string:Statistics'], stdout=subprocess.PIPE, text=True, check=True)
        return {key: int(value) for key, value in re.findall(r'([\w-]+)\s+uint64 (\d+)', r.stdout)}


# ---- the parts ----

def part_warm(share):
    """Lookups in one process, in blocks, ours and libvirt's in turn."""
    found = {}
    for n in SIZES:
        with World(n) as w:
            lookups = 300 if n <= 100 or n not in PAIRED else 30    # of libvirt's, 30 take long enough
            blocks = max(2, int((100 if n <= 1000 else 20) * share))
            kinds = [('hit', 'libvirt', w.hits), ('miss', 'libvirt', w.misses), ('guest', 'libvirt_guest', w.guests)]
            subjects = [(kind, whose, f'{service}={module(service)}={path}') for kind, service, path in kinds
                        for whose, module in (('ours', our), ('theirs', their)) if whose == 'ours' or n in PAIRED]
            result = program('warm', blocks, lookups, *(s[2] for s in subjects))
        found[n] = {kind: {} for kind, _, _ in kinds}
        for (kind, whose, _), r in zip(subjects, result):
            if r['not-found' if kind == 'miss' else 'found'] != r['ns']['n']:
                raise SystemExit(f'{kind}, {whose}, {n} leases: {r}')
            found[n][kind][whose] = r['ns']
    return found


def use_linker_cache(scratch):
    """Lets the dynamic linker know of the modules as though they were installed."""
    lib = os.path.join(scratch, 'lib')
    os.mkdir(lib)
    for service in 'libvirt', 'libvirt_guest':
        os.symlink(our(service), os.path.join(lib, f'libnss_{service}.so.2'))
    if os.path.isdir('/var/cache/ldconfig'):
        fixture.mount('-t', 'tmpfs', 'tmpfs', '/var/cache/ldconfig')
    subprocess.run(['ldconfig', '-X', '-C', scratch + '/ld.so.cache', lib], check=True)
    fixture.mount('--bind', scratch + '/ld.so.cache', '/etc/ld.so.cache')
    return lib


def part_fresh(share):
    """Processes with one getaddrinfo(): what they take more than with "hosts: files"."""
    scratch = tempfile.mkdtemp(prefix='bench-')
    lib = use_linker_cache(scratch)
    found = {}
    for n in SIZES:
        with World(n) as w:
            found[n] = {}
            for kind, service, path in (('hit', 'libvirt', w.hits), ('miss', 'libvirt', w.misses),
                                        ('guest', 'libvirt_guest', w.guests)):
                with open(path) as f:
                    name = f.readline().strip()
                subjects = {'files': ('files', our(service)), 'ours': ('files ' + service, our(service))}
                if n in PAIRED:
                    subjects['theirs'] = ('files ' + service, their(service))
                result = program('fresh', max(3, int(60 * share)), 10, f'{lib}/libnss_{service}.so.2',
                                 PROGRAMS + '/bench-once', name, *(f'{s}={m}' for s, m in subjects.values()))
                found[n][kind] = dict(zip(subjects, result))
    fixture.mount('-t', 'tmpfs', 'tmpfs', '/mnt')     # nothing may go on using the cache's entries
    subprocess.run(['umount', '/mnt', '/etc/ld.so.cache'], check=True)
    shutil.rmtree(scratch)
    return found


def libc():
    """The C library, which has the source "files" in it since glibc 2.34."""
    with open('/proc/self/maps') as f:
        return next(line.split()[-1] for line in f if 'libc.so.6' in line)


def part_files(share):
    """Lookups by hostname in one process, ours and glibc's own of /etc/hosts with as many lines, in turn."""
    found = {}
    for n in SIZES:
        with World(n) as w:
            hosts = w.scratch + '/hosts'
            with open(hosts, 'w') as f:
                f.writelines(f'{entry["ip-address"]} {entry["hostname"]}\n' for entry in map(lease, range(1, n + 1)))
            fixture.mount('--bind', hosts, '/etc/hosts')
            lookups = 300 if n <= 1000 else 30
            blocks = max(2, int((100 if n <= 1000 else 10) * share))
            subjects = [f'libvirt={our("libvirt")}={w.hits}', f'files={libc()}={w.hits}']
            result = program('warm', blocks, lookups, *subjects)
            subprocess.run(['umount', '/etc/hosts'], check=True)
        for r in result:
            if r['found'] != r['ns']['n']:
                raise SystemExit(f'files, {n} leases: {r}')
        found[n] = {'ours': result[0]['ns'], 'files': result[1]['ns']}
    return found


def part_threads(share):
    with World(100) as w:
        one, two = program('warm', '--threads', max(3, int(30 * share)), 10000, f'libvirt={our("libvirt")}={w.hits}')
    return {'one': one, 'two': two}


def part_bus(share):
    """ResolveHostname() against Ping(), on one connection."""
    found = {}
    for n in 1, 100000:
        with World(n) as w:
            found[n] = program('bus', max(5, int(100 * share)), 100, w.hits, w.misses, bus=w.bus)
    return found


def part_clients(share):
    with World(1000) as w:
        return {clients: program('bus', '--clients', clients, max(0.3, 3 * share), w.hits, bus=w.bus)
                for clients in (1, 8, 64)}


def part_change(share):
    """From a rename to the new answer, and to the published index; the files' parse alone."""
    found = {}
    for n in 10, 1000, 10000, 100000:
        with World(n) as w:
            documents = []
            for last in 201, 202:
                documents.append(f'{w.scratch}/{last}')
                with open(documents[-1], 'wb') as f:
                    f.write(status(n, last))
            found[n] = program('change', max(3, int((40 if n <= 1000 else 16) * share)), LEASES, BRIDGE + '.status',
                               INDEX, w.service.process.pid, 'host-1', *documents, bus=w.bus)
            found[n]['bytes'] = os.path.getsize(documents[0])
    return found


def rewrite(w, documents, seconds, asker=None):
    """Puts the documents in place one after another, in that time; returns what the service did."""
    before, cpu, begin = w.statistics(), w.cpu(), time.monotonic()
    for i, d in enumerate(documents):
        put(BRIDGE + '.status', d)
        if asker:
            asker.ask('host-1')
        time.sleep(max(0, begin + (i + 1) * seconds / len(documents) - time.monotonic()))
    wait_for('the index', is_published)
    time.sleep(0.1)
    after = w.statistics()
    return {'cpu': w.cpu() - cpu, 'readings': after['readings'] - before['readings'],
            'parses': after['documents-parsed'] - before['documents-parsed'],
            'publications': after['publications'] - before['publications']}


def part_burst(share):
    """250 leases, rewritten 250 times within a second, as at a start of a network."""
    with World(250) as w:
        one = rewrite(w, [status(250, 201)], 0.1)
        burst = rewrite(w, [status(250, 1 + i) for i in range(250)], 1)
        with Asker(w.bus) as asker:
            asked = rewrite(w, [status(250, 1 + i) for i in range(250)], 1, asker)
        same = rewrite(w, [status(250, 250)] * 100, 1)
    return {'one': one, 'burst': burst, 'asked': asked, 'unchanged': same}


def part_service(share):
    """What it takes while it does nothing, and to get there."""
    found = {}
    for n in 0, 1000, 100000:
        with World(n) as w:
            time.sleep(0.5)
            before, cpu, seconds = w.status(), w.cpu(), 20 if share >= 1 else 3
            time.sleep(seconds)
            after = w.status()
            found[n] = {'ready-seconds': w.service.ready_after, 'resident-kb': after['VmRSS'],
                        'anonymous-kb': after['RssAnon'], 'peak-kb': after['VmHWM'],
                        'index-bytes': os.path.getsize(INDEX), 'idle-seconds': seconds,
                        'idle-wake-ups': after['voluntary_ctxt_switches'] - before['voluntary_ctxt_switches'],
                        'idle-cpu': w.cpu() - cpu}
            put(BRIDGE + '.status', status(n, 201))
            wait_for('the index', is_published)
            time.sleep(0.5)
            found[n]['resident-after-change-kb'] = w.status()['VmRSS']
            found[n]['end-seconds'] = -time.monotonic()
            w.service.end(signal.SIGTERM)
            found[n]['end-seconds'] += time.monotonic()
    return found


def part_module(share):
    objects = {'ours': our('libvirt'), 'theirs': their('libvirt'), 'null': os.environ['BENCH_NULL']}
    result = program('load', max(3, int(50 * share)), 20, *objects.values())
    found = dict(zip(objects, result))
    for whose, path in objects.items():
        headers = subprocess.run(['readelf', '-lrW', path], stdout=subprocess.PIPE, text=True, check=True).stdout
        found[whose] |= {'relocations': len(re.findall(r' R_\w+ ', headers)),
                         'segments': len(re.findall(r'^ *LOAD ', headers, re.MULTILINE))}
        stripped = tempfile.NamedTemporaryFile()
        subprocess.run(['strip', '-o', stripped.name, path], check=True)
        found[whose]['bytes'] = os.path.getsize(stripped.name)
    return found


def machine():
    with open('/proc/cpuinfo') as f:
        models = re.findall(r'^model name\s*: (.*)', f.read(), re.MULTILINE)
    return {'processors': len(models), 'model': models[0] if models else platform.machine(),
            'kernel': platform.release(), 'theirs': theirs_version(), 'load': os.getloadavg()[0]}


def measure(parts, quick):
    fetch_theirs()
    results = {}
    for name in parts:
        say(name)
        results[name] = globals()['part_' + name](0.1 if quick else 1)
    # Keys as JSON has them, also before they went through it.
    return json.loads(json.dumps(results | {'machine': machine()}))
