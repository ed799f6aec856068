/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A virtual network's XML.
 */

#include "domains/network.h"

#include "domains/xml.h"

int network_parse(const char *xml, size_t size, Network *ret) {
        _cleanup_(xml_free_docp) xmlDoc *doc = NULL;
        const xmlNode *root;
        Network network;
        int r;

        r = xml_parse(xml, size, "network", &doc);
        if (r < 0)
                return r;
        root = xmlDocGetRootElement(doc);
        if (!xml_text(xml_child(root, "name"), network.name, sizeof(network.name)))
                return -EBADMSG;
        (void) xml_attribute(xml_child(root, "bridge"), "name", network.bridge, sizeof(network.bridge));
        (void) xml_attribute(xml_child(root, "domain"), "name", network.suffix, sizeof(network.suffix));
        *ret = network;
        return 0;
}
