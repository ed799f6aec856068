# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a test says of itself: skipped and why, or each result in the Test Anything Protocol."""

import shutil
import sys
import time
import unittest

# The status of a skipped test; 0 where meson reads the line.
SKIPPED = 77


def skip(reason):
    print('1..0 # SKIP', reason)
    sys.exit(SKIPPED)


def require(*programs):
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        skip('needs ' + ', '.join(missing))


def note(text):
    for line in str(text).splitlines():
        print('#', line, flush=True)


class Tap:
    """Results that a program finds one after the other."""

    note = staticmethod(note)

    def __init__(self):
        self.count = 0
        self.failed = 0
        self.began = time.monotonic()

    def phase(self, text):
        note(f'{time.monotonic() - self.began:6.1f} s  {text}')

    def ok(self, passed, what, *details):
        """One result; details are printed where it failed."""
        self.count += 1
        self.failed += not passed
        print(f'{"ok" if passed else "not ok"} {self.count} - {what}', flush=True)
        if not passed:
            for detail in details:
                note(detail)
        return passed

    def same(self, expected, actual, what):
        return self.ok(expected == actual, what, f'expected: {expected}', f'     got: {actual}')

    def plan(self):
        print(f'1..{self.count}', flush=True)
        return 1 if self.failed or not self.count else 0


class Results(unittest.TestResult):
    """Those of unittest's tests, each as it comes, with the seconds that it took."""

    def startTest(self, test):
        super().startTest(test)
        self.begin, self.failed = time.monotonic(), False

    def line(self, outcome, test, comment):
        print(f'{outcome} {self.testsRun} - {test.id().split(".", 1)[1]}{comment}', flush=True)

    def fail(self, test, error):
        note(self._exc_info_to_string(error, test))
        if not self.failed:
            self.line('not ok', test, '')
        self.failed = True

    def addSuccess(self, test):
        self.line('ok', test, f' ({time.monotonic() - self.begin:.1f} s)')

    def addError(self, test, error):
        super().addError(test, error)
        self.fail(test, error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.fail(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            note(f'{subtest}:')
            self.fail(test, error)

    def addSkip(self, test, reason):
        self.line('ok', test, f' # SKIP {reason}')


def run_unittest():
    """Runs the calling script's tests, or those that its arguments name."""
    loader = unittest.TestLoader()
    module = sys.modules['__main__']
    suite = loader.loadTestsFromNames(sys.argv[1:], module) if sys.argv[1:] else loader.loadTestsFromModule(module)
    print(f'1..{suite.countTestCases()}', flush=True)
    sys.exit(0 if suite.run(Results()).wasSuccessful() else 1)
