# SPDX-License-Identifier: LGPL-2.1-or-later

"""The differences to libvirt's modules that are intended, each as a way to make it vanish:
it rewrites the world, the question or the answer so that libvirt's module, asked with what
came out, says what ours says without.  So nothing here says what an answer is: libvirt does.

The line of each is its row in nss-libvirt(8).
"""

import ipaddress
import re
import socket

HOST = 'testhost'
SYSTEMDS = '_gateway', '_outbound', '_localdnsstub', '_localdnsproxy'
WHOLE = 65536
FOUND = 'SUCCESS'
CRASH = 'CRASH', 0, '', None, ()
UNKNOWN = 'NOTFOUND', 3, 'HOST_NOT_FOUND'
NO_FAMILY = 'NOTFOUND', 6, 'NO_DATA'


class Rule:
    row = ''
    why = ''

    def file(self, world, name, previous):
        """What the file is instead; None: it isn't there."""
        return world[name]

    def world(self, world, case):
        return world

    def lease(self, lease, case):
        """What the lease is instead; None: it is left out."""
        return lease

    def domain(self, domain, case):
        return domain

    def question(self, question):
        return question

    def answer(self, answer, ours, case):
        return answer


class Case:
    """What rules may look at: the question, and the world as far as it is rewritten."""

    def __init__(self, question, world, now):
        self.question, self.world, self.now = question, world, now
        self.bridge = None

    def has_leases(self):
        return any(content for name, content in self.world.items()
                   if name.endswith('.status') and isinstance(content, list))

    def domains(self):
        """(bridge, folded name, MAC addresses)."""
        for name, content in self.world.items():
            for entry in content if name.endswith('.macs') and isinstance(content, list) else ():
                if isinstance(entry, dict) and text(entry.get('domain')):
                    macs = entry.get('macs')
                    yield (name[:-5], fold(entry['domain']),
                           {mac_of(mac) for mac in (macs if isinstance(macs, list) else ()) if mac_of(mac)})


# ---- what values are ----

def text(value, longest=255):
    return isinstance(value, str) and 0 < len(value.encode()) <= longest and '\0' not in value


def fold(name):
    folded = re.sub('[A-Z]', lambda m: m.group().lower(), name)
    return folded[:-1] if folded.endswith('.') else folded


def mac_of(value):
    """The MAC address as six numbers."""
    if not text(value):
        return None
    octet = '[0-9a-fA-F]{1,2}'
    m = re.fullmatch(f'(?:{octet}-)?({octet})(?:((?::{octet}){{5}})|((?:-{octet}){{5}}))', value)
    if not m:
        return None
    return tuple(int(o, 16) for o in [m.group(1)] + re.split('[:-]', m.group(2) or m.group(3))[1:])


def address_of(value):
    if not text(value) or value.endswith('%'):
        return None
    try:
        return ipaddress.ip_address(value.split('%')[0] if ':' in value else value)
    except ValueError:
        return None


def is_guests(ip):
    if ip.version == 6:
        return not ip.packed.startswith(b'\xff') and any(ip.packed[:10])
    return ip.packed[0] not in (0, 127) and ip.packed[0] < 224


def is_mapped(ip):
    return ip.version == 6 and ip.ipv4_mapped is not None


def is_number(folded):
    try:
        socket.inet_aton(folded)
    except (OSError, UnicodeError):
        return False
    return not re.search(r'\s', folded)


def is_reserved(folded):
    return (is_number(folded) or folded.startswith(('localhost', 'ip6-')) or folded.split('.')[0] in ('wpad', 'isatap', *SYSTEMDS, HOST) or
            folded.endswith('.localhost'))


def is_carried(name):
    """A D-Bus string has no non-characters."""
    return not any(0xfdd0 <= ord(c) <= 0xfdef or ord(c) & 0xfffe == 0xfffe for c in name)


def is_hostname(folded):
    return len(folded) < 254 and all(re.fullmatch('[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?', label)
                                     for label in folded.split('.'))


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def without(entry, key):
    return {k: v for k, v in entry.items() if k != key}


# ---- what is found ----

class Spelling(Rule):
    row = 'the name in the answer'
    why = 'logs, known_hosts and comparisons see one spelling'

    def answer(self, answer, ours, case):
        if answer[0] == FOUND and ours[3] and fold(answer[3].decode()) == fold(ours[3].decode()):
            return (*answer[:3], ours[3], answer[4])
        return answer


