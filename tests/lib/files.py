# SPDX-License-Identifier: LGPL-2.1-or-later
"""Directories and programs that other users may enter and execute, wherever the build and TMPDIR are."""

import atexit
import os
import shutil
import tempfile


def everybody_may_enter(directory):
    while directory != '/':
        if not os.stat(directory).st_mode & 0o001:
            return False
        directory = os.path.dirname(directory)
    return True


def temporary_directory():
    parent = next(path for path in (tempfile.gettempdir(), '/tmp', '/var/tmp') if everybody_may_enter(os.path.realpath(path)))
    directory = tempfile.mkdtemp(prefix='libvirt-resolve.', dir=parent)
    os.chmod(directory, 0o755)
    return directory


def for_everybody(program):
    """The program, or a copy of it if the build is below a directory that only its owner may enter (/root)."""
    if os.geteuid() != 0 or everybody_may_enter(os.path.dirname(os.path.realpath(program))):
        return program
    directory = temporary_directory()
    atexit.register(shutil.rmtree, directory)
    copy = shutil.copy(program, directory)
    os.chmod(copy, 0o755)
    return copy
