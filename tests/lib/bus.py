# SPDX-License-Identifier: LGPL-2.1-or-later
"""A private message bus."""

import os
import shutil
import signal
import subprocess
from urllib.parse import quote

from files import temporary_directory
from tap import require

CONFIGURATION = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'bus.conf')
DENY_SERVICE = '<policy context="mandatory"><deny send_destination="org.libvirt.Resolve1"/></policy>'


class Bus:
    """A dbus-daemon on which anyone may be anyone; more: elements that are added to its configuration."""

    def __init__(self, more='', directory=None, wrapper=()):
        require('dbus-daemon')
        self.temporary = not directory
        self.directory = directory or temporary_directory()
        self.wrapper = wrapper
        self.path = os.path.join(self.directory, 'bus')
        self.address = f'unix:path={quote(self.path)}'
        self.environment = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.address)
        self.start(more)

    def start(self, more=''):
        with open(CONFIGURATION, encoding='utf-8') as file:
            self.write('bus.conf', file.read().replace('</busconfig>', more + '</busconfig>'))
        self.daemon = subprocess.Popen(
            [*self.wrapper, 'dbus-daemon', '--nofork', '--nosyslog', '--print-address', f'--address={self.address}',
             f'--config-file={self.directory}/bus.conf'],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.daemon.stdout.readline()

    def activate(self, program):
        """Starts anew; a call to the service starts the program."""
        services = os.path.join(self.directory, 'services')
        os.mkdir(services)
        self.write('services/org.libvirt.Resolve1.service', f'[D-BUS Service]\nName=org.libvirt.Resolve1\nExec={program}\n')
        self.stop()
        self.start(f'<servicedir>{services}</servicedir>')

    def write(self, name, text):
        with open(os.path.join(self.directory, name), 'w', encoding='utf-8') as file:
            file.write(text)

    def stop(self):
        self.daemon.send_signal(signal.SIGCONT)
        self.daemon.kill()
        self.daemon.wait()
        self.daemon.stdout.close()

    def close(self):
        self.stop()
        if self.temporary:
            shutil.rmtree(self.directory)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
