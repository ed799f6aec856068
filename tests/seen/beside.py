#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
Runs a command, as another test or a measurement, beside libvirt-resolve-seen on a busy bridge:

    tests/seen/beside.py [--idle] BUILD COMMAND [ARGUMENT...]

Twenty guests take and give up addresses, five times a second.  What libvirt-resolve-domains would state of them is
written as it writes it, once a second, one of them started or stopped.  The service reads both at its usual places.  --idle: they do so once, and then nothing.
"""

import json
import os
import random
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
IDLE = sys.argv[1:2] == ["--idle"]
ARGUMENTS = sys.argv[1 + IDLE:]
os.environ["TEST_BESIDE"] = "idle" if IDLE else "busy"
os.environ.setdefault("LIBVIRT_RESOLVE_SEEN", os.path.join(os.path.realpath(ARGUMENTS[0]), "src/seen/libvirt-resolve-seen"))

from bench import Host, namespace, until  # noqa: E402

SEEN, DOMAINS = "/run/libvirt-resolve-seen", "/run/libvirt-resolve-domains"
N_GUESTS = 20


class Busy:
    """Its guests, and what they do meanwhile."""

    def __init__(self, host):
        self.guests = [host.guest(f"vnet{i}", f"52:54:00:00:01:{i:02x}") for i in range(N_GUESTS)]
        self.n_announced = self.n_stated = 0
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.start = self.thread.start

    def state(self, stopped):
        nics = [{"domain": f"busy-{i}", "mac-address": guest.mac, "type": "bridge", "bridge": "br0", "tap": guest.tap}
                for i, guest in enumerate(self.guests) if guest is not stopped]
        with open(f"{DOMAINS}/.domains.json.new", "w", encoding="ascii") as file:
            json.dump(nics, file)
        os.rename(f"{DOMAINS}/.domains.json.new", f"{DOMAINS}/domains.json")
        self.n_stated += 1

    def run(self):
        if IDLE:
            self.state(None)
            for i, guest in enumerate(self.guests):
                guest.announce(f"10.9.0.{10 + i}")
            return
        step = 0
        while not self.ends.wait(0.2):
            guest = random.choice(self.guests)
            if len(guest.addresses) > 4:
                guest.addresses.pop()
            guest.announce(f"10.9.0.{random.randrange(10, 250)}" if step % 2 else f"fd09::{random.randrange(10, 60000):x}")
            self.n_announced += 1
            if step % 5 == 0:
                self.state(random.choice(self.guests))
            step += 1

    def end(self):
        self.ends.set()
        self.thread.join()


def main():
    for directory in SEEN, DOMAINS:
        os.mkdir(directory)
    host = Host()
    subprocess.run(["mount", "--bind", host.facts_directory, SEEN], check=True)
    busy = Busy(host)
    try:
        host.start()
        busy.start()
        until(lambda: len(host.stated()) >= N_GUESTS)
        status = subprocess.run(ARGUMENTS[1:], check=False).returncode
        stated = len(host.stated())
    finally:
        busy.end()
        subprocess.run(["umount", SEEN], check=True)
        host.end()
    print(f"beside: {busy.n_announced} addresses announced, {busy.n_stated} files of domains, "
          f"{stated} addresses stated at the end", file=sys.stderr)
    sys.exit(status)


if __name__ == "__main__":
    if len(ARGUMENTS) < 2:
        sys.exit(__doc__.strip())
    namespace()
    main()
