# SPDX-License-Identifier: LGPL-2.1-or-later
"""A test's report in the Test Anything Protocol."""

import time


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0
        self.began = time.monotonic()

    def write(self, line):
        print(line, flush=True)

    def note(self, text):
        for line in str(text).splitlines():
            self.write(f'# {line}')

    def phase(self, text):
        self.note(f'{time.monotonic() - self.began:6.1f} s  {text}')

    def ok(self, passed, what, *details):
        """One result; details are printed where it failed."""
        self.count += 1
        self.failed += not passed
        self.write(f'{"ok" if passed else "not ok"} {self.count} - {what}')
        if not passed:
            for detail in details:
                self.note(detail)
        return passed

    def same(self, expected, actual, what):
        return self.ok(expected == actual, what, f'expected: {expected}', f'     got: {actual}')

    def skip_all(self, reason):
        self.write(f'1..0 # SKIP {reason}')

    def plan(self):
        self.write(f'1..{self.count}')
        return 1 if self.failed or not self.count else 0
