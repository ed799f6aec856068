/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * XML documents of libvirt, by libxml2: without network access, document types and entities.
 */

#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/util.h"

/* Returns 0, -EBADMSG if it isn't XML with such a root element, -EFBIG, or -ENOMEM. */
int xml_parse(const char *text, size_t size, const char *root, xmlDoc **ret);

static inline void xml_free_docp(xmlDoc **doc) {
        if (*doc)
                xmlFreeDoc(*doc);
}

/* The first child element, or the next sibling element, with that name; NULL: none. */
xmlNode *xml_child(const xmlNode *parent, const char *name);
xmlNode *xml_next(const xmlNode *element, const char *name);

/* Copy an attribute, or an element's text.  element NULL: nothing to copy.  Return whether the text exists,
 * isn't empty and fits; otherwise the buffer holds an empty string. */
bool xml_attribute(const xmlNode *element, const char *name, char *buffer, size_t size);
bool xml_text(const xmlNode *element, char *buffer, size_t size);

/* Whether the element has the attribute with that value. */
bool xml_attribute_is(const xmlNode *element, const char *name, const char *value);

/* Parses a decimal attribute.  Returns whether it exists and is between 0 and max. */
bool xml_number(const xmlNode *element, const char *name, unsigned max, unsigned *ret);
