# SPDX-License-Identifier: LGPL-2.1-or-later
"""Running programs, and waiting for what they bring about."""

import subprocess
import time


class Failed(Exception):
    """A step of the world's own, not of what is tested, went wrong."""


def run(*command, timeout=60, **options):
    """Runs a program; its output, both streams; its failure is ours."""
    r = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True, timeout=timeout, **options)
    if r.returncode != 0:
        raise Failed(f'{" ".join(command)}: status {r.returncode}\n{r.stdout}')
    return r.stdout


def ask(*command, timeout=30, **options):
    """Runs a program that may fail: its status, output and errors."""
    r = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       text=True, timeout=timeout, **options)
    return r.returncode, r.stdout, r.stderr


def start(log, *command, **options):
    """Starts a program in the background, its output into a log."""
    with open(log, 'ab') as out:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, **options)


def until(condition, what, timeout=120, pause=0.05):
    """Waits until the condition is true, and returns what it returned."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failed(f'{what}: not within {timeout} s')
        time.sleep(pause)


def write(path, text):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)


def read(path):
    with open(path, encoding='utf-8', errors='replace') as f:
        return f.read()
