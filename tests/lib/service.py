# SPDX-License-Identifier: LGPL-2.1-or-later
"""The service as a process."""

import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

from files import temporary_directory
from waiting import PATIENCE

PROGRAM = os.environ.get('LIBVIRT_RESOLVED')

# Becomes a command, with the socket of that number as its first descriptor.
HAND_OVER = '''import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
os.execvp(sys.argv[2], sys.argv[2:])'''


class Notifications:
    """What the service tells systemd.  Read at once: the kernel keeps few datagrams, and the service waits until it
    can send the next."""

    def __init__(self, path):
        if os.path.exists(path):
            os.unlink(path)
        self.path = path
        self.queue = queue.Queue()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        os.chmod(path, 0o777)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        while datagram := self.socket.recv(4096):
            self.queue.put(datagram)

    def receive(self, seconds):
        """The next datagram, or None."""
        try:
            return self.queue.get(timeout=max(0, seconds))
        except queue.Empty:
            return None

    def forget(self):
        while self.receive(0):
            pass

    def close(self):
        if self.thread.is_alive():
            self.socket.shutdown(socket.SHUT_RD)
            self.thread.join()
            self.socket.close()


class Service:
    """libvirt-resolved, as systemd starts it: it says when it is ready, and its messages go into the file log.

    listener: a socket to hand over.  directory: for the log, the socket that it says it on, and what is
    None of the other directories; by default a new one.  wrapper: a command to run it under."""

    def __init__(self, environment, leases=None, runtime=None, *options, program=None, user=None, wrapper=(), listener=None,
                 directory=None, wait=True):
        self.temporary = not directory
        self.directory = directory or temporary_directory()
        self.log = os.path.join(self.directory, 'log')
        self.leases = leases or self.make_directory('leases')
        self.runtime = runtime or self.make_directory('run')
        self.ready = False
        self.notifications = Notifications(os.path.join(self.directory, 'notify'))
        program = program or PROGRAM
        if user is not None:    # who may not enter the directory that it was built in
            program = shutil.copy(program, self.directory)
        hand_over = [sys.executable, '-c', HAND_OVER, str(listener.fileno())] if listener else []
        begin = time.monotonic()
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(
                [*hand_over, *wrapper, program, f'--lease-directory={self.leases}',
                 f'--runtime-directory={self.runtime}', *options],
                env=dict(environment, NOTIFY_SOCKET=self.notifications.path), user=user,
                pass_fds=[listener.fileno()] if listener else [], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if wait:
            try:
                self.wait_ready()
            except AssertionError:
                self.stop()
                raise
            self.ready_after = time.monotonic() - begin

    def make_directory(self, name):
        path = os.path.join(self.directory, name)
        os.makedirs(path, exist_ok=True)
        return path

    def wait_ready(self):
        if not self.ready:
            self.wait_notification('READY=1')
        self.ready = True

    def wait_notification(self, line, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while datagram := self.notifications.receive(end - time.monotonic()):
            if line in datagram.decode().split('\n'):
                return
        raise AssertionError(f'the service doesn\'t say {line}: {self.output()}')

    def output(self):
        with open(self.log, encoding='utf-8', errors='replace') as file:
            return file.read()

    def end(self, how=signal.SIGTERM, seconds=PATIENCE):
        """Sends the signal and returns the exit status."""
        self.process.send_signal(how)
        return self.process.wait(seconds)

    def stop(self):
        """Whatever was done to it."""
        self.process.kill()
        self.process.wait()
        self.notifications.close()

    def close(self):
        """Whatever was done to a service that still runs, it ends when it is told to."""
        try:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGCONT)
                status = self.end()
                assert status in (0, -signal.SIGKILL), f'the service ended with {status}: {self.output()}'
        finally:
            self.stop()
            if self.temporary:
                shutil.rmtree(self.directory)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
