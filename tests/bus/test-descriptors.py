#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Descriptors sent along with calls that wait, in the header only: the service keeps none of them open."""

import array
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lib'))

from bus import Bus  # noqa: E402
from service import Service  # noqa: E402

SERVICE, OBJECT = 'org.libvirt.Resolve1', '/org/libvirt/Resolve1'
N_CALLS, N_EACH = 40, 16
PATH, INTERFACE, MEMBER, REPLY_SERIAL, DESTINATION, SIGNATURE, UNIX_FDS = 1, 2, 3, 5, 6, 8, 9


def align(data, n):
    return data + bytes(-len(data) % n)


def text(value):
    return struct.pack('<I', len(value)) + value.encode() + b'\0'


def method_call(serial, destination, path, member, body=b'', signature='', n_fds=0, interface=None):
    fields = b''
    for code, kind, value in ((PATH, 'o', path), (INTERFACE, 's', interface or destination), (MEMBER, 's', member),
                              (DESTINATION, 's', destination), (SIGNATURE, 'g', signature), (UNIX_FDS, 'u', n_fds)):
        if not value:
            continue
        fields = align(fields, 8) + bytes([code, 1]) + kind.encode() + b'\0'
        if kind == 'g':
            fields += bytes([len(value)]) + value.encode() + b'\0'
        else:
            fields = align(fields, 4) + (struct.pack('<I', value) if kind == 'u' else text(value))
    return align(b'l\1\0\1' + struct.pack('<III', len(body), serial, len(fields)) + fields, 8) + body


def connect(path):
    bus = socket.socket(socket.AF_UNIX)
    bus.settimeout(20)
    bus.connect(path)
    bus.sendall(b'\0AUTH EXTERNAL ' + str(os.getuid()).encode().hex().encode() + b'\r\n')
    assert bus.recv(100).startswith(b'OK ')
    bus.sendall(b'NEGOTIATE_UNIX_FD\r\n')
    assert bus.recv(100).startswith(b'AGREE_UNIX_FD')
    bus.sendall(b'BEGIN\r\n' + method_call(1, 'org.freedesktop.DBus', '/org/freedesktop/DBus', 'Hello'))
    return bus


def ping(bus, serial):
    """Waits for a reply, which comes behind all that was sent before it."""
    bus.sendall(method_call(serial, SERVICE, OBJECT, 'Ping', interface='org.freedesktop.DBus.Peer'))
    received = b''
    while bytes([REPLY_SERIAL, 1]) + b'u\0' + struct.pack('<I', serial) not in received:
        data = bus.recv(65536)
        assert data, 'the bus hung up'
        received += data


def main():
    with Bus() as private, Service(private.environment) as service:
        def descriptors():
            return len(os.listdir(f'/proc/{service.process.pid}/fd'))

        bus = connect(private.path)
        ping(bus, 2)
        before = descriptors()
        null = os.open('/dev/null', os.O_RDONLY | os.O_CLOEXEC)
        for i in range(N_CALLS):
            body = align(struct.pack('<i', 0) + text('nobody'), 4) + struct.pack('<i', 0)
            body = align(body, 8) + struct.pack('<QQ', 0, 2**64 - 1)
            call = method_call(3 + i, SERVICE, OBJECT, 'WaitForHostname', body, 'isitt', N_EACH)
            bus.sendmsg([call], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [null] * N_EACH))])
        ping(bus, 3 + N_CALLS)
        after = descriptors()
    print(f'{N_CALLS} calls with {N_EACH} descriptors each: the service had {before} open, and then {after}')
    if after > before + N_EACH:
        sys.exit('It keeps them.')


main()
