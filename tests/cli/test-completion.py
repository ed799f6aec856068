#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The completions: they offer what --help lists, and the names that resolve now."""

import os
import pty
import re
import shutil
import subprocess
import tempfile
import threading
import unittest

from world import CLI, PATIENCE, Case, lease, main

BASH = os.path.join(os.environ["COMPLETIONS"], "bash", "libvirt-resolve")
ZSH = os.path.join(os.environ["COMPLETIONS"], "zsh", "_libvirt-resolve")
ZSH_DIRECTORY = os.environ["ZSH_DIRECTORY"]  # where it is installed

# Calls the completion as bash does, for the words in "$@", the last of which is being typed.
DRIVER = """
source "$0"
compopt() { :; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_libvirt_resolve
printf '%s\\n' "${COMPREPLY[@]}"
"""

# Completes each of $LINES_TYPED as an interactive zsh does, and writes what it would offer to $OFFERED.
ZSHRC = """
fpath=($COMPLETIONS_ZSH $fpath)
autoload -U compinit
compinit -u -D

compadd() {
    local -a hits
    if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\\ * ]]; then
        builtin compadd -O hits "$@"
        (( $#hits == 0 )) || print -lr -- $hits >>$OFFERED
    fi
    builtin compadd "$@"
}
zle -C offer list-choices _main_complete

zle-line-init() {
    local line
    for line in ${(f)LINES_TYPED}; do
        BUFFER=$line CURSOR=$#line
        print -r -- "> $line" >>$OFFERED
        zle offer
    done
    exit
}
zle -N zle-line-init
"""


def helped(*words):
    """The verbs and the options of --help, or of a verb's help the options that it takes."""
    text = subprocess.run([CLI, *words, "--help"], capture_output=True, text=True, check=True).stdout
    options = "\n".join(line[:30] for line in text.splitlines() if re.match("  +-", line))
    return re.findall(r"^  ([a-z][a-z-]+)", text, re.M), set(re.findall(r"(?<![\w-])--?[A-Za-z0-9][a-z-]*", options))


def commands():
    """All verbs, and those that have actions once more with each of them."""
    for verb in helped()[0]:
        yield verb,
        if verb in ("nss", "bridged"):
            for action in "enable", "disable", "status":
                yield verb, action


def every_option():
    """Also those that only the help of their verb shows."""
    return set().union(*(helped(verb)[1] for verb in helped()[0]))


class TestVerbHelp(Case):
    def test_is_what_the_verb_takes(self):
        """An option that isn't in a verb's help is refused, before the verb does anything."""
        for words in commands():
            taken = helped(*words)[1]
            self.assertIn("--help", taken)
            arguments = ["x"] if words[0] in ("query", "wait") else []
            for option in every_option() - taken:
                value = {"-i": ["lo"], "--json": ["short"], "--timeout": ["1"], "--port": ["1"], "-H": ["x"],
                         "--until": ["ssh"]}.get(option, [])
                if option in ("--interface", "--file", "--format", "--output", "--suffix", "--host", "--for"):
                    value = ["lo"]
                if words in (("nss",), ("bridged",)):
                    arguments = ["status"]
                result = self.cli(*words, *arguments, option, *value, status=2)
                self.assertRegex(result.stderr, rf"'{' '.join(words)}( status)?' doesn't take ")

    def test_options_that_are_taken(self):
        """Of verbs that change nothing."""
        values = {"-i": "lo", "--interface": "lo", "--json": "short", "--timeout": "1", "--file": "/etc/nsswitch.conf",
                  "--format": "ansible", "--output": "/dev/null", "--suffix": "lab.example", "--host": "x",
                  "-H": "x", "--for": "sh"}
        no_ssh = tempfile.mkdtemp(prefix="libvirt-resolve.")
        self.addCleanup(shutil.rmtree, no_ssh)
        os.symlink(shutil.which("false"), os.path.join(no_ssh, "ssh"))
        path = no_ssh + ":" + os.environ["PATH"]
        for words in [("query",), ("export",), ("leases",), ("guests",), ("status",), ("statistics",), ("doctor",),
                      ("log-level",), ("nss", "status"), ("bridged", "status")]:
            arguments = {"query": ["web1"], "export": ["--format=ansible", "--output=/dev/null"]}.get(words[0], [])
            for option in helped(*words)[1] - {"--port"}:       # that another format takes
                value = [values[option]] if option in values else []
                result = self.world.run(*words, *arguments, option, *value, PATH=path)
                self.assertNotEqual(result.returncode, 2, result)

    def test_help_verb(self):
        self.assertEqual(self.cli("help", "leases").stdout, self.cli("leases", "--help").stdout)
        self.assertEqual(self.cli("help", "nss", "enable").stdout, self.cli("nss", "--help", "enable").stdout)
        self.assertNotEqual(self.cli("help", "leases").stdout, self.cli("help").stdout)
        self.assertIn("nonsense", self.cli("help", "nonsense", status=2).stderr)
        self.assertIn("nonsense", self.cli("nonsense", "--help", status=2).stderr)


