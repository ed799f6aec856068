# SPDX-License-Identifier: LGPL-2.1-or-later

"""Lease directories made up from a seed: all that libvirt writes, and what it might.

A world is {file name: content}; the content is a list of entries, or bytes where the file
isn't such a list.  An entry is a dict, or something that is no entry.
"""

import json
import random

HOSTNAMES = ['web1', 'Web1', 'db-2', 'under_score', 'a', 'vm-app', 'x' * 63]
ODD_HOSTNAMES = ['localhost', 'LocalHost.', 'wpad', '_srv', 'ip6-gw', 'github.com', 'testhost', '-lead', 'lead-', 'a b',
                 '\u00fcn\u00ef', '12345', 'x' * 64, '', 'web1\0x', 'esc\x1b[31m', 'web1.', 'Web Server.prod "\u00e9"', 7, None, [1],
                 {'a': 1}]
DOMAINS = ['vm-app', 'VM-App', 'web1', 'Web Server.prod "\u00e9"', 'db.example', 'deb12', 'x' * 63]
ODD_DOMAINS = ['localhost', '_dom', 'testhost', '', 7, None, 'web1.', 'y' * 255, 'z' * 256, 'vm\0app', 'vm\uffff', '10.9.8.7']
ADDRESSES = ['192.168.122.10', '192.168.122.11', '192.168.123.10', 'fd00:122::10', 'fd00:122::11', '10.0.0.1',
             'fe80::5054:ff:fe00:1']
ODD_ADDRESSES = ['127.0.0.9', '224.0.0.9', '0.0.0.0', '255.255.255.255', '::1', 'ff02::1', '::ffff:10.0.0.9', 'fd00:122::12%virbr0',
                 'fd00::300::1', '192.168.122.300', '010.0.0.1', 'web1', '', 17, None, ['10.0.0.3'], '10.0.0.4 ']
MACS = ['52:54:00:00:00:01', '52:54:00:00:00:02', '52:54:00:00:00:0a', '52:54:00:ab:cd:ef']
ODD_MACS = ['52:54:00:00:00:0A', '52:54:00:AB:CD:EF', '52-54-00-00-00-0a', '06-52:54:00:00:00:02', '52:54:0:0:0:a', 'nonsense', '', 3, None]
ODD_FILES = [b'', b' \n', b'[', b'[{"hostname": "web1", ', b'{}', b'nonsense', b'\xff\xfe', b'[]x', b'[' * 3000]
NO_ENTRIES = [[1, 2], 3, 'text', None, {}]
MORE = {'iaid': ['1376354', 5, None], 'server-duid': ['00:01'], 'client-id': ['01:52', 7, ['x']],
        'future': ['x', 1, None, True, 1.5, {'a': [1, {'b': 2}]}, [1, [2]], {'ip-address': '10.9.9.9'}]}


