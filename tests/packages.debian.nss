# SPDX-License-Identifier: LGPL-2.1-or-later
# What the tests of the ring nss take on Debian, beside the others.
libyajl2        # libvirt's own modules load it
