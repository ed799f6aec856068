#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""The same questions to libvirt's own modules and to ours, about lease directories made up
from a seed.  Each difference has to vanish by the rules of rules.py, and each of these has to
have been needed.  A difference that doesn't is made small and shown.

    test-differential.py [--seed=N] [--count=N]

DIFFERENTIAL_COUNT in the environment is another default.  libvirt's modules are those that
tests/e2e/fetch keeps, or are in LIBVIRT_RESOLVE_TEST_MODULES.
"""

import argparse
import collections
import ctypes
import os
import pickle
import re
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.environ['HAMMER_DIRECTORY'])

import harness  # noqa: E402
import rules  # noqa: E402
import worlds  # noqa: E402

HERE = os.path.dirname(os.path.realpath(__file__))
CACHE = os.path.join(os.environ.get('LIBVIRT_RESOLVE_TEST_CACHE', '/var/cache/libvirt-resolve-tests'), 'e2e')
THEIRS = os.environ.get('LIBVIRT_RESOLVE_TEST_MODULES', CACHE)
THEIR_LEASES = '/var/lib/libvirt/dnsmasq'   # built in
OURS = os.path.dirname(os.environ['NSS_LIBVIRT'])
PAGE = os.environ['NSS_PAGE']
NSSWITCH = 'hosts: libvirt libvirt_guest\n'
QUESTIONS = 10
SHRINK_SECONDS = 20


class Process:
    """An asker."""
    errors = None

    def __init__(self, modules, leases, env, own=False):
        command = [sys.executable, '-B', os.path.join(HERE, 'asker.py'), modules, leases]
        if own:
            command = ['unshare', '--mount', '--propagation', 'private', *command, 'own']
        path = modules + ':' + os.environ.get('LD_LIBRARY_PATH', '')
        self.command, self.env = command, dict(env, LD_LIBRARY_PATH=path)
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors)

    def do(self, *request):
        pickle.dump(request, self.process.stdin)
        self.process.stdin.flush()
        return pickle.load(self.process.stdout)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Theirs(Process):
    """One whose crash is an answer as well."""
    errors = subprocess.DEVNULL

    def ask(self, world, questions):
        self.do('write', world)
        reply = self.do('ask', questions)
        if reply:
            return reply[0]
        if len(questions) == 1:
            return [rules.CRASH]
        return [self.ask(world, [question])[0] for question in questions]


class Differential:
    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs
        self.seen = collections.Counter()
        self.doors = collections.Counter()
        # On a busy bridge the index is out of date most of the time.
        self.busy = harness.BESIDE == 'busy'
        self.questions = self.different = self.reverse = self.resolved = self.found = 0

    # ---- asking ----

    def ask_ours(self, world, questions, doors):
        """Of all these doors, which have to say the same."""
        self.ours.do('write', worlds.serialized(world))
        answers = []
        for door in doors:
            if door == 'index':
                harness.wait_for('the index', harness.is_published)
            answers.append(self.ours.do('ask', questions, door)[0])
            self.doors[door] += len(questions)
        return answers

    def ask_theirs(self, chosen, world, previous, question, ours, now):
        """As these rules have it."""
        rewritten = rules.rewrite_world(chosen, world, previous, question, now)
        (answer,) = self.theirs.ask(worlds.serialized(rewritten), [rules.rewrite_question(chosen, question)])
        return rules.rewrite_answer(chosen, answer, ours, rules.Case(question, rewritten, now))

    def ask_theirs_by_rules(self, world, previous, different, now):
        """As all rules have it: the answers to (question, ours), as many at a time as the same world is for."""
        common = rules.rewrite_world(rules.OF_WORLD, world, previous, None, now)
        batches, answers = {}, {}
        for question, ours in different:
            rewritten = rules.rewrite_world(rules.OF_QUESTION, common, previous, question, now)
            batches.setdefault(repr(rewritten), (rewritten, []))[1].append((question, ours))
        for rewritten, batch in batches.values():
            asked = [rules.rewrite_question(rules.RULES, question) for question, _ in batch]
            for (question, ours), answer in zip(batch, self.theirs.ask(worlds.serialized(rewritten), asked)):
                case = rules.Case(question, rewritten, now)
                answers[question] = rules.rewrite_answer(rules.RULES, answer, ours, case)
        return answers

    def note_needed(self, world, previous, question, ours, now):
        """Counts the rules without which there is a difference."""
        for rule in rules.RULES:
            if self.seen[rule] < 3:
                others = [other for other in rules.RULES if other is not rule]
                self.seen[rule] += self.ask_theirs(others, world, previous, question, ours, now) != ours

    def failures(self, world, previous, questions, doors, now, note=False):
        """(question, ours, theirs by the rules, theirs) where these differ, or our doors do."""
        if previous:
            self.ours.do('write', worlds.serialized(previous))
            self.ours.do('ask', [('libvirt', 'gethostbyname_r', 2, b'nosuchname')], 'bus')
        theirs = self.theirs.ask(worlds.serialized(world), questions)
        by_door = self.ask_ours(world, questions, doors)
        ours = by_door[0]
        found = [(question, *answers, 'the other door') for question, *answers in zip(questions, *by_door)
                 if len(set(answers)) > 1]
        different = [(question, our) for question, our, their in zip(questions, ours, theirs) if our != their]
        by_rules = self.ask_theirs_by_rules(world, previous, different, now)
        found += [(question, our, by_rules[question], dict(zip(questions, theirs))[question])
                  for question, our in different if by_rules[question] != our]
        if note and not found:
            for question, our in different:
                self.note_needed(world, previous, question, our, now)
            self.different += len(different)
            self.questions += len(questions)
            self.found += sum(our[0] == 'SUCCESS' for our in ours)
        return found

    # ---- one world ----

    def run(self, seed):
        """Leases end, too: what differs counts where all was asked within one second."""
        while True:
            begin = time.time()
            found = self.run_once(seed, int(begin))
            # time(2), which libvirt's modules call, is behind by up to a tick
            if not found or int(begin - 0.02) == int(time.time()):
                break
        if found:
            self.show(seed, *found)
        return not found

    def run_once(self, seed, now):
        """What to show, if anything."""
        world, previous, questions = self.make(seed, now)
        through_all = seed % 8 == 0
        doors = ['bus', 'index'] if through_all and not self.busy else ['bus']
        found = self.failures(world, previous, questions, doors, now, note=True)
        if found and int(time.time()) == now:
            smaller, still = self.shrink(world, previous, found[0][0], now)
            return (smaller, previous, still) if still else (world, previous, found)
        if through_all and not found:
            found = self.reverse_failures(world) + self.getaddrinfo_failures(world, previous, questions, now)
        return (world, previous, found) if found else None

    @staticmethod
    def make(seed, now):
        """A world; now and then one whose files were others, and good, before."""
        world, previous = worlds.make(seed, now), {}
        if seed % 16 == 1:
            previous = {name: content for name, content in world.items() if isinstance(content, list)}
            world = {name: b'[{' if i % 3 == 0 and name in previous and name != 'lo.status' else content
                     for i, (name, content) in enumerate(world.items())}
        questions = list(worlds.questions(seed, previous or world, QUESTIONS))
        return world, previous, questions

    # ---- what libvirt's modules can't be asked, or not so ----

    def reverse_failures(self, world):
        """Whoever has an address by name is found by it."""
        addresses = {str(rules.address_of(entry.get('ip-address'))) for content in world.values()
                     for entry in (content if isinstance(content, list) else ())
                     if isinstance(entry, dict) and rules.address_of(entry.get('ip-address'))}
        for module in 'libvirt', 'libvirt_guest':
            for address in sorted(addresses):
                family = 10 if ':' in address else 2
                question = module, 'gethostbyaddr_r', family, socket.inet_pton(family, address)
                (answer,), *_ = self.ours.do('ask', [question])
                if answer[0] != 'SUCCESS':
                    continue
                (forward,), *_ = self.ours.do('ask', [(module, 'gethostbyname2_r', family, answer[3])])
                if address not in [a for _, a, _ in forward[4]]:
                    return [(question, answer, forward, 'not back again')]
                self.reverse += 1
        return []

    def getaddrinfo_failures(self, world, previous, questions, now):
        names = sorted({question[3] for question in questions if re.search(b'^[ -~]*[a-z][ -~]*$', question[3])})
        ours = self.ours.do('getaddrinfo', names)
        for name, our in zip(names, ours):
            question = 'libvirt', 'gethostbyname4_r', 0, name
            rewritten = rules.rewrite_world(rules.RULES, world, previous, question, now)
            self.theirs.do('write', worlds.serialized(rewritten))
            (their,) = self.theirs.do('getaddrinfo', [rules.rewrite_question(rules.RULES, question)[3]])
            if our != their:
                return [(('getaddrinfo', name), our, their, 'not asked')]
            self.resolved += 1
        return []

    # ---- a difference that isn't intended ----

    def shrink(self, world, previous, question, now):
        """Removes files, entries and keys while there is a difference.  What is left, and that."""
        def differs(w):
            return self.failures(w, previous, [question], ['bus'], now)

        again, end = True, time.monotonic() + SHRINK_SECONDS
        while again:
            again = False
            for smaller in smaller_worlds(world):
                if time.monotonic() < end and differs(smaller):
                    world, again = smaller, True
                    break
        return world, differs(world)

    @staticmethod
    def show(seed, world, previous, found):
        print(f'A difference that is not intended, with --seed={seed} --count=1:')
        for what, files in ('before', previous), ('files', world):
            for name, content in worlds.serialized(files).items():
                print(f'  {what}: {name}: {content.decode(errors="replace")}')
        for question, our, by_rules, their in found:
            print(f'  {question}\n    ours:                {our}\n    theirs, by the rules: {by_rules}\n    theirs:              {their}')


def smaller_worlds(world):
    for name, content in world.items():
        yield {n: c for n, c in world.items() if n != name}
        for i, entry in enumerate(content if isinstance(content, list) else ()):
            yield dict(world, **{name: content[:i] + content[i + 1:]})
            for key in entry if isinstance(entry, dict) else ():
                yield dict(world, **{name: content[:i] + [rules.without(entry, key)] + content[i + 1:]})


# ---- ----

def rows_of_page():
    """What stands in the first columns of the manual page's tables."""
    with open(PAGE, encoding='utf-8') as f:
        tables = re.findall(r'^    Case +libvirt.*\n    -[- ]*\n((?:    .*\n)+)', f.read(), re.MULTILINE)
    return ' '.join(line[4:28].strip() for table in tables for line in table.splitlines() if line[4:28].strip())