class Maker:
    """The more odd a world is, the less is left to compare: most have one or two kinds of oddity."""

    KINDS = ['hostname', 'domain', 'address', 'mac', 'expiry', 'file', 'entry', 'key', 'missing']

    def __init__(self, seed, now):
        self.random = random.Random(seed)
        self.now = now
        self.odd = set(self.random.sample(self.KINDS, self.random.choice([0, 1, 1, 1, 2, 2, 3])))
        self.bridges = [f'b{seed % 100000}-{i}' for i in range(self.random.choice([1, 1, 2, 2, 3, 4]))]

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    def pick(self, kind, plain, odd):
        return self.random.choice(odd if kind in self.odd and self.chance(3) else plain)

    def expiry(self):
        now = self.now
        return self.pick('expiry', [0, now + 3600, now + 3600, now + 3601, now + 100, now + 1, now, now - 1, 1],
                         [None, str(now + 50), '17', 'abc', 123.5, now + 70.5, -5, True, [now], '', now + 2 ** 30])

    def lease(self):
        entry = {
            'ip-address': self.pick('address', ADDRESSES, ODD_ADDRESSES),
            'mac-address': self.pick('mac', MACS, ODD_MACS),
            'hostname': self.pick('hostname', HOSTNAMES, ODD_HOSTNAMES),
            'expiry-time': self.expiry(),
        }
        if self.chance(6):
            del entry['hostname']
        if 'missing' in self.odd and self.chance(3):
            entry.pop(self.random.choice(['ip-address', 'mac-address', 'expiry-time']))
        for key, values in MORE.items():
            if key != 'future' and self.chance(3):
                entry[key] = self.random.choice(values if 'key' in self.odd else values[:1])
        if 'key' in self.odd and self.chance(3):
            entry['future'] = self.random.choice(MORE['future'])
        keys = list(entry)
        self.random.shuffle(keys)
        return {key: entry[key] for key in keys}

    def domain(self):
        macs = [self.pick('mac', MACS, ODD_MACS) for _ in range(self.random.choice([0, 1, 1, 1, 2, 3]))]
        entry = {'domain': self.pick('domain', DOMAINS, ODD_DOMAINS), 'macs': macs}
        if 'missing' in self.odd and self.chance(4):
            entry.pop(self.random.choice(list(entry)))
        if 'key' in self.odd and self.chance(3):
            entry['future'] = self.random.choice(MORE['future'])
        return entry

    def document(self, make, most):
        if 'file' in self.odd and self.chance(3):
            return self.random.choice(ODD_FILES)
        entries = [make() for _ in range(self.random.randint(0, most))]
        if 'entry' in self.odd and self.chance(2):
            entries.insert(self.random.randint(0, len(entries)), self.random.choice(NO_ENTRIES))
        return entries

    def world(self):
        files = {}
        for bridge in self.bridges:
            if not self.chance(8):
                files[bridge + '.status'] = self.document(self.lease, self.random.choice([3, 6, 12]))
            if not self.chance(6):
                files[bridge + '.macs'] = self.document(self.domain, 4)
        if self.chance(10):
            # a bridge that exists: link-local addresses have a scope
            files['lo.status'] = [dict(self.lease(), **{'ip-address': 'fe80::5054:ff:fe00:1'})]
        files['default.hostsfile'] = b'52:54:00:00:00:01,web1\n'
        return files


def make(seed, now):
    return Maker(seed, now).world()


def serialized(world):
    """As libvirt writes it: plain UTF-8, controls escaped."""
    return {name: content if isinstance(content, bytes) else
            b'' if content is None else json.dumps(content, ensure_ascii=False, indent=2).encode() + b'\n'
            for name, content in world.items()}


# ---- questions ----

FUNCTIONS = [('gethostbyname_r', 2), ('gethostbyname2_r', 2), ('gethostbyname2_r', 10), ('gethostbyname2_r', 0),
             ('gethostbyname3_r', 2), ('gethostbyname3_r', 10), ('gethostbyname4_r', 0), ('gethostbyname4_r', 0),
             ('gethostbyname4_r', 0)]
NEVER = [b'nosuchname', b'', b'.', b'localhost', b'testhost', b'web', b'web11', b'web1.example', b'x' * 300, b'\xff\xfe',
         b'10.0.0.1']


def names_in(world, key):
    names = {entry[key] for content in world.values() for entry in (content if isinstance(content, list) else ())
             if isinstance(entry, dict) and isinstance(entry.get(key), str)}
    return [name.split('\0')[0].encode() for name in sorted(names)] or [b'web1']


def questions(seed, world, n):
    r = random.Random(~seed)
    known = {'libvirt': names_in(world, 'hostname'), 'libvirt_guest': names_in(world, 'domain')}
    for _ in range(n):
        module = r.choice(list(known))
        of = module if r.randrange(5) else r.choice(list(known))
        name = r.choice(known[of]) if r.randrange(8) else r.choice(NEVER)
        if r.randrange(4) == 0:
            name = name.swapcase()
        if r.randrange(12) == 0:
            name += b'.'
        function, family = r.choice(FUNCTIONS) if r.randrange(30) else ('gethostbyname2_r', 1)
        size = () if r.randrange(15) else (r.choice([0, 16, 60, 100, 150]),)
        yield (module, function, family, name, *size)
