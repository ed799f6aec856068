#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libvirt-resolve doctor: each thing broken, one at a time, in a namespace of our own."""

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

from world import CLI, HOOK, LEASES, MACS, PATIENCE, World, lease, main
from bus import DENY_SERVICE

LEASE_DIRECTORY = os.environ["LEASE_DIRECTORY"]
RUNTIME_DIRECTORY = os.environ["RUNTIME_DIRECTORY"]
RUNNING = ("loaded", "active", "enabled", "0")
# In order: load, activity, unit file, restarts, result.
RESOLVED = ("loaded", "active", "enabled", "0", "success")
HOOK_UNIT = ("loaded", "active", "enabled", "0", "success")
HOOK_SOCKET = "/run/systemd/resolve.hook/org.libvirt.Resolve1"
GOOD = [entry for entry in LEASES if entry.get("hostname") in ("web1", "Web2", "appserver")]


def enter_namespace():
    """Goes on in a mount namespace, as root of a user namespace if need be; else skips."""
    if os.environ.get("DOCTOR_NAMESPACE"):
        return
    unshare = ["unshare", "--mount", "--propagation=private"]
    if os.geteuid() != 0:
        unshare += ["--user", "--map-root-user"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
        print("namespaces can't be made here")
        sys.exit(77)
    os.environ["DOCTOR_NAMESPACE"] = "1"
    os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class TestDoctor(unittest.TestCase):
    """A healthy world, in which each test breaks something."""

    def setUp(self):
        kept = {name: read(name) for name in ("/etc/passwd", "/etc/group", "/etc/ld.so.cache", "/etc/localtime")
                if os.path.isfile(name)}
        for directory in "/var/lib", "/run", "/etc":
            mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", directory)
            self.addCleanup(subprocess.run, ["umount", "-l", directory], check=True)
        for name, data in kept.items():
            with open(name, "wb") as file:
                file.write(data)
        os.makedirs(LEASE_DIRECTORY)
        os.mkdir(RUNTIME_DIRECTORY)
        write("/etc/nsswitch.conf", "hosts: files libvirt libvirt_guest dns\n")

        self.doubles = []
        self.world = World(leases=LEASE_DIRECTORY, runtime=RUNTIME_DIRECTORY)
        self.addCleanup(self.world.end)
        self.addCleanup(self.end_doubles)
        self.world.write("virbr0.status", GOOD)
        self.world.write("virbr0.macs", MACS[:1])
        self.modules = os.path.join(self.world.directory, "modules")
        os.mkdir(self.modules)
        for name in "libnss_libvirt.so.2", "libnss_libvirt_guest.so.2":
            shutil.copy(os.path.join(os.environ["NSS_MODULES"], name), self.modules)
        self.world.environment["LD_LIBRARY_PATH"] = self.modules
        self.network = os.path.join(self.world.directory, "net")
        os.makedirs(os.path.join(self.network, "virbr0"))
        mount("--bind", self.network, "/sys/class/net")
        self.addCleanup(subprocess.run, ["umount", "-l", "/sys/class/net"], check=True)

    def end_doubles(self):
        for process in self.doubles:
            process.kill()
            process.wait()
            process.stdout.close()
        self.doubles = []

    def systemd(self, *states, version="259.1-1", resolved=RESOLVED, hook=HOOK_UNIT, others=()):
        """Of libvirt-resolved.service load, activity, unit file, restarts; of the other units results as well."""
        process = subprocess.Popen([os.environ["SYSTEMD_DOUBLE"], version, "libvirt-resolved.service", *states, "success",
                                    "systemd-resolved.service", *resolved, "libvirt-resolved-hook.socket", *hook, *others],
                                   env=self.world.environment, stdout=subprocess.PIPE)
        self.doubles.append(process)
        self.assertEqual(process.stdout.readline(), b"ready\n")

    def hand_over(self):
        """Has the service started anew with the hook's socket."""
        self.world.stop_service()
        os.makedirs(os.path.dirname(HOOK_SOCKET))
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(HOOK_SOCKET)
        os.chmod(HOOK_SOCKET, 0o666)
        listener.listen()
        self.world.start_service(listener=listener)

    def doctor(self, *arguments, user=None):
        return subprocess.run([CLI, "doctor", *arguments], env=self.world.environment, text=True,
                              capture_output=True, timeout=PATIENCE, check=False, user=user)

    def diagnose(self, check, verdict, *words, status=None, user=None):
        """Expects that one check finds this, and that it says all the words."""
        result = self.doctor("--json=short", user=user)
        findings = [finding for finding in json.loads(result.stdout) if finding["check"] == check]
        said = [finding for finding in findings if finding["verdict"] == verdict and
                all(word in finding["text"] + finding.get("advice", "") for word in words)]
        self.assertTrue(said, findings)
        self.assertEqual(result.returncode, status if status is not None else int(verdict == "failure"),
                         result.stdout)

    def test_all_is_well(self):
        self.systemd(*RUNNING)
        if HOOK:
            self.hand_over()
        result = self.doctor("--json=short")
        findings = json.loads(result.stdout)
        self.assertEqual({finding["verdict"] for finding in findings}, {"ok"}, findings)
        self.assertEqual(result.returncode, 0)
        text = self.doctor()
        self.assertIn("All is well.", text.stdout)
        self.assertNotIn("\033", text.stdout)
        self.assertEqual(text.stderr, "")

    # ---- a program ----

    def program(self, what, verdict, *words, others=True):
        """Expects what the check of a program finds, and whether the others are made."""
        findings = json.loads(self.doctor("--json=short", f"--for={what}").stdout)
        said = [finding for finding in findings if finding["check"] == "program"]
        self.assertEqual([finding["verdict"] for finding in said], [verdict], said)
        for word in words:
            self.assertIn(word, said[0]["text"] + said[0].get("advice", ""))
        self.assertEqual("nsswitch" in {finding["check"] for finding in findings}, others)

    def make_program(self, name, loader="", mark=b"", extra=b""):
        """A program's file, of which only the headers are real."""
        with open("/proc/self/exe", "rb") as file:
            ident, machine = file.read(16), file.read(4)[2:]
        ident = ident[:8] + (mark or bytes(3)) + bytes(5)
        data = loader.encode() + b"\0"
        header = ident + struct.pack("=H2sIQQQIHHHHHH", 2, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
        segment = struct.pack("=IIQQQQQQ", 3 if loader else 1, 4, 64 + 56, 0, 0, len(data), len(data), 1)
        path = os.path.join(self.world.directory, name)
        with open(path, "wb") as file:
            file.write(header + segment + data + extra)
        os.chmod(path, 0o755)
        return path

    def script(self, name, line):
        path = os.path.join(self.world.directory, name)
        write(path, f"#!{line}\n")
        os.chmod(path, 0o755)
        return path

    def test_commands(self):
        self.world.environment["PATH"] = self.world.directory + ":/usr/bin:/bin"
        self.make_program("good", "/lib64/ld-linux-x86-64.so.2")
        self.program("good", "ok", "good (", "linked to glibc")
        self.program(self.make_program("alpine", "/lib/ld-musl-x86_64.so.1"), "failure", "musl", others=False)
        self.program(self.make_program("static"), "failure", "static program: it loads no NSS modules", others=False)
        self.program(self.make_program("half", extra=b"libnss_%s.so"), "warning", "glibc of its own")
        self.program(self.make_program("image", mark=b"AI\2"), "skipped", "AppImage", "--for=PID")
        self.program(self.make_program("bionic", "/system/bin/linker64"), "failure", "/system/bin/linker64", others=False)
        self.program("nosuchprogram", "failure", "There is no program nosuchprogram")
        self.program(self.script("text", ""), "skipped", "can't be read as a program")
        self.program("\033[31m", "failure", "\\x1b")
        self.make_program("dig", "/lib64/ld-linux-x86-64.so.2")
        self.program("dig", "failure", "asks DNS, not the C library", others=False)

    def test_scripts(self):
        self.world.environment["PATH"] = self.world.directory + ":/usr/bin:/bin"
        good = self.make_program("good", "/lib64/ld-linux-x86-64.so.2")
        self.make_program("alpine", "/lib/ld-musl-x86_64.so.1")
        self.program(self.script("one", f"{good} -x"), "ok", f"({good})")
        self.program(self.script("two", "/usr/bin/env -S A=b alpine -x"), "failure", "musl", others=False)
        self.program(self.script("loop", os.path.join(self.world.directory, "loop")), "skipped", "Too many levels")

    def test_starters(self):
        exports = os.path.join(self.world.directory, "flatpak", "exports", "bin")
        os.makedirs(exports)
        write(os.path.join(exports, "org.example.App"), "#!/bin/sh\n")
        self.program(os.path.join(exports, "org.example.App"), "failure", "in a Flatpak", others=False)

    @unittest.skipUnless(HOOK, "built without the hook")
    def test_advice_of_static_programs(self):
        self.program(self.make_program("static"), "failure", "libvirt-resolved-hook.socket", others=False)

    def start(self, script):
        """A process in mounts of its own, after a script has changed them."""
        process = subprocess.Popen(["unshare", "--mount", "--propagation=private", "sh", "-ec",
                                    script + "\necho ready\nexec sleep 1000 >&-"], stdout=subprocess.PIPE)
        self.doubles.append(process)
        self.assertEqual(process.stdout.read(), b"ready\n")  # the end: sleep runs
        return process.pid

    def test_processes(self):
        self.program(os.getpid(), "ok", f"(PID {os.getpid()}) loads NSS modules")
        self.program(4194305, "failure", "There is no process 4194305")
        write("/etc/other.conf", "hosts: files dns\n")
        self.program(self.start(":"), "ok", "sleep (PID")
        self.program(self.start("mount --bind /etc/other.conf /etc/nsswitch.conf"), "failure",
                     "sees another /etc/nsswitch.conf", others=False)
        self.program(self.start(f"mount -t tmpfs none {RUNTIME_DIRECTORY}"), "failure", "hides the index", "BindReadOnlyPaths=",
                     others=False)
        self.program(self.start(f"mount -t tmpfs none {os.path.dirname(LEASE_DIRECTORY)}"), "failure", "hides", others=False)

    @unittest.skipIf(os.environ.get("SANITIZED"), "a module with a sanitizer can't be loaded into python3")
    def test_loaded(self):
        module = os.path.join(self.modules, "libnss_libvirt.so.2")
        process = subprocess.Popen([sys.executable, "-c", "import ctypes, sys; ctypes.CDLL(sys.argv[1]); "
                                    "print('ready', flush=True); sys.stdin.read()", module],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.stdin.close)
        self.doubles.append(process)
        process.stdout.readline()
        self.program(process.pid, "ok", "has loaded the NSS modules")
        shutil.copy(module, module + ".new")
        os.rename(module + ".new", module)
        self.program(process.pid, "warning", "replaced since", "Restart it.")

    def in_root(self, *files, nsswitch="hosts: files dns\n"):
        """A process with another root directory."""
        root = tempfile.mkdtemp(dir=self.world.directory)
        os.mkdir(os.path.join(root, "etc"))
        write(os.path.join(root, "etc", "nsswitch.conf"), nsswitch)
        for path in files:
            os.makedirs(os.path.dirname(root + path), exist_ok=True)
            write(root + path, "")
        process = subprocess.Popen([sys.executable, "-c", "import os, sys; os.chroot(sys.argv[1]); "
                                    "print('ready', flush=True); sys.stdin.read()", root],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.stdin.close)
        self.doubles.append(process)
        process.stdout.readline()
        return process.pid

    def test_roots(self):
        self.program(self.in_root(), "failure", "runs in a chroot, whose own nsswitch.conf", others=False)
        self.program(self.in_root("/.flatpak-info"), "failure", "runs in a Flatpak", others=False)
        self.program(self.in_root("/run/.containerenv"), "failure", "runs in a container", others=False)
        self.program(self.in_root(nsswitch="hosts: files libvirt dns\n"), "failure", "runs in a chroot that hides the index",
                     others=False)

    def test_links_of_other_roots(self):
        """A link in it isn't followed into our files."""
        pid = self.in_root()
        os.unlink(f"/proc/{pid}/root/etc/nsswitch.conf")
        os.symlink("/etc/nsswitch.conf", f"/proc/{pid}/root/etc/nsswitch.conf.link")
        os.rename(f"/proc/{pid}/root/etc/nsswitch.conf.link", f"/proc/{pid}/root/etc/nsswitch.conf")
        self.program(pid, "failure", "runs in a chroot, whose own nsswitch.conf", others=False)

    # ---- modules ----

    def test_no_module(self):
        os.unlink(os.path.join(self.modules, "libnss_libvirt_guest.so.2"))
        self.diagnose("modules", "failure", "libvirt_guest can't be loaded", "Install")
        self.diagnose("modules", "ok", "libvirt is ", status=1)

    def test_foreign_modules(self):
        shutil.copy(os.environ["FOREIGN_MODULE"], os.path.join(self.modules, "libnss_libvirt.so.2"))
        self.diagnose("modules", "failure", "isn't libvirt-resolve's", "libnss-libvirt")

    # ---- nsswitch.conf ----

    def test_not_on_the_hosts_line(self):
        write("/etc/nsswitch.conf", "hosts: files dns\n")
        self.diagnose("nsswitch", "failure", "Neither libvirt nor libvirt_guest is on the hosts line", "nss enable")

    def test_one_module(self):
        """The strict line isn't a fault."""
        write("/etc/nsswitch.conf", "hosts: files libvirt_guest dns\n")
        self.diagnose("nsswitch", "skipped", "libvirt isn't on the hosts line")
        self.diagnose("nsswitch", "ok", "Lookups reach the module")
        write("/etc/nsswitch.conf", "hosts: resolve [!UNAVAIL=return] libvirt_guest dns\n")
        self.diagnose("nsswitch", "failure", '"resolve [!UNAVAIL=return]" ends', "nss enable --domain-name")

    def test_ended_before(self):
        for before, verdict in [("resolve [!UNAVAIL=return]", "failure"), ("files [NOTFOUND=return]", "failure"),
                                ("mdns4_minimal [NOTFOUND=return]", "warning"),
                                ("myhostname [UNAVAIL=return]", "warning")]:
            with self.subTest(before):
                write("/etc/nsswitch.conf", f"hosts: {before} libvirt libvirt_guest dns\n")
                self.diagnose("nsswitch", verdict, f'"{before}" ends', "nss enable")

    def test_before_files(self):
        for line in "libvirt libvirt_guest files dns", "libvirt files libvirt_guest", "libvirt libvirt_guest resolve":
            write("/etc/nsswitch.conf", f"hosts: {line}\n")
            self.diagnose("nsswitch", "warning", 'before "files"', "/etc/hosts", "nss enable")
        write("/etc/nsswitch.conf", "hosts: files dns libvirt libvirt_guest\n")
        self.diagnose("nsswitch", "ok", "both modules")

    def test_another_file(self):
        path = os.path.join(self.world.directory, "nsswitch.conf")
        write(path, "hosts: dns\n")
        result = self.doctor(f"--file={path}")
        self.assertIn(f"Neither libvirt nor libvirt_guest is on the hosts line of {path}", result.stdout)
        self.assertIn(f"libvirt-resolve nss enable --file={path}", result.stdout)
        self.assertEqual(result.returncode, 1)

    def test_merge(self):
        write("/etc/nsswitch.conf", "hosts: files [SUCCESS=merge] libvirt libvirt_guest dns\n")
        self.diagnose("nsswitch", "warning", "merge is for groups")

    def test_no_hosts_line(self):
        write("/etc/nsswitch.conf", "passwd: files\n")
        self.diagnose("nsswitch", "failure", "no hosts line")
        os.unlink("/etc/nsswitch.conf")
        self.diagnose("nsswitch", "failure", "No such file")

    # ---- caches ----

    def test_nscd(self):
        os.mkdir("/run/nscd")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as nscd:
            nscd.bind("/run/nscd/socket")
            self.diagnose("caches", "ok")
            nscd.listen()
            self.diagnose("caches", "warning", "20s", "nscd --invalidate=hosts")
            result = self.world.run("wait", "web1")
            self.assertIn("20s", result.stderr)
            self.assertEqual(result.returncode, 0)
            write("/etc/nscd.conf", "\tenable-cache\t\thosts\t\tno\n")
            self.diagnose("caches", "ok")

    def test_sssd(self):
        write("/etc/nsswitch.conf", "hosts: files sss libvirt libvirt_guest dns\n")
        self.diagnose("caches", "warning", "sssd")

    # ---- the service ----

    def test_units(self):
        for states, verdict, word in [
                (("not-found", "inactive", "", "0"), "failure", "isn't installed"),
                (("masked", "inactive", "masked", "0"), "failure", "unmask"),
                (("bad-setting", "inactive", "", "0"), "failure", "bad-setting"),
                (("loaded", "failed", "enabled", "0"), "failure", "journalctl"),
                (("loaded", "activating", "enabled", "7"), "failure", "doesn't get ready"),
                (("loaded", "inactive", "disabled", "0"), "failure", "is stopped"),
                (("loaded", "inactive", "enabled", "0"), "warning", "Fix it with: systemctl start"),
                (("loaded", "active", "disabled", "0"), "warning", "next boot"),
                (("loaded", "active", "enabled", "3"), "warning", "restarted 3 times"),
                (RUNNING, "ok", "enabled"),
        ]:
            with self.subTest(states):
                self.systemd(*states)
                self.diagnose("unit", verdict, word)
                self.end_doubles()

    def test_units_of_other_verbs(self):
        """What keeps the service from running is said there as well, and at once."""
        self.world.stop_service()
        for states, words in [
                (("masked", "inactive", "masked", "0"), ["is masked", "systemctl unmask"]),
                (("not-found", "inactive", "", "0"), ["isn't installed"]),
                (("loaded", "failed", "enabled", "0"), ["libvirt-resolved.service failed", "journalctl"]),
                (("loaded", "inactive", "disabled", "0"), ["is stopped", "systemctl enable --now"]),
        ]:
            with self.subTest(states):
                self.systemd(*states)
                result = self.world.run("query", "web1", "web2")
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                for word in words:
                    self.assertEqual(result.stderr.count(word), 1, result.stderr)
                self.end_doubles()

    def test_a_service_that_could_not_start(self):
        """It isn't waited for where it left word of that, though the bus would start it."""
        self.world.stop_service()
        environment = dict(self.world.environment, EXIT_CODE="exited", EXIT_STATUS="2")
        subprocess.run([os.environ["LIBVIRT_RESOLVED"], "--publish-failure",
                        f"--runtime-directory={RUNTIME_DIRECTORY}"], env=environment, check=True)
        for states, word in ((), "it couldn't start"), (("loaded", "failed", "enabled", "0"), "failed"):
            if states:
                self.systemd(*states)
            for verb in ["query", "web1"], ["leases"], ["status"], ["wait", "web1"]:
                result = self.world.run(*verb)
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                self.assertIn(word, result.stderr)
        self.diagnose("service", "failure", "couldn't start", "journalctl")

    def test_no_systemd(self):
        self.diagnose("unit", "skipped")

    def test_names_in_dns(self):
        self.assertFalse([finding for finding in json.loads(self.doctor("--json=short").stdout)
                          if finding["check"] == "ddns"])
        status = {"server": "192.0.2.53", "zones": ["lab.test"], "names": 7, "pending": 1, "conflicts": 0,
                  "conflict-names": [], "last-update": 0}
        os.mkdir("/run/libvirt-resolve-ddns")
        for more, verdict, words in (({}, "ok", "7 names"), ({"error": "BADKEY: so"}, "failure", "BADKEY"),
                                     ({"conflicts": 1, "conflict-names": ["mail.lab.test"]}, "warning", "mail.lab.test")):
            write("/run/libvirt-resolve-ddns/status.json", json.dumps({**status, **more}))
            self.diagnose("ddns", verdict, words)
            self.assertIn("zone lab.test at 192.0.2.53, 7 names, 1 pending", self.world.run("status").stdout)
        write("/run/libvirt-resolve-ddns/status.json", "[")
        self.assertFalse([finding for finding in json.loads(self.doctor("--json=short").stdout)
                          if finding["check"] == "ddns"])

    def test_no_bus(self):
        self.world.environment["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent/bus"
        self.diagnose("unit", "failure", "bus can't be reached", "dbus")
        self.assertEqual(self.doctor().stderr, "")
        self.diagnose("service", "skipped", status=1)

    def test_no_service(self):
        self.world.stop_service()
        self.diagnose("service", "failure", "systemctl enable --now libvirt-resolved")

    def test_frozen_service(self):
        self.world.service.process.send_signal(signal.SIGSTOP)
        self.diagnose("service", "failure", "no answer", "journalctl")

    def test_no_policy(self):
        self.world.bus.stop()
        self.world.stop_service()
        self.world.bus.start(DENY_SERVICE)
        self.world.start_service()
        self.diagnose("service", "failure", "org.libvirt.Resolve1.conf", "reload dbus")

    # ---- leases ----

    def test_no_directory(self):
        shutil.rmtree(LEASE_DIRECTORY)
        self.diagnose("directory", "failure", "No such file", "virsh net-start default")

    @unittest.skipIf(os.environ.get("DOCTOR_USER_NAMESPACE"), "needs root")
    def test_unreadable(self):
        os.chmod(self.world.directory, 0o755)
        os.chmod(os.path.join(LEASE_DIRECTORY, "virbr0.status"), 0o600)
        self.diagnose("files", "failure", "virbr0.status can't be read", "Permission denied", user=65534)
        os.chmod(LEASE_DIRECTORY, 0o700)
        self.diagnose("directory", "failure", "Permission denied", "chmod", user=65534)
        result = self.doctor("--json=short", user=65534)
        found = {finding["check"]: finding for finding in json.loads(result.stdout)}
        self.assertEqual((found["files"]["verdict"], found["guests"]["verdict"]), ("skipped", "skipped"), found)
        os.chmod(LEASE_DIRECTORY, 0o755)
        os.chmod(os.path.join(RUNTIME_DIRECTORY, "names.cdb"), 0o600)
        self.world.service.process.send_signal(signal.SIGSTOP)
        self.diagnose("index", "failure", "can't be read by this user", user=65534)

    @unittest.skipIf(os.environ.get("DOCTOR_USER_NAMESPACE"), "needs root")
    def test_unreadable_for_the_service(self):
        """Seen by root, who can read all: the mode is what is told, and no check contradicts another."""
        self.world.stop_service()
        os.chmod(self.world.directory, 0o755)
        os.chmod(self.world.runtime, 0o777)
        shutil.rmtree(self.world.runtime)
        os.mkdir(self.world.runtime)
        os.chown(self.world.runtime, 65534, 65534)
        os.chmod(os.path.join(LEASE_DIRECTORY, "virbr0.status"), 0o600)
        self.world.start_service(user=65534)
        self.diagnose("files", "failure", "virbr0.status has the mode 0600", "chmod a+r ")
        os.chmod(os.path.join(LEASE_DIRECTORY, "virbr0.status"), 0o644)
        self.world.write("virbr0.status", GOOD)
        self.world.stop_service()
        os.chmod(LEASE_DIRECTORY, 0o700)
        self.world.start_service(user=65534)
        self.diagnose("directory", "failure", f"{LEASE_DIRECTORY} has the mode 0700", f"chmod a+rx {LEASE_DIRECTORY}")
        found = {finding["check"]: finding for finding in json.loads(self.doctor("--json=short").stdout)}
        self.assertEqual([found[check]["verdict"] for check in ("files", "names", "guests")], ["skipped"] * 3, found)
        self.assertNotIn("Without the service", found["names"]["text"])

    def test_another_directory(self):
        self.world.stop_service()
        self.world.leases = os.path.join(self.world.directory, "leases")
        os.mkdir(self.world.leases)
        self.world.start_service()
        self.diagnose("directory", "warning", self.world.leases, "--lease-directory=")

    def test_same_directories(self):
        self.world.stop_service()
        self.world.leases += "/"
        self.world.runtime += "/./"
        self.world.start_service()
        self.diagnose("directory", "ok", "The lease directory is")
        self.diagnose("index", "ok", "is current")

    def test_bad_files(self):
        self.world.write("virbr1.status", [lease("nonsense", "52:54:00:15:00:01", "web3")])
        self.diagnose("files", "warning", "virbr1.status: entry 0", "ip-address")
        self.world.write("virbr1.status", "[\n{nonsense")
        self.diagnose("files", "failure", "virbr1.status isn't valid (line 2)")
        os.unlink(os.path.join(LEASE_DIRECTORY, "virbr1.status"))
        self.world.write("virbr0.macs", "{}")
        self.diagnose("files", "failure", "virbr0.macs isn't valid")

    def test_many_findings_are_counted(self):
        self.world.write("virbr0.status", [lease("nonsense", "52:54:00:15:00:01")] * 12)
        self.diagnose("files", "warning", "and 4 more")

    def test_no_files(self):
        for name in os.listdir(LEASE_DIRECTORY):
            os.unlink(os.path.join(LEASE_DIRECTORY, name))
        self.diagnose("files", "warning", "virsh net-start default")

    # ---- the index ----

    def test_no_index(self):
        self.diagnose("index", "ok", "is current")
        self.world.stop_service()
        os.unlink(os.path.join(RUNTIME_DIRECTORY, "names.cdb"))
        self.diagnose("index", "failure", "No such file")

    def test_another_index(self):
        self.world.stop_service()
        self.world.runtime = os.path.join(self.world.directory, "run")
        os.mkdir(self.world.runtime)
        self.world.start_service()
        index = os.path.join(self.world.runtime, "names.cdb")
        self.diagnose("index", "warning", index, RUNTIME_DIRECTORY, "--runtime-directory=")
        os.unlink(index)
        os.rename(self.world.runtime, self.world.runtime + ".gone")
        self.world.write("virbr0.status", GOOD[:1])
        self.diagnose("index", "warning", index, "No such file", "slower")

    def test_stale_index(self):
        self.diagnose("index", "ok", "is current")
        self.world.stop_service()
        self.world.write("virbr0.status", GOOD[:1])
        self.diagnose("index", "failure", "is older")

    def test_damaged_index(self):
        self.diagnose("index", "ok", "is current")
        self.world.stop_service()
        write(os.path.join(RUNTIME_DIRECTORY, "names.cdb"), "nonsense")
        self.diagnose("index", "failure", "damaged")

    def test_failed_service(self):
        self.world.stop_service()
        environment = dict(self.world.environment, EXIT_CODE="exited", EXIT_STATUS="2")
        subprocess.run([os.environ["LIBVIRT_RESOLVED"], "--publish-failure",
                        f"--runtime-directory={RUNTIME_DIRECTORY}"], env=environment, check=True)
        self.diagnose("index", "failure", "couldn't start")

    # ---- the resolve hook ----

    @unittest.skipIf(HOOK, "built with the resolve hook")
    def test_no_hook(self):
        self.systemd(*RUNNING)
        self.assertNotIn("hook", self.doctor("--json=short").stdout)

    @unittest.skipUnless(HOOK, "built without the resolve hook")
    def test_hook_has_no_meaning(self):
        """That it is not there is no defect, whatever the reason."""
        off = ("loaded", "inactive", "disabled", "0", "success")
        for arguments, words in [
                ({"version": "252.39-1~deb12u1"}, ["systemd 252 has no", "259"]),
                ({"version": "v258~rc1"}, ["systemd 258 has no"]),
                ({"resolved": ("not-found", "inactive", "", "0", "success")}, ["systemd-resolved doesn't run"]),
                ({"resolved": ("loaded", "inactive", "disabled", "0", "success")}, ["systemd-resolved doesn't run"]),
                ({"hook": ("not-found", "inactive", "", "0", "success")}, ["isn't installed"]),
                ({"hook": ("masked", "inactive", "masked", "0", "success")}, ["systemctl unmask"]),
                ({"hook": off}, ["isn't enabled", "systemctl enable libvirt-resolved-hook.socket",
                                 "systemctl restart libvirt-resolved"]),
        ]:
            with self.subTest(arguments):
                self.systemd(*RUNNING, **arguments)
                self.diagnose("hook", "skipped", *words)
                self.end_doubles()
        self.diagnose("hook", "skipped", "systemd can't be asked")

    @unittest.skipUnless(HOOK, "built without the resolve hook")
    def test_hook_has_no_socket(self):
        for hook, words in [
                (("bad-setting", "inactive", "", "0", "success"), ["bad-setting", "systemctl status"]),
                (("loaded", "failed", "enabled", "0", "trigger-limit-hit"), ["given up (trigger-limit-hit)", "journalctl",
                                                                             "systemctl restart libvirt-resolved"]),
                (("loaded", "inactive", "enabled", "0", "success"), ["is enabled, but", "systemctl restart"]),
                (HOOK_UNIT, ["doesn't have the socket", "systemctl restart"]),  # what the service itself says
        ]:
            with self.subTest(hook):
                self.systemd(*RUNNING, hook=hook)
                self.diagnose("hook", "warning", *words)
                self.end_doubles()

    @unittest.skipUnless(HOOK, "built without the resolve hook")
    def test_hook(self):
        self.hand_over()
        self.systemd(*RUNNING)
        self.diagnose("hook", "ok", "answers; connections: 0")
        self.end_doubles()
        self.systemd(*RUNNING, hook=("loaded", "active", "disabled", "0", "success"))
        self.diagnose("hook", "warning", "next boot", "systemctl enable libvirt-resolved-hook.socket")
        self.end_doubles()
        self.systemd(*RUNNING, hook=("loaded", "inactive", "disabled", "0", "success"))
        self.diagnose("hook", "warning", "still has the socket", "systemctl restart")
        self.end_doubles()
        self.systemd(*RUNNING)
        os.chmod(HOOK_SOCKET, 0o600)
        self.diagnose("hook", "failure", "fails every lookup", "chmod 0666")
        os.unlink(HOOK_SOCKET)
        self.diagnose("hook", "warning", "No such file", "systemctl restart")

    @unittest.skipUnless(HOOK, "built without the resolve hook")
    def test_hook_hangs(self):
        self.hand_over()
        self.systemd(*RUNNING)
        self.world.service.process.send_signal(signal.SIGSTOP)
        self.diagnose("hook", "failure", "doesn't answer", "timed out", "systemctl restart")
        self.world.service.process.kill()
        self.world.service.process.wait()
        self.diagnose("hook", "failure", "doesn't answer")

    @unittest.skipUnless(HOOK, "built without the resolve hook")
    def test_hook_is_something_else(self):
        """Whatever it says, it is told within seconds."""
        self.systemd(*RUNNING, hook=HOOK_UNIT)
        self.world.stop_service()
        os.makedirs(os.path.dirname(HOOK_SOCKET))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(HOOK_SOCKET)
            os.chmod(HOOK_SOCKET, 0o666)
            listener.listen()
            for reply in b"", b"\0", b"{}\0", b"[" * 100000, b'{"parameters":{"interfaces":1}}\0', b"x" * 4096 + b"\0":
                with self.subTest(reply[:20]):
                    doctor = subprocess.Popen([CLI, "doctor", "--json=short"], env=self.world.environment, text=True,
                                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                    connection, _ = listener.accept()
                    connection.recv(4096)
                    connection.setblocking(False)
                    try:
                        connection.sendall(reply)
                    except (BlockingIOError, BrokenPipeError):
                        pass
                    connection.close()
                    out, _ = doctor.communicate(timeout=PATIENCE)
                    self.assertIn("failure", [f["verdict"] for f in json.loads(out) if f["check"] == "hook"])

    # ---- guests ----

    def test_refused_name(self):
        self.world.write("virbr0.status", LEASES)
        self.diagnose("names", "warning", "Refused for 192.168.122.60: hostname 'github.com': ", "--domain=")
        self.assertNotIn("\033", self.doctor().stdout)

    def test_domain_without_lease(self):
        self.world.write("virbr0.macs", MACS)
        self.diagnose("guests", "warning", "'vm-new' on virbr0", "virsh domifaddr")

    def test_domain_whose_lease_expired(self):
        self.world.write("virbr0.macs", [{"domain": "vm-old", "macs": ["52:54:00:aa:00:03"]}])
        self.world.write("virbr0.status", [lease("192.168.122.70", "52:54:00:aa:00:03", "old", expires_in=-100)])
        self.diagnose("guests", "warning", "The lease of the domain 'vm-old' on virbr0 expired 1min", "virsh domifaddr")

    def test_clones(self):
        """Guests with one DUID; interfaces of one guest may have that."""
        duid = "00:02:00:00:ab:11:6d:c4"
        leases = [lease("192.168.122.70", "52:54:00:aa:00:03", "one"), lease("192.168.122.71", "52:54:00:aa:00:04", "two"),
                  lease("fd00:122::72", "52:54:00:aa:00:05", "two")]
        for entry, client in zip(leases, ("ff:aa:00:00:03:" + duid, "ff:aa:00:00:04:" + duid, duid)):
            entry["client-id"] = client
        self.world.write("virbr0.status", leases[1:])
        self.diagnose("names", "ok")
        self.world.write("virbr0.status", leases)
        self.diagnose("names", "warning", "'one' (192.168.122.70) and 'two' (192.168.122.71) have one DHCP client-id",
                      duid, "machine-id")

    # ---- helpers ----

    def helper(self, name, *states):
        return (f"libvirt-resolve-{name}.service", "loaded", *states, "0", "success")

    def state(self, path, document):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(document, file)
        os.rename(path + ".new", path)

    def test_helpers(self):
        self.systemd(*RUNNING)
        self.diagnose("helpers", "ok", "No helper", "libvirt-resolve-bridged")
        self.end_doubles()
        self.systemd(*RUNNING, others=[*self.helper("seen", "inactive", "disabled"), *self.helper("domains", "failed", "enabled")])
        self.diagnose("helpers", "skipped", "libvirt-resolve-seen isn't enabled", "libvirt-resolve bridged enable")
        self.diagnose("helpers", "warning", "libvirt-resolve-domains is enabled, but doesn't run", "journalctl")
        self.end_doubles()
        self.systemd(*RUNNING, others=[*self.helper("seen", "active", "enabled"), *self.helper("domains", "active", "enabled")])
        self.diagnose("helpers", "ok", "libvirt-resolve-seen runs")
        self.diagnose("helpers", "warning", "libvirt-resolve-domains runs, but the service reads none of its facts")
        self.state("/run/libvirt-resolve-domains/domains.json", [])
        self.diagnose("helpers", "ok", "libvirt-resolve-domains runs")

    def test_guests_of_helpers(self):
        self.state("/run/libvirt-resolve-domains/domains.json", [
            {"domain": "quiet", "mac-address": "52:54:00:bb:00:01", "type": "bridge", "bridge": "br0"},
            {"domain": "user", "mac-address": "52:54:00:bb:00:02", "type": "user", "reason": "it is in user mode",
             "ports": [{"protocol": "tcp", "host": 2222, "guest": 22}]},
            {"domain": "apart", "mac-address": "52:54:00:bb:00:03", "type": "direct", "reason": "macvtap is on no bridge"}])
        self.diagnose("guests", "warning", "quiet (52:54:00:bb:00:01 on br0) has no name here: it has no lease, and "
                      "libvirt-resolve-seen doesn't watch its bridge")
        self.diagnose("guests", "warning", "apart (52:54:00:bb:00:03) has no name here: macvtap is on no bridge")
        self.diagnose("guests", "skipped", "user (52:54:00:bb:00:02)", "ssh -p 2222 localhost")

    def test_bridged_guests(self):
        for name, bridge in (("vnet0", "virbr0"), ("vnet1", "br0"), ("macvtap0", None), ("eth0", "br0"),
                             ("vnet2", "ovs-system")):
            os.mkdir(os.path.join(self.network, name))
            if bridge:
                os.symlink(f"../{bridge}", os.path.join(self.network, name, "master"))
        self.diagnose("guests", "warning", "br0 (vnet1)", "libvirt-resolve bridged enable")
        self.diagnose("guests", "warning", "br0 (vnet1)", "qemu/GUEST")
        self.diagnose("guests", "warning", "directly (macvtap0)", "virsh attach-interface")
        self.diagnose("guests", "warning", "to an Open vSwitch (vnet2)", "virsh attach-interface")
        out = self.doctor().stdout
        self.assertEqual(out.count("libvirt-resolve bridged enable"), 1)
        self.assertNotIn("vnet0", out)
        self.assertNotIn("eth0", out)


if __name__ == "__main__":
    if os.geteuid() != 0:
        os.environ["DOCTOR_USER_NAMESPACE"] = "1"
    enter_namespace()
    main()