class TestBash(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.write("virbr0.macs", [{"domain": "Web Server $(touch /tmp/hurt) é", "macs": ["52:54:00:12:00:01"]}])
        cls.world.environment["PATH"] = os.path.dirname(CLI) + ":" + os.environ["PATH"]

    def complete(self, *words):
        result = subprocess.run(["bash", "--norc", "-c", DRIVER, BASH, "libvirt-resolve", *words], check=True,
                                env=self.world.environment, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(result.stderr, "")
        return result.stdout.splitlines()

    def test_verbs(self):
        self.assertEqual(sorted(self.complete("")), sorted(helped()[0]))
        self.assertEqual(self.complete("le"), ["leases"])
        self.assertEqual(self.complete("--json", "=", "short", "le"), ["leases"])
        self.assertEqual(self.complete("-i", "lo", "le"), ["leases"])

    def test_options(self):
        for words in [(), *commands()]:
            self.assertEqual({word.rstrip("=") for word in self.complete(*words, "-")}, helped(*words)[1], words)
        self.assertNotIn("--file=", self.complete("--json", "=", "short", "-i", "nss", "leases", "-"))
        self.assertIn("--file=", self.complete("--json", "=", "short", "-i", "leases", "nss", "-"))
        self.assertEqual(self.complete("leases", "--no-l"), ["--no-legend"])
        self.assertEqual(self.complete("--json", "="), ["short", "pretty", "off"])
        self.assertEqual(self.complete("--json", "=", "p"), ["pretty"])
        self.assertEqual(self.complete("-i", "l"), ["lo"])
        self.assertEqual(self.complete("export", "--format", "=", "r"), ["reverse-zone", "rr"])
        self.assertEqual(self.complete("export", "--suffix", "=", "leases", "--no-l"), ["--no-legend"])

    def test_words(self):
        self.assertEqual(self.complete("nss", ""), ["enable", "disable", "status"])
        self.assertEqual(self.complete("log-level", "d"), ["debug"])
        self.assertEqual(self.complete("log-level", "e"), ["emerg", "err"])
        self.assertEqual(self.complete("doctor", ""), [""])

    def test_names(self):
        self.assertEqual(self.complete("query", "web"), ["web1"])
        self.assertEqual(self.complete("query", "-4", "web1", "app"), ["appserver"])
        name, = self.complete("query", "Web\\ S")
        self.assertEqual(subprocess.run(["bash", "-c", f"printf %s {name}"], capture_output=True, text=True,
                                        check=True).stdout, "Web Server $(touch /tmp/hurt) é")
        self.assertFalse(os.path.exists("/tmp/hurt"))

    def test_another_host(self):
        """Nothing of it is asked for, and nothing of this one is offered."""
        self.assertEqual(self.complete("-H", "x", "query", "web"), [""])
        self.assertEqual(self.complete("--host", "=", "x", "query", "web"), [""])
        self.assertEqual(self.complete("query", "-Hx", "web"), [""])
        self.assertEqual(self.complete("-H", "x", "lea"), ["leases"])
        self.assertEqual(self.complete("export", "--host", "=", "web"), ["web1"])
        self.assertNotIn("web1", self.complete("query", "--host", "=", "w"))

    def test_networks(self):
        self.world.write("virbr7.status", [lease("192.168.150.7", "52:54:00:15:00:07", "late")])
        self.assertEqual(self.complete("status", "virbr"), ["virbr0", "virbr7"])

    def test_no_service(self):
        self.world.environment["DBUS_SYSTEM_BUS_ADDRESS"], address = (
            "unix:path=/nonexistent", self.world.environment["DBUS_SYSTEM_BUS_ADDRESS"])
        try:
            self.assertEqual(self.complete("query", ""), [""])
        finally:
            self.world.environment["DBUS_SYSTEM_BUS_ADDRESS"] = address


@unittest.skipUnless(shutil.which("zsh"), "zsh isn't installed")
class TestZsh(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.environment.update(PATH=os.path.dirname(CLI) + ":" + os.environ["PATH"], TERM="xterm")

    def complete(self, *lines, directory=os.path.dirname(ZSH)):
        """What zsh offers at the end of each line."""
        with tempfile.TemporaryDirectory() as home:
            with open(os.path.join(home, ".zshrc"), "w", encoding="utf-8") as file:
                file.write(ZSHRC)
            offered = os.path.join(home, "offered")
            environment = dict(self.world.environment, ZDOTDIR=home, COMPLETIONS_ZSH=directory, OFFERED=offered,
                               LINES_TYPED="\n".join(lines))
            master, slave = pty.openpty()
            process = subprocess.Popen(["zsh", "-d", "-i"], stdin=slave, stdout=slave, stderr=slave, env=environment,
                                       start_new_session=True)
            os.close(slave)
            end = threading.Timer(PATIENCE, process.kill)
            end.start()
            with open(master, "rb", buffering=0) as terminal:
                try:
                    while terminal.read(4096):
                        pass
                except OSError:  # the end, on a pty
                    pass
            process.wait(PATIENCE)
            end.cancel()
            with open(offered, encoding="utf-8") as file:
                parts = re.split(r"^> .*\n", file.read(), flags=re.M)[1:]
        self.assertEqual(len(parts), len(lines))
        return [part.split("\n")[:-1] for part in parts]

    def test_verbs(self):
        verbs, some, behind = self.complete("libvirt-resolve ", "libvirt-resolve le", "libvirt-resolve --json short le")
        self.assertEqual(sorted(verbs), sorted(helped()[0]))
        self.assertEqual(some, ["leases"])
        self.assertEqual(behind, ["leases"])

    def test_options(self):
        cases = [(), *commands()]
        lines = [" ".join(["libvirt-resolve", *words, "-"]) for words in cases]
        for words, offered in zip(cases, self.complete(*lines)):
            self.assertEqual({word.rstrip("=") for word in offered}, helped(*words)[1], words)

    def test_words(self):
        actions, levels, names, networks, modes, files, elsewhere = self.complete(
            "libvirt-resolve nss ", "libvirt-resolve log-level e", "libvirt-resolve query -4 web1 app",
            "libvirt-resolve status virbr", "libvirt-resolve leases --json=", "libvirt-resolve nss status --no-legend --fi",
            "libvirt-resolve -H x query web")
        self.assertEqual(actions, ["enable", "disable", "status"])
        self.assertEqual(levels, ["emerg", "err"])
        self.assertEqual(names, ["appserver"])
        self.assertEqual(networks, ["virbr0"])
        self.assertEqual(modes, ["short", "pretty", "off"])
        self.assertEqual(files, ["--file"])
        self.assertEqual(elsewhere, [])

    @unittest.skipUnless(os.environ["PREFIX"] == "/usr", "the prefix isn't zsh's")
    def test_is_installed_where_zsh_looks(self):
        """compinit finds it by itself, where the installation puts it."""
        with tempfile.TemporaryDirectory() as directory:
            shutil.copy(ZSH, directory)
            script = '''fpath=(${fpath/#%$1/$2}); autoload -U compinit; compinit -u -D
                        print -r -- $_comps[libvirt-resolve]
                        autoload +X _libvirt-resolve && print -r -- $functions_source[_libvirt-resolve]'''
            result = subprocess.run(["zsh", "-f", "-c", script, "zsh", ZSH_DIRECTORY, directory], check=True,
                                    capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(result.stdout.splitlines(),
                             ["_libvirt-resolve", os.path.join(directory, "_libvirt-resolve")])


if __name__ == "__main__":
    main()