class MacCase(Rule):
    row = 'a MAC address in capitals'
    why = 'two spellings of one address'

    @staticmethod
    def plain(value):
        mac = mac_of(value)
        return ':'.join(f'{octet:02x}' for octet in mac) if mac else value

    def lease(self, lease, case):
        return {k: self.plain(v) if k == 'mac-address' else v for k, v in lease.items()}

    def domain(self, domain, case):
        if not isinstance(domain.get('macs'), list):
            return domain
        return dict(domain, macs=[self.plain(mac) for mac in domain['macs']])


class Dot(Rule):
    row = 'web1., with a dot'
    why = 'a name is the same with the root\'s dot'

    @staticmethod
    def cut(entry, key):
        if text(entry.get(key)) and entry[key].endswith('.'):
            return dict(entry, **{key: entry[key][:-1]})
        return entry

    def lease(self, lease, case):
        return self.cut(lease, 'hostname')

    def domain(self, domain, case):
        return self.cut(domain, 'domain')

    def question(self, question):
        return (*question[:3], question[3].removesuffix(b'.'), *question[4:])


def is_used(lease):
    """Whether a lease of IPv4 takes part in the question which one its MAC address uses."""
    ip = address_of(lease.get('ip-address'))
    return (ip is not None and ip.version == 4 and is_guests(ip) and mac_of(lease.get('mac-address')) is not None and
            lease['mac-address'] != BadMac.NONE and is_integer(lease.get('expiry-time')))


def leases_of(world):
    for name, content in world.items():
        if name.endswith('.status') and isinstance(content, list):
            yield name[:-7], [entry for entry in content if isinstance(entry, dict)]


class Superseded(Rule):
    row = 'leases of one MAC address on one network'
    why = 'a guest uses one address; the other is dead'

    def world(self, world, case):
        dead = set()
        for _, leases in leases_of(world):
            last = {}
            for lease in filter(is_used, leases):
                mac = mac_of(lease['mac-address'])
                had = last.get(mac)
                if had is not None and SameAddress.lasting(lease) < SameAddress.lasting(had):
                    dead.add(id(lease))
                    continue
                if had is not None:
                    dead.add(id(had))
                last[mac] = lease
        return {name: [entry for entry in content if id(entry) not in dead] if isinstance(content, list) else content
                for name, content in world.items()}


class Running(Rule):
    row = 'a hostname of several leases, some of which are of running domains'
    why = 'a guest that is switched off has no address'

    def world(self, world, case):
        case.world = world
        macs = {}
        for bridge, domain, of_domain in case.domains():
            if domain:
                macs.setdefault(bridge, set()).update(of_domain)
        running = {fold(lease['hostname']) for bridge, leases in leases_of(world) for lease in leases
                   if self.claims(lease, case) and self.runs(bridge, lease, macs)}
        return {name: [self.kept(name[:-7], entry, macs, running) if isinstance(entry, dict) else entry for entry in content]
                if name.endswith('.status') and isinstance(content, list) else content for name, content in world.items()}

    @staticmethod
    def claims(lease, case):
        ip = address_of(lease.get('ip-address'))
        return (text(lease.get('hostname')) and ip is not None and is_guests(ip) and is_integer(lease.get('expiry-time')) and
                (lease['expiry-time'] == 0 or lease['expiry-time'] >= case.now))

    @staticmethod
    def runs(bridge, lease, macs):
        return mac_of(lease.get('mac-address')) in macs.get(bridge, ())

    def kept(self, bridge, lease, macs, running):
        if text(lease.get('hostname')) and fold(lease['hostname']) in running and not self.runs(bridge, lease, macs):
            return without(lease, 'hostname')
        return lease


class Refused(Rule):
    row = "a name that is refused: localhost, github.com, the host's, another domain's"
    why = 'a guest chooses its hostname'

    def lease(self, lease, case):
        name = lease.get('hostname')
        if not text(name):
            return lease
        folded = fold(name)
        owners = [(bridge, macs) for bridge, domain, macs in case.domains() if domain == folded]
        own = any(bridge == case.bridge and mac_of(lease.get('mac-address')) in macs for bridge, macs in owners)
        if is_reserved(folded) or not is_hostname(folded) or '.' in folded or (owners and not own):
            return without(lease, 'hostname')
        return lease

    def domain(self, domain, case):
        name = domain.get('domain')
        return None if text(name) and (is_reserved(fold(name)) or not is_carried(name)) else domain


class OwnBridge(Rule):
    row = "a domain's MAC address on a network not its own"
    why = 'a guest can put on any MAC address'

    def bridged(self, value, case):
        return f'{value}/{case.bridge}' if mac_of(value) else value

    def lease(self, lease, case):
        return {k: self.bridged(v, case) if k == 'mac-address' else v for k, v in lease.items()}

    def domain(self, domain, case):
        if not isinstance(domain.get('macs'), list):
            return domain
        return dict(domain, macs=[self.bridged(mac, case) for mac in domain['macs']])


