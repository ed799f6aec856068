/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * XML documents of libvirt.
 */

#include "domains/xml.h"

#include <libxml/parser.h>
#include <string.h>

#include "util/limits.h"

static inline void xml_freep(xmlChar **text) {
        if (*text)
                xmlFree(*text);
}

static bool element_is(const xmlNode *node, const char *name) {
        return node->type == XML_ELEMENT_NODE && strcmp((const char *) node->name, name) == 0;
}

int xml_parse(const char *text, size_t size, const char *root, xmlDoc **ret) {
        _cleanup_(xml_free_docp) xmlDoc *doc = NULL;
        const xmlNode *element;

        if (size > DOMAIN_XML_SIZE_MAX)
                return -EFBIG;
        doc = xmlReadMemory(text, (int) size, NULL, NULL,
                        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
        if (!doc)
                return -EBADMSG;
        element = xmlDocGetRootElement(doc);
        /* libvirt writes no DOCTYPE; without one there are no entities. */
        if (doc->intSubset || doc->extSubset || !element || !element_is(element, root))
                return -EBADMSG;
        *ret = TAKE_PTR(doc);
        return 0;
}

static xmlNode *first_element(xmlNode *node, const char *name) {
        for (; node; node = node->next)
                if (element_is(node, name))
                        return node;
        return NULL;
}

xmlNode *xml_child(const xmlNode *parent, const char *name) {
        return parent ? first_element(parent->children, name) : NULL;
}

xmlNode *xml_next(const xmlNode *element, const char *name) {
        return first_element(element->next, name);
}

static bool copy(const xmlChar *text, char *buffer, size_t size) {
        size_t length = text ? strlen((const char *) text) : 0;

        buffer[0] = '\0';
        if (length == 0 || length >= size)
                return false;
        memcpy(buffer, text, length + 1);
        return true;
}

bool xml_attribute(const xmlNode *element, const char *name, char *buffer, size_t size) {
        _cleanup_(xml_freep) xmlChar *value = NULL;

        if (element)
                value = xmlGetNoNsProp((xmlNode *) element, (const xmlChar *) name);
        return copy(value, buffer, size);
}

bool xml_text(const xmlNode *element, char *buffer, size_t size) {
        _cleanup_(xml_freep) xmlChar *value = NULL;

        if (element)
                value = xmlNodeGetContent((xmlNode *) element);
        return copy(value, buffer, size);
}

bool xml_attribute_is(const xmlNode *element, const char *name, const char *value) {
        char text[64];

        return xml_attribute(element, name, text, sizeof(text)) && strcmp(text, value) == 0;
}

bool xml_number(const xmlNode *element, const char *name, unsigned max, unsigned *ret) {
        char text[16], *end;
        unsigned long value;

        if (!xml_attribute(element, name, text, sizeof(text)) || text[0] < '0' || text[0] > '9')
                return false;
        value = strtoul(text, &end, 10);
        if (*end != '\0' || value > max)
                return false;
        *ret = (unsigned) value;
        return true;
}
