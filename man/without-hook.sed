# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Takes out of a page what is there only where the resolve hook is: what stands between ".. hook {" and
# ".. }", and the doctor's line on it.
/^\.\. hook {$/,/^\.\. }$/d
/^ *skip .* the resolve hook$/d
