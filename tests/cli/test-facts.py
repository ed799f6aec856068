#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the service makes of the facts that libvirt-resolve-domains states: the DNS domains of networks."""

import json
import os
import shutil
import time
import unittest

from world import PATIENCE, World, lease, main


class TestFacts(unittest.TestCase):
    def setUp(self):
        self.facts = f"/tmp/libvirt-resolve-facts.{os.getpid()}"
        self.addCleanup(shutil.rmtree, self.facts, True)
        self.world = World(f"--domains-directory={self.facts}")
        self.addCleanup(self.world.end)
        self.world.write("virbr1.status", [lease("192.168.150.7", "52:54:00:15:00:07", "db")])

    def state(self, networks):
        """As the helper does it: written beside, and renamed."""
        os.makedirs(self.facts, exist_ok=True)
        path = os.path.join(self.facts, "networks.json")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(networks if isinstance(networks, str) else json.dumps(networks))
        os.rename(path + ".new", path)

    def addresses(self, name):
        answers = json.loads(self.world.run("query", "--json=short", name).stdout)
        return [answer["address"] for answer in answers if "address" in answer]

    def published(self, name):
        """Whether the index that the modules read has the name."""
        end = time.monotonic() + PATIENCE
        while True:
            with open(os.path.join(self.world.runtime, "names.cdb"), "rb") as file:
                if name.encode() in file.read():
                    return True
            if time.monotonic() > end:
                return False
            time.sleep(0.02)

    def log(self):
        with open(os.path.join(self.world.directory, "log"), encoding="utf-8") as file:
            return file.read()

    TWO = [{"network": "default", "bridge": "virbr0", "domain": "a.lab"},
           {"network": "isolated", "bridge": "virbr1", "domain": "B.Lab"}, {"network": "bridged"}]

    def test_domains_of_networks(self):
        self.assertEqual(self.addresses("db.b.lab"), [])
        self.state(self.TWO)
        self.assertEqual(self.addresses("db.b.lab"), ["192.168.150.7"])
        self.assertEqual(self.addresses("DB.B.LAB."), ["192.168.150.7"])
        self.assertEqual(self.addresses("vm-app.a.lab"), ["192.168.122.50"])
        for name in "db.a.lab", "vm-app.b.lab", "web1.b.lab":
            self.assertEqual(self.addresses(name), [])
        self.assertTrue(self.published("db.b.lab"))
        properties = json.loads(self.world.run("status", "--json=short").stdout)[0]
        self.assertEqual(properties["domains"], ["a.lab@virbr0", "b.lab@virbr1"])

    def test_they_are_published_without_a_lookup(self):
        self.assertTrue(self.published("db"))
        self.state(self.TWO)
        self.assertTrue(self.published("db.b.lab"))

    def test_they_come_and_go(self):
        for domain in "a.lab", "other.lab", "a.lab":
            self.state([{"network": "default", "bridge": "virbr0", "domain": domain}])
            self.assertNotEqual(self.addresses("web1." + domain), [])
        shutil.rmtree(self.facts)
        self.assertEqual(self.addresses("web1.a.lab"), [])
        self.assertNotEqual(self.addresses("web1"), [])
        self.state(self.TWO)
        self.assertNotEqual(self.addresses("web1.a.lab"), [])

    def test_an_invalid_file(self):
        self.state(self.TWO)
        self.assertNotEqual(self.addresses("web1.a.lab"), [])
        for text in "{", "nonsense", "[" * 5000, '{"network": "default"}', "[1] x":
            self.state(text)
            self.assertNotEqual(self.addresses("web1.a.lab"), [], text)
        self.assertIn(f"{self.facts}/networks.json: ", self.log())
        self.assertIn("last valid reading stays in force", self.log())

    def test_invalid_entries_hide_no_others(self):
        bad = [1, None, "x", {}, {"bridge": 7, "domain": "c.lab"}, {"bridge": "x" * 16, "domain": "c.lab"},
               {"bridge": "virbr0", "domain": "not a host name"}, {"bridge": "virbr0", "domain": "x" * 300},
               {"bridge": "virbr0", "domain": "c.lab\0d"}, {"bridge": "virbr0", "domain": "-c.lab"}]
        self.state([*bad, self.TWO[0]])
        self.assertNotEqual(self.addresses("web1.a.lab"), [])
        self.assertEqual(json.loads(self.world.run("status", "--json=short").stdout)[0]["domains"], ["a.lab@virbr0"])
        self.assertIn("entry 4: \"bridge\"", self.log())

    def test_too_many(self):
        self.state([{"bridge": "virbr0", "domain": f"n{i}.lab"} for i in range(3000)])
        self.assertNotEqual(self.addresses("web1.n0.lab"), [])
        self.assertNotEqual(self.addresses("web1.n47.lab"), [])
        self.assertEqual(self.addresses("web1.n48.lab"), [])

    def test_reserved_names_stay_reserved(self):
        self.state([{"bridge": "virbr0", "domain": "localhost"}])
        self.assertEqual(self.addresses("web1.localhost"), [])


if __name__ == "__main__":
    main()