class ListedTwice(Rule):
    row = 'a domain that is listed twice, without a MAC address'
    why = 'a lookup ends no program'

    def world(self, world, case):
        """All of a domain's MAC addresses in one entry."""
        macs, merged = {}, {}
        for name, content in world.items():
            if not name.endswith('.macs') or not isinstance(content, list):
                merged[name] = content
                continue
            merged[name] = []
            for entry in content:
                if not isinstance(entry, dict) or not text(entry.get('domain')) or not isinstance(entry.get('macs'), list):
                    merged[name].append(entry)
                    continue
                key = fold(entry['domain'])
                if key not in macs:
                    merged[name].append(dict(entry, macs=macs.setdefault(key, [])))
                macs[key] += entry['macs']
        return merged


class NoGuests(Rule):
    row = 'a lease of 127.0.0.9, or of 224.0.0.9'
    why = 'the host would talk to itself'

    def is_refused(self, ip):
        return not is_guests(ip) and not is_mapped(ip)

    def lease(self, lease, case):
        ip = address_of(lease.get('ip-address'))
        return None if ip and self.is_refused(ip) else lease


class MappedAddress(NoGuests):
    row = 'a lease of an IPv4 address written as IPv6, ::ffff:10.0.0.9'
    why = 'no guest has it; programs would connect to the IPv4 address, which may be another guest\'s'

    def is_refused(self, ip):
        return is_mapped(ip)


class SameAddress(Rule):
    row = 'the same address twice'
    why = 'what is valid longer counts'

    def world(self, world, case):
        """Of what answers the question, the entry of each address that lasts longest."""
        longest = {}
        for entry in self.answering(world, case):
            had = longest.setdefault(entry['ip-address'], entry)
            if self.lasting(entry) > self.lasting(had):
                longest[entry['ip-address']] = entry
        shorter = [id(entry) for entry in self.answering(world, case) if entry is not longest[entry['ip-address']]]
        return {name: [entry for entry in content if id(entry) not in shorter] if isinstance(content, list) else content
                for name, content in world.items()}

    @staticmethod
    def lasting(entry):
        return entry['expiry-time'] or float('inf')

    @staticmethod
    def answering(world, case):
        module, _, _, name = case.question[:4]
        name = fold(name.decode(errors='replace'))
        macs = {mac for file, content in world.items() if file.endswith('.macs') and isinstance(content, list)
                for entry in content if isinstance(entry, dict) and text(entry.get('domain')) and fold(entry['domain']) == name
                for mac in entry.get('macs') or ()}
        for file, content in world.items():
            for entry in content if file.endswith('.status') and isinstance(content, list) else ():
                if not isinstance(entry, dict) or not text(entry.get('ip-address')) or not is_integer(entry.get('expiry-time')):
                    continue
                if entry.get('mac-address') in macs if module == 'libvirt_guest' else fold(str(entry.get('hostname'))) == name:
                    yield entry


class Scope(Rule):
    row = 'the scope of a link-local address'
    why = 'without it the address can\'t be reached'

    def answer(self, answer, ours, case):
        """Ours has such an address once a network, with its scope."""
        found = [(family, address, 0) for family, address, _ in ours[4]]
        once = [tuple(dict.fromkeys(found)), tuple(reversed(dict.fromkeys(reversed(found))))]
        return (*answer[:4], ours[4]) if answer[4] in once else answer


# ---- what is reported ----

class Unknown(Rule):
    row = 'unknown name'
    why = 'nothing is out of order'

    def answer(self, answer, ours, case):
        module, _, family = case.question[:3]
        unavailable = answer[0] == 'UNAVAIL' and answer[2] == 'NO_RECOVERY' and family in (0, 2, 10)
        if unavailable and (module == 'libvirt_guest' or not case.has_leases()):
            return (*UNKNOWN, *answer[3:])
        return answer


class Family(Rule):
    row = 'no address of that family'
    why = 'nothing is out of order'

    def answer(self, answer, ours, case):
        return (*NO_FAMILY, *answer[3:]) if answer[:3] == ('UNAVAIL', 6, 'NO_DATA') else answer


class Buffer(Rule):
    row = "more addresses than the caller's buffer holds"
    why = 'the C library is to come again'

    def question(self, question):
        return question[:4]

    def answer(self, answer, ours, case):
        """Ours may say so only where what libvirt finds doesn't fit in."""
        if ours[:3] != ('TRYAGAIN', 34, 'NETDB_INTERNAL') or answer[0] != FOUND or len(case.question) < 5:
            return answer
        _, function, family, name, size = case.question
        n = len(answer[4])
        need = len(name) + 1 + (40 * n if function == 'gethostbyname4_r' else (n + 2) * 8 + n * (16 if family == 10 else 4))
        return ours if size < need + 8 else answer


