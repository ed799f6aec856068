# SPDX-License-Identifier: LGPL-2.1-or-later
"""The interface's description, held against the object on the bus."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from bus import Bus  # noqa: E402
from service import Service  # noqa: E402

INTERFACE = "org.libvirt.Resolve1"
EMITS = "org.freedesktop.DBus.Property.EmitsChangedSignal"


def members(document):
    """{"method ResolveHostname": ["in i ifindex", ...], "property Version": [...], ...}"""
    found = {}
    interface = ElementTree.fromstring(document).find(f"interface[@name='{INTERFACE}']")
    for member in interface:
        if member.tag not in ("method", "signal", "property"):
            continue
        facts = [f"{a.get('direction', 'out' if member.tag == 'signal' else 'in')} {a.get('type')} {a.get('name')}"
                 for a in member.findall("arg")]
        if member.tag == "property":
            emits = member.find(f"annotation[@name='{EMITS}']")
            facts = [member.get("type"), member.get("access"),
                     "true" if emits is None else emits.get("value")]
        found[f"{member.tag} {member.get('name')}"] = facts
    return found


def undocumented(text, described):
    """Members without a comment that begins with their name, and arguments that theirs leaves out."""
    comments = {m.group(1): m.group(0) for m in re.finditer(r"<!--\s+(\w+):.*?-->", text, re.S)}
    for member, facts in described.items():
        kind, name = member.split()
        if name not in comments:
            yield f"{member}: no comment"
        elif kind != "property":
            yield from (f"{member}: @{fact.split()[2]} isn't explained" for fact in facts
                        if f"@{fact.split()[2]}:" not in comments[name])


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    described = members(text)
    with Bus() as bus, Service(bus.environment):
        reply = subprocess.run(["busctl", "--json=short", "call", INTERFACE, "/org/libvirt/Resolve1",
                                "org.freedesktop.DBus.Introspectable", "Introspect"],
                               env=bus.environment, check=True, stdout=subprocess.PIPE).stdout
    live = members(json.loads(reply)["data"][0])
    failures = [f"{m}: described as {described.get(m)}, is {live.get(m)}"
                for m in sorted(described.keys() | live.keys()) if described.get(m) != live.get(m)]
    failures += undocumented(text, described)
    print("\n".join(failures) or f"{len(live)} members, all as described")
    return bool(failures)


sys.exit(main())
