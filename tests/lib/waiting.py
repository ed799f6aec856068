# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long anything may take that promises no time, and waiting for it."""

import os
import time

# What programs of a test may be run under, such as valgrind.
WRAPPER = os.environ.get('NSS_TEST_WRAPPER', os.environ.get('BUS_TEST_WRAPPER', '')).split()
SLOW = bool(WRAPPER) or os.environ.get('NSS_SANITIZED') == 'true'
PATIENCE = 100 if SLOW else 20


def wait_for(what, true, seconds=PATIENCE):
    """Waits until true() is, and returns what it returned; says what it was that didn't come."""
    end = time.monotonic() + seconds
    while True:
        result = true()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f'{what}: not within {seconds} s')
        time.sleep(0.002)
