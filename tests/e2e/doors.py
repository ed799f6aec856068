# SPDX-License-Identifier: LGPL-2.1-or-later
"""
The same questions at every door: what virsh says of the leases, which is the
truth here; getent and libvirt-resolve, which must agree with it; and libvirt's
own NSS modules.
"""

import calendar
import glob
import json
import os
import re
import time

from shell import ask, run
from world import BRIDGES, LEASES, STATIC

SERVICES = {'lease': 'libvirt', 'domain': 'libvirt_guest'}
QUESTIONS = {'any': ('gethostbyname4_r', '0'), 'ipv4': ('gethostbyname2_r', '4'),
             'ipv6': ('gethostbyname2_r', '6')}
MODULES = {'lease': 'libnss_libvirt.so.2', 'domain': 'libnss_libvirt_guest.so.2'}


# ---- the truth ----

class Lease:
    def __init__(self, row):
        expiry, self.mac, _, address, hostname = re.split(r'\s{2,}', row.strip())[:5]
        self.expiry = calendar.timegm(time.strptime(expiry, '%Y-%m-%d %H:%M:%S'))
        self.address = address.split('/')[0]
        self.hostname = None if hostname == '-' else hostname

    def key(self):
        return self.mac, self.address, self.hostname, self.expiry


class Truth:
    """What virsh says now."""

    def __init__(self):
        commands = '; '.join(f'net-dhcp-leases {network}' for network in BRIDGES)
        self.leases = [Lease(row) for row in self.rows(commands)]
        names = self.rows('list --name')
        # A name may hold blanks; none here does.
        self.domains = {name: [row.split()[-1].split('/')[0]
                               for row in self.rows(f'domifaddr {name} --source lease')] for name in names}

    def rows(self, commands):
        return [row for row in run('virsh', '-q', commands).splitlines() if row.strip()]

    def is_running(self, lease):
        return any(lease.address in addresses for addresses in self.domains.values())

    def of_hostname(self, name):
        """Of several leases that have a hostname those of running domains alone, if there is one."""
        leases = [lease for lease in self.leases if lease.hostname and lease.hostname.lower() == name.lower()]
        return [lease for lease in leases if self.is_running(lease)] or leases

    def outrun(self, name):
        """The addresses of the others."""
        return {lease.address for lease in self.leases if lease.hostname and lease.hostname.lower() == name.lower()
                and lease not in self.of_hostname(name)}

    def answers(self, variant, name):
        if variant == 'lease':
            return sorted({lease.address for lease in self.of_hostname(name)}) or self.static(name)
        return sorted({address for domain, addresses in self.domains.items() if domain.lower() == name.lower()
                       for address in addresses})

    def static(self, name):
        """What a static entry of a network gives, while no lease has that name."""
        return [STATIC[name.lower()]] if name.lower() in STATIC and not self.of_hostname(name) else []

    def in_order(self, variant, name):
        """The answers with the newest first, or None where several are equally new."""
        addresses = self.answers(variant, name)
        leases = [lease for lease in self.leases if lease.address in addresses]
        if len({lease.expiry for lease in leases}) != len(leases):
            return None
        return [lease.address for lease in sorted(leases, key=lambda lease: -lease.expiry)]

    def state(self):
        """Equal while nothing has changed."""
        return sorted(lease.key() for lease in self.leases), self.domains


def directory_state():
    """Equal while libvirt has written nothing."""
    return sorted((path, st.st_ino, st.st_mtime_ns, st.st_size)
                  for path in glob.glob(LEASES + '/*') for st in [os.stat(path)])


# ---- the doors ----

def answers(variant, name):
    """What programs get from one of the modules through glibc."""
    # Without -A glibc leaves out IPv6 while no interface but lo has such an address.
    _, out, _ = ask('getent', '-A', '-s', SERVICES[variant], 'ahosts', name)
    return sorted({line.split()[0] for line in out.splitlines()})


def resolves(name):
    """What programs get through nsswitch.conf as it is."""
    _, out, _ = ask('getent', '-A', 'ahosts', name)
    return sorted({line.split()[0] for line in out.splitlines()})


def reverse(variant, address):
    """The names of an address through one of the modules: one, or none."""
    _, out, _ = ask('getent', '-s', SERVICES[variant], 'hosts', address)
    return out.split()[1:]


def query(questions, *options):
    """What libvirt-resolve says of names and addresses, all in one call."""
    _, out, _ = ask('libvirt-resolve', 'query', '--json=short', *options, *questions)
    answers_by_question = {question: [] for question in questions}
    for entry in json.loads(out):
        answers_by_question[entry['query']].append(entry)
    return answers_by_question


class Probe:
    """Asks an NSS module itself, without glibc's choice of modules between."""

    def __init__(self, program, directory):
        self.program, self.directory = program, directory

    def ask(self, variant, name, question):
        """[status, errno, h_errno, [address...]]"""
        function, family = QUESTIONS[question]
        words = run(self.program, f'{self.directory}/{MODULES[variant]}', function, family, name).split()
        # What a module does to the thread's own errno is looked at in the NSS ring.
        return words[:3] + [[word for word in words[4:] if word != 'errno-changed']]


# ---- where ours and libvirt's modules may differ ----

def unknown_to_guest(variant, refused, theirs, ours):
    return (variant == 'domain' and theirs[0] == 'UNAVAIL' and theirs[2] == 'NO_RECOVERY' and
            ours == ['NOTFOUND', 'ESRCH', 'HOST_NOT_FOUND', []])


def missing_family(variant, refused, theirs, ours):
    return theirs == ['UNAVAIL', 'ENXIO', 'NO_DATA', []] and ours == ['NOTFOUND', 'ENXIO', 'NO_DATA', []]


def refused_name(variant, refused, theirs, ours):
    return refused and variant == 'lease' and ours == ['NOTFOUND', 'ESRCH', 'HOST_NOT_FOUND', []]


OUTRUN = 'of several leases with one hostname those of running domains are answered'

def static_name(variant, refused, theirs, ours):
    return (variant == 'lease' and theirs[2] in ('HOST_NOT_FOUND', 'NO_RECOVERY') and
            (ours[3] != [] and set(ours[3]) <= set(STATIC.values()) or ours[2] == 'NO_DATA'))


DIFFERENCES = {
    'a static name is answered while no lease has it': static_name,
    'an unknown name is NOTFOUND in libvirt_guest, too, not a failure': unknown_to_guest,
    'a name without an address of the family is NOTFOUND, not a failure': missing_family,
    'a name that the policy refuses is not answered': refused_name,
}


def difference(variant, refused, theirs, ours):
    """The documented difference that it is, or None."""
    for sentence, applies in DIFFERENCES.items():
        if applies(variant, refused, theirs, ours):
            return sentence
    return None
