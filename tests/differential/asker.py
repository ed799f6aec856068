# SPDX-License-Identifier: LGPL-2.1-or-later

"""A process in which the two modules of one directory are loaded, and asked in batches.

    asker.py MODULES LEASES [own]

Takes requests from standard input and gives replies on standard output, both pickled.  With
"own" it lives in a mount namespace in which LEASES is a directory of its own: libvirt's
modules have theirs built in; and a crash, of which these are capable, is the answer None.
"""

import ctypes
import os
import pickle
import resource
import socket
import subprocess
import sys
import time

STATUS = {-2: 'TRYAGAIN', -1: 'UNAVAIL', 0: 'NOTFOUND', 1: 'SUCCESS'}
H_ERRNO = {-1: 'NETDB_INTERNAL', 0: 'NETDB_SUCCESS', 1: 'HOST_NOT_FOUND', 2: 'TRY_AGAIN', 3: 'NO_RECOVERY',
           4: 'NO_DATA'}
BUFFER = ctypes.create_string_buffer(65536)


# Of getaddrinfo: nothing is there, rather than that it couldn't be asked.
NO_NAME = (socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_ADDRFAMILY)


class Host(ctypes.Structure):
    _fields_ = [('name', ctypes.c_char_p), ('aliases', ctypes.POINTER(ctypes.c_char_p)), ('family', ctypes.c_int),
                ('length', ctypes.c_int), ('addresses', ctypes.POINTER(ctypes.c_void_p))]


class Tuple(ctypes.Structure):
    pass


Tuple._fields_ = [('next', ctypes.POINTER(Tuple)), ('name', ctypes.c_char_p), ('family', ctypes.c_int),
                  ('address', ctypes.c_uint8 * 16), ('scope', ctypes.c_uint32)]


def text_of(family, octets):
    return socket.inet_ntop(family, octets)


class Asker:
    def __init__(self, modules, leases):
        self.leases, self.newest_first = leases, True   # as tmpfs lists
        self.modules = {name: ctypes.CDLL(os.path.join(modules, f'libnss_{name}.so.2'))
                        for name in ('libvirt', 'libvirt_guest')}

    def write(self, files):
        """Makes these the files of the lease directory, in place of those that are there: so that
        they are listed by their names, for libvirt's modules take them as listed."""
        for newest_first in self.newest_first, not self.newest_first:
            for name in os.listdir(self.leases):
                os.unlink(os.path.join(self.leases, name))
            for name in sorted(files, reverse=newest_first):
                with open(os.path.join(self.leases, name), 'wb') as f:
                    f.write(files[name])
            if os.listdir(self.leases) == sorted(files):
                self.newest_first = newest_first
                return
        raise AssertionError(f'{os.listdir(self.leases)}: not in any order')

    def ask(self, questions, door=None):
        """The answers, and the seconds in which they were given."""
        if door is not None:
            os.environ['LIBVIRT_NSS_BACKEND'] = door
        begin = int(time.time())
        answers = [self.answer(*question) for question in questions]
        return answers, begin, int(time.time())

    def answer(self, module, function, family, name, size=len(BUFFER)):
        f = self.modules[module][f'_nss_{module}_{function}']
        error, h_error, ttl = ctypes.c_int(-1), ctypes.c_int(-1), ctypes.c_int32(0)
        host, tuples, canonical = Host(), ctypes.POINTER(Tuple)(), ctypes.c_char_p()
        room = BUFFER, ctypes.c_size_t(size), ctypes.byref(error), ctypes.byref(h_error)
        if function == 'gethostbyname4_r':
            status = f(name, ctypes.byref(tuples), *room, ctypes.byref(ttl))
        elif function == 'gethostbyname3_r':
            status = f(name, family, ctypes.byref(host), *room, ctypes.byref(ttl), ctypes.byref(canonical))
        elif function == 'gethostbyname2_r':
            status = f(name, family, ctypes.byref(host), *room)
        elif function == 'gethostbyaddr_r':
            status = f(name, len(name), family, ctypes.byref(host), *room)
        else:
            status = f(name, ctypes.byref(host), *room)
        if status != 1:
            # libvirt leaves *errnop alone where it has nothing to say
            return STATUS[status], max(error.value, 0), H_ERRNO[h_error.value], None, ()
        found = self.found_tuples(tuples) if function == 'gethostbyname4_r' else self.found_host(host)
        if canonical and canonical.value != found[0]:
            raise AssertionError(f'the canonical name of {name} is {canonical.value}')
        return 'SUCCESS', 0, H_ERRNO[h_error.value], *found

    @staticmethod
    def found_tuples(tuples):
        name, found = tuples.contents.name, []
        while tuples:
            t = tuples.contents
            octets = bytes(t.address)[:4 if t.family == socket.AF_INET else 16]
            found.append((t.family, text_of(t.family, octets), t.scope))
            tuples = t.next
        return name, tuple(found)

    @staticmethod
    def found_host(host):
        found = []
        while host.addresses[len(found)]:
            octets = ctypes.string_at(host.addresses[len(found)], host.length)
            found.append((host.family, text_of(host.family, octets), 0))
        return host.name, tuple(found)

    @staticmethod
    def getaddrinfo(names):
        """Through glibc, and nsswitch.conf: what is found, in any order."""
        answers = []
        os.environ.pop('LIBVIRT_NSS_BACKEND', None)
        for name in names:
            try:
                found = {(family, address[0].split('%')[0]) for family, _, _, _, address
                         in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)}
            except socket.gaierror as error:
                found = set() if error.errno in NO_NAME else {error.args}
            answers.append(found)
        return answers


def reply(value):
    pickle.dump(value, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def serve(asker):
    while True:
        try:
            method, *arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        reply(getattr(asker, method)(*arguments))


def serve_though_crashing(asker):
    """In a child: where it dies, that is the answer, and the next one goes on."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        pid = os.fork()
        if pid == 0:
            serve(asker)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            return
        reply(None)


def main():
    modules, leases, *own = sys.argv[1:]
    if own:
        subprocess.run(['mount', '-t', 'tmpfs', 'tmpfs', leases], check=True)
        serve_though_crashing(Asker(modules, leases))
    else:
        serve(Asker(modules, leases))


main()
