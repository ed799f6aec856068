# SPDX-License-Identifier: LGPL-2.1-or-later
hosts after=files libvirt_guest
hosts before=libvirt_guest libvirt