# ---- files that aren't as they should be ----

class BadFile(Rule):
    row = "a lease file that isn't valid"
    why = 'one network is no reason to lose another'

    def file(self, world, name, previous):
        content = world[name]
        if content == b'' and name.endswith('.macs'):
            return None
        if content == b'' or not isinstance(content, bytes):
            return content
        return previous.get(name) if content.strip() else None


class BadEntry(Rule):
    row = "an entry with what libvirt doesn't write"
    why = 'one entry is no reason to lose the others'

    def lease(self, lease, case):
        if not isinstance(lease, dict):
            return None
        kept = {k: v for k, v in lease.items() if k in ('ip-address', 'mac-address', 'hostname', 'expiry-time')}
        if not text(kept.get('hostname')):
            kept.pop('hostname', None)
        return kept

    def domain(self, domain, case):
        if not isinstance(domain, dict) or not text(domain.get('domain')):
            return None
        macs = domain.get('macs')
        return {'domain': domain['domain'],
                'macs': [mac for mac in macs if mac_of(mac)] if isinstance(macs, list) else []}


class BadMac(Rule):
    row = 'an entry without a MAC address, or with a bad one'
    why = 'its hostname and address are there'
    NONE = 'fe:ff:ff:ff:ff:ff'

    def lease(self, lease, case):
        return lease if mac_of(lease.get('mac-address')) else dict(lease, **{'mac-address': self.NONE})


class BadAddress(Rule):
    row = 'an entry with a bad address, or none'
    why = 'its other addresses are good'

    def lease(self, lease, case):
        ip = address_of(lease.get('ip-address'))
        return dict(lease, **{'ip-address': str(ip)}) if ip else None


class NoExpiry(Rule):
    row = 'an entry without expiry-time'
    why = 'dnsmasq leaves it out where leases have no end'

    def lease(self, lease, case):
        return lease if lease.get('expiry-time') is not None else dict(lease, **{'expiry-time': 0})


class OddExpiry(Rule):
    row = 'an expiry-time that is no integer'
    why = 'nobody knows when it ends'

    def lease(self, lease, case):
        expiry = lease.get('expiry-time')
        return lease if expiry is None or (is_integer(expiry) and expiry >= 0) else None


class After2038(Rule):
    row = 'leases that end after 2038'
    why = 'the newest first, then as well'

    def lease(self, lease, case):
        expiry = lease.get('expiry-time')
        return dict(lease, **{'expiry-time': 2 ** 31 - 1}) if is_integer(expiry) and expiry >= 2 ** 31 else lease


# In the order in which they are applied: each relies on what those before it have put right.
FILES = [BadFile(), BadEntry(), BadMac(), BadAddress(), NoExpiry(), OddExpiry()]
REPORTS = [Unknown(), Family(), Buffer()]
ANSWERS = [Spelling(), MacCase(), Dot(), Superseded(), Running(), Refused(), OwnBridge(), ListedTwice(), NoGuests(), MappedAddress(), After2038(), SameAddress(), Scope()]
RULES = FILES + ANSWERS + REPORTS
OF_QUESTION = [rule for rule in RULES if isinstance(rule, SameAddress)]     # that look at it to rewrite the world
OF_WORLD = [rule for rule in RULES if rule not in OF_QUESTION]


def rewrite_entries(rule, method, case, content):
    found = []
    for entry in content:
        if not isinstance(entry, dict) and not isinstance(rule, BadEntry):
            found.append(entry)
            continue
        entry = getattr(rule, method)(entry, case)
        if entry is not None:
            found.append(entry)
    return found


def rewrite_world(rules, world, previous, question, now):
    for rule in rules:
        world = {name: rule.file(world, name, previous) for name in world}
        world = {name: content for name, content in world.items() if content is not None}
        case = Case(question, world, now)
        rewritten = {}
        for name, content in world.items():
            case.bridge, _, suffix = name.rpartition('.')
            method = {'status': 'lease', 'macs': 'domain'}.get(suffix)
            rewritten[name] = rewrite_entries(rule, method, case, content) if method and isinstance(content, list) else content
        world = rule.world(rewritten, case)
    return world


def rewrite_question(rules, question):
    for rule in rules:
        question = rule.question(question)
    return question


def rewrite_answer(rules, answer, ours, case):
    for rule in rules:
        answer = rule.answer(answer, ours, case)
    return answer