def check_page():
    """Each rule is in the page, and nothing else is."""
    rest = rows_of_page()
    for row in [rule.row for rule in rules.RULES] + ['reverse lookup']:
        if row not in rest:
            sys.exit(f'{PAGE} has no row "{row}"')
        rest = rest.replace(row, '', 1)
    if rest.strip():
        sys.exit(f'no rule tells of "{rest.strip()}", of {PAGE}')


def own_host_name(name):
    if ctypes.CDLL(None, use_errno=True).unshare(0x04000000) != 0:      # CLONE_NEWUTS
        harness.skip(f'needs a host name of its own: {os.strerror(ctypes.get_errno())}')
    socket.sethostname(name)


def parse_arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int, default=int(os.environ.get('DIFFERENTIAL_COUNT', '2000')))
    return parser.parse_args()


def run(differential, first, count):
    begin = time.monotonic()
    failed = 0
    for seed in range(first, first + count):
        failed += not differential.run(seed)
        if failed >= 3:
            break
    d = differential
    print(f'{seed - first + 1} directories from seed {first}: {d.questions} questions, {d.found} found; {d.doors["index"]} asked by the '
          f'index, {d.doors["bus"]} over the bus; {d.different} intended differences, {failed} others; {d.reverse} '
          f'addresses to names and back, {d.resolved} by getaddrinfo; {time.monotonic() - begin:.1f} s')
    if count >= 1000 and not failed:
        missing = [rule.row for rule in rules.RULES if d.seen[rule] == 0]
        if missing:
            print('never seen:', '; '.join(missing))
        failed += len(missing)
    return failed


