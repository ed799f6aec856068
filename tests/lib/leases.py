# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lease files, as libvirt writes them."""

import json
import os
import time


def lease(address, mac, hostname=None, expires_in=3600):
    """An entry of a .status file; expires_in: 0: it never expires."""
    entry = {'ip-address': address, 'mac-address': mac, 'client-id': '01:' + mac}
    if hostname is not None:
        entry['hostname'] = hostname
    entry['expiry-time'] = int(time.time()) + expires_in if expires_in else 0
    return entry


def put(directory, name, document):
    """Puts a file in place as libvirt does: written beside, and renamed.  The document may be its text, or bytes."""
    if not isinstance(document, (str, bytes)):
        document = json.dumps(document)
    path = os.path.join(directory, name)
    with open(path + '.new', 'wb') as file:
        file.write(document if isinstance(document, bytes) else document.encode())
    os.rename(path + '.new', path)
