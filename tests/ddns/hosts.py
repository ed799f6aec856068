# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hosts with the service and libvirt-resolve-ddns, and DNS servers, in network namespaces of the test's own: the hosts
in the test's, each server in another one, which a pair of virtual network cards connects to it."""

import base64
import contextlib
import ipaddress
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import world as cli_world  # noqa: E402

DDNS = os.environ["LIBVIRT_RESOLVE_DDNS"]
SERVER, CLIENT = "192.0.2.53", "192.0.2.1"
ZONE, REVERSE, REVERSE6 = "lab.test", "51.198.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa"
PATIENCE = 30
SECRET = base64.b64encode(b"a secret of the tests, 32 bytes.").decode()
ALGORITHM = "hmac-sha256"
KEY = f'key "guests" {{\n    algorithm {ALGORITHM};\n    secret "{SECRET}";\n}};\n'

ZONE_TEXT = """$TTL 300
@ SOA ns.lab.test. admin.lab.test. 1 3600 600 86400 60
@ NS ns.lab.test.
"""
FORWARD_EXTRA = f"""ns A {SERVER}
mail A 203.0.113.9
alias CNAME mail
"""


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def wait_for(condition, seconds=PATIENCE, what="the condition"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise TimeoutError(f"{what} didn't come within {seconds} s")


class Server:
    """A DNS server with the three zones, in a namespace of its own."""

    program = None
    wrong_clock = "BADTIME"  # what is said of a client whose clock is wrong

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="libvirt-resolve.")
        os.chmod(self.directory, 0o755)
        self.process = self.holder = None
        self.connect()
        self.write_zones()
        self.configure()
        self.start()

    @classmethod
    def missing(cls):
        return not shutil.which(cls.program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")

    def connect(self):
        """The namespace, and a pair of network cards between it and ours."""
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        own = os.readlink("/proc/self/ns/net")
        wait_for(lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != own, what="the namespace")
        ip("link", "add", "dns0", "type", "veth", "peer", "name", "eth0", "netns", str(self.holder.pid))
        ip("address", "add", f"{CLIENT}/24", "dev", "dns0")
        ip("link", "set", "dns0", "up")
        for command in (["address", "add", f"{SERVER}/24", "dev", "eth0"], ["link", "set", "eth0", "up"],
                        ["link", "set", "lo", "up"]):
            subprocess.run([*self.enter(), "ip", *command], check=True)

    def enter(self):
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def write_zones(self):
        for zone in ZONE, REVERSE, REVERSE6:
            self.write(f"{zone}.zone", ZONE_TEXT + (FORWARD_EXTRA if zone == ZONE else ""))

    def configure(self):
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def start(self):
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen([*self.enter(), *self.command()], stdout=log, stderr=log, cwd=self.directory)
        wait_for(lambda: self.process.poll() is not None or dig("SOA", ZONE, seconds=1), what="the server")
        if self.process.poll() is not None:
            with open(self.path("log"), encoding="utf-8", errors="replace") as log:
                raise RuntimeError(log.read())

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def lose_records(self):
        """Starts again with the zones as they were at the beginning."""
        self.stop()
        self.forget()
        self.write_zones()
        self.start()

    def reload_lost(self):
        """The same without an end of the server, where it can do that."""
        self.lose_records()

    def allow_updates(self, allowed):
        raise NotImplementedError

    def forget(self):
        for name in os.listdir(self.directory):
            if name.endswith(".jnl"):
                os.unlink(self.path(name))

    def end(self):
        self.kill()
        self.holder.kill()
        self.holder.wait()
        subprocess.run(["ip", "link", "del", "dns0"], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.directory)


class Bind(Server):
    program = "named"

    def configure(self, key=KEY, policy="allow-update { key guests; };"):
        zones = "".join(f'zone "{zone}" {{ type primary; file "{self.directory}/{zone}.zone"; {policy} '
                        "allow-transfer { key guests; 192.0.2.0/24; }; };\n" for zone in (ZONE, REVERSE, REVERSE6))
        self.write("named.conf", f"""{key}
options {{
    directory "{self.directory}";
    listen-on {{ {SERVER}; }};
    listen-on-v6 {{ none; }};
    recursion no;
    dnssec-validation no;
    pid-file none;
    session-keyfile none;
    notify no;
    empty-zones-enable no;
}};
controls {{ }};
{zones}""")

    def allow_updates(self, allowed):
        self.configure(policy="allow-update { key guests; };" if allowed else "allow-update { none; };")
        self.process.send_signal(signal.SIGHUP)

    def command(self):
        return ["/usr/sbin/named", "-f", "-n", "1", "-c", self.path("named.conf")]


class Knot(Server):
    program = "knotd"

    def configure(self, action="[update, transfer]"):
        zones = "".join(f"  - domain: {zone}\n    file: {zone}.zone\n    acl: guests\n" for zone in (ZONE, REVERSE, REVERSE6))
        self.write("knot.conf", f"""server:
    listen: {SERVER}@53
    rundir: {self.directory}
database:
    storage: {self.directory}/db
log:
  - target: stderr
    any: info
key:
  - id: guests
    algorithm: {ALGORITHM}
    secret: {SECRET}
acl:
  - id: guests
    key: guests
    action: {action}
template:
  - id: default
    storage: {self.directory}
    zonefile-load: whole
    journal-content: none
zone:
{zones}""")

    def reload_lost(self):
        self.write_zones()
        self.process.send_signal(signal.SIGHUP)
        wait_for(lambda: guest_records(ZONE) == set(), what="the zone as it was at the beginning")

    def allow_updates(self, allowed):
        self.configure(action="[update, transfer]" if allowed else "transfer")
        self.process.send_signal(signal.SIGHUP)

    def command(self):
        return ["/usr/sbin/knotd", "-c", self.path("knot.conf")]


class PowerDns(Server):
    program = "pdns_server"
    wrong_clock = "REFUSED: .*clock is wrong"  # as of any other signature that isn't good

    def configure(self):
        self.write("pdns.conf", f"""launch=gsqlite3
gsqlite3-database={self.directory}/pdns.sqlite3
gsqlite3-pragma-synchronous=0
local-address={SERVER}
socket-dir={self.directory}
dnsupdate=yes
allow-dnsupdate-from=192.0.2.0/24
query-cache-ttl=0
cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
domain-metadata-cache-ttl=0
disable-syslog=yes
""")
        self.fill()

    def util(self, *arguments):
        subprocess.run(["pdnsutil", f"--config-dir={self.directory}", *arguments], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def fill(self):
        schema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"
        with open(schema, encoding="utf-8") as file:
            subprocess.run(["sqlite3", self.path("pdns.sqlite3")], stdin=file, check=True)
        self.util("import-tsig-key", "guests", ALGORITHM, SECRET)
        for zone in ZONE, REVERSE, REVERSE6:
            self.util("load-zone", zone, self.path(f"{zone}.zone"))
            self.util("set-meta", zone, "TSIG-ALLOW-DNSUPDATE", "guests")
            self.util("set-meta", zone, "ALLOW-DNSUPDATE-FROM", "192.0.2.0/24")
            self.util("set-meta", zone, "TSIG-ALLOW-AXFR", "guests")
            self.util("set-meta", zone, "ALLOW-AXFR-FROM", "192.0.2.0/24")
        shutil.copyfile(self.path("pdns.sqlite3"), self.path("first.sqlite3"))

    def forget(self):
        for name in os.listdir(self.directory):
            if name.startswith("pdns.sqlite3-"):
                os.unlink(self.path(name))  # what a killed server hadn't moved from there into the file
        shutil.copyfile(self.path("first.sqlite3"), self.path("pdns.sqlite3"))

    def reload_lost(self):
        for zone in ZONE, REVERSE, REVERSE6:
            self.util("load-zone", zone, self.path(f"{zone}.zone"))

    def allow_updates(self, allowed):
        for zone in ZONE, REVERSE, REVERSE6:
            self.util("set-meta", zone, "TSIG-ALLOW-DNSUPDATE", "guests" if allowed else "others")

    def command(self):
        return ["/usr/sbin/pdns_server", f"--config-dir={self.directory}", "--guardian=no", "--daemon=no"]


def dig(kind, name, seconds=3, enter=(), unanswered=frozenset()):
    """The data of the records; unanswered, if nobody answers.  enter: Server.enter(), to ask from there."""
    result = subprocess.run([*enter, "dig", "+short", "+tries=1", f"+time={seconds}", f"@{SERVER}", name, kind],
                            capture_output=True, text=True, check=False)
    if result.returncode != 0:
        return set(unanswered)
    return {line for line in result.stdout.splitlines() if not line.startswith(";")}


def transfer(zone, enter=()):
    """All records of the zone: (owner, type, data), names without the final dot.  None if it can't be had."""
    result = subprocess.run([*enter, "dig", "+noall", "+answer", "+time=5", f"@{SERVER}", zone, "AXFR", "-y",
                             f"{ALGORITHM}:guests:{SECRET}"], capture_output=True, text=True, check=False)
    records = {tuple(line.split(None, 4)[i] for i in (0, 3, 4)) for line in result.stdout.splitlines()
               if line and not line.startswith(";")}
    return {(owner.rstrip("."), kind, data) for owner, kind, data in records if kind != "TSIG"} if records else None


def guest_records(zone, enter=()):
    """The records of guests in the zone, without the DHCIDs' data."""
    return {(owner, kind, "" if kind == "DHCID" else data) for owner, kind, data in transfer(zone, enter) or ()
            if kind not in ("SOA", "NS") and owner not in {f"{name}.{ZONE}" for name in ("ns", "mail", "alias")}}


def administrate(*changes):
    """Changes to the zone that aren't ours: lines of nsupdate."""
    text = "\n".join([f"server {SERVER}", f"zone {ZONE}", *changes, "send", ""])
    subprocess.run(["nsupdate", "-y", f"{ALGORITHM}:guests:{SECRET}"], input=text, text=True, check=True, timeout=PATIENCE)


class Clock:
    """A wall clock for one program, so many seconds ahead of the kernel's (tests/hammer/clock.c)."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(prefix="ddns-clock-")
        self.set(0)
        # By its base name: LD_PRELOAD takes no path with a space.
        directory, name = os.path.split(os.environ["DDNS_CLOCK"])
        self.environment = {"TEST_CLOCK": self.file.name, "LD_PRELOAD": name, "LD_LIBRARY_PATH": directory}

    def set(self, seconds):
        os.pwrite(self.file.fileno(), struct.pack("=q", seconds), 0)


def reverse_name(address):
    return ".".join(reversed(address.split("."))) + ".in-addr.arpa"


class Host:
    """A libvirt host: the service with its lease files, and the daemon."""

    def __init__(self, name, *options):
        self.name = name
        self.guests = {}
        self.world = cli_world.World()
        for file in "virbr0.status", "virbr0.macs":
            os.unlink(os.path.join(self.world.leases, file))
        self.daemon = None
        self.options = options
        for directory in "state", "status":
            os.mkdir(self.path(directory))
        self.write_key(KEY)

    def path(self, name):
        return os.path.join(self.world.directory, name)

    def write_key(self, text):
        with open(self.path("key"), "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(text)

    def write(self):
        """The lease files of the bridge, in one step as far as the service is concerned: the leases last."""
        domains = [{"domain": name, "macs": [mac]} for name, (mac, _) in self.guests.items()]
        leases = [cli_world.lease(address, mac, f"host-of-{name}") for name, (mac, addresses) in self.guests.items()
                  for address in addresses]
        self.world.write("br0.macs", domains)
        self.world.write("br0.status", leases)

    def set(self, name, number, *addresses):
        self.guests[name] = (mac_of(number), addresses)
        self.write()

    def drop(self, name):
        del self.guests[name]
        self.write()

    def command(self, *options):
        return [DDNS, f"--server={SERVER}", f"--zone={ZONE}", f"--reverse-zone={REVERSE}", f"--reverse-zone={REVERSE6}",
                "--interface=br0", f"--host-id={self.name}", f"--key-file={self.path('key')}",
                f"--state-directory={self.path('state')}", f"--runtime-directory={self.path('status')}",
                "--compare=2s", "--remove-delay=500ms", "--retry-max=1s", "--log-level=debug", *self.options, *options]

    def start(self, *options, environment=None):
        """Returns at once; a status that is there later is this daemon's."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path("status/status.json"))
        with open(self.path("ddns.log"), "ab") as log:
            self.daemon = subprocess.Popen(self.command(*options), env={**self.world.environment, **(environment or {})},
                                           stdout=log, stderr=log)

    def run(self, *options):
        return subprocess.run(self.command(*options), env=self.world.environment, capture_output=True, text=True,
                              timeout=PATIENCE, check=False)

    def stop(self, how=signal.SIGTERM):
        if self.daemon:
            self.daemon.send_signal(how)
            status = self.daemon.wait(PATIENCE)
            self.daemon = None
            return status
        return None

    def state(self):
        with open(self.path("state/state.json"), encoding="utf-8") as file:
            return file.read()

    def log(self):
        with open(self.path("ddns.log"), encoding="utf-8") as file:
            return file.read()

    def status(self):
        try:
            with open(self.path("status/status.json"), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return {}

    def expected(self):
        """The records that the zone should have of this host."""
        records = set()
        for name, (_, addresses) in self.guests.items():
            owner = f"{name}.{ZONE}"
            records |= {(owner, "AAAA" if ":" in address else "A", address) for address in addresses}
            records |= {(owner, "DHCID", ""), (f"_libvirt-resolve.{owner}", "TXT", f'"host={self.name}"')}
        return records

    def expected_reverse(self, zone):
        """The same of a zone for names of addresses."""
        records = set()
        for name, (_, addresses) in self.guests.items():
            for owner in (ipaddress.ip_address(address).reverse_pointer for address in addresses):
                if owner.endswith(zone):
                    records |= {(owner, "PTR", f"{name}.{ZONE}."), (owner, "DHCID", ""),
                                (f"_libvirt-resolve.{owner}", "TXT", f'"host={self.name}"')}
        return records

    def end(self):
        self.stop(signal.SIGKILL)
        self.world.end()


def mac_of(number):
    return f"52:54:00:bb:{number >> 8:02x}:{number & 255:02x}"


def expected(*hosts):
    return set().union(*(host.expected() for host in hosts))


def expected_reverse(zone, *hosts):
    return set().union(*(host.expected_reverse(zone) for host in hosts))


def wait_records(zone, records, *hosts, seconds=PATIENCE):
    try:
        wait_for(lambda: guest_records(zone) == records, seconds, "the zone")
    except TimeoutError as error:
        difference = guest_records(zone) ^ records
        logs = "\n".join(host.log()[-3000:] for host in hosts)
        raise AssertionError(f"{error}: {sorted(difference)[:20]}\n{logs}") from None


def wait_equal(*hosts, seconds=PATIENCE):
    wait_records(ZONE, expected(*hosts), *hosts, seconds=seconds)


def wait_all_equal(*hosts):
    """Also the zones for names of addresses."""
    wait_equal(*hosts)
    for zone in REVERSE, REVERSE6:
        wait_records(zone, expected_reverse(zone, *hosts), *hosts)


def in_namespace():
    """Runs the script again in a network namespace of its own."""
    if os.environ.get("DDNS_NAMESPACE"):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    wanted = [program for program in ("dig", "nsupdate", "unshare", "nsenter", "ip", "dbus-daemon") if not shutil.which(program)]
    if wanted:
        print("not installed:", *wanted)
        sys.exit(77)
    how = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--user", "--map-root-user"]
    if subprocess.run([*how, "true"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        print("network namespaces can't be made")
        sys.exit(77)
    os.environ["DDNS_NAMESPACE"] = "1"
    os.execvp(how[0], [*how, sys.executable, *sys.argv])