def main():
    arguments = parse_arguments()
    if not os.path.exists(os.path.join(THEIRS, 'libnss_libvirt_guest.so.2')):
        harness.skip(f'libvirt\'s modules aren\'t in {THEIRS}: tests/e2e/fetch brings them')
    if os.geteuid() != 0:
        harness.skip('needs root')
    try:
        ctypes.CDLL(os.path.join(THEIRS, 'libnss_libvirt_guest.so.2'))
    except OSError as e:
        harness.skip(f'libvirt\'s modules can\'t be loaded: {e}')
    check_page()
    harness.fixture.enter_private_mounts()
    own_host_name(rules.HOST)
    with open(os.path.join(harness.RUNTIME, 'nsswitch.conf'), 'w') as f:
        f.write(NSSWITCH)
    harness.fixture.mount('--bind', f.name, '/etc/nsswitch.conf')
    harness.fixture.mount('-t', 'tmpfs', 'tmpfs', harness.LEASES)
    if not os.path.isdir(THEIR_LEASES):
        harness.skip(f'there is no {THEIR_LEASES}, which is built into libvirt\'s modules')
    with harness.Bus() as bus, harness.Service(bus):
        ours = Process(OURS, harness.LEASES, bus.environment)
        theirs = Theirs(THEIRS, THEIR_LEASES, os.environ, own=True)
        try:
            failed = run(Differential(ours, theirs), arguments.seed, arguments.count)
        finally:
            ours.close()
            theirs.close()
    sys.exit(failed > 0)


main()
