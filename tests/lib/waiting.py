# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long anything may take, and waiting for it."""

import math
import os
import time

# What programs of a test may be run under, such as valgrind.
WRAPPER = os.environ.get('NSS_TEST_WRAPPER', os.environ.get('BUS_TEST_WRAPPER', '')).split()
SLOW = bool(WRAPPER) or os.environ.get('NSS_SANITIZED') == 'true'
# Much else runs meanwhile.
BUSY = SLOW or 'TEST_BUSY' in os.environ
PATIENCE = 100 if BUSY else 20


def at_most(limit):
    """An upper bound of a time: without end on a machine that is too busy to keep one."""
    return math.inf if BUSY else limit


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
