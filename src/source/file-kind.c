/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The kinds of files in libvirt's lease directory.
 */

#include "source/file-kind.h"

#include <stdbool.h>
#include <string.h>

#include "source/document.h"
#include "source/hosts-file.h"
#include "source/macs-file.h"
#include "source/status-file.h"
#include "util/utf8.h"

static int parse_status(const char *data, size_t size, Document *document, DocumentError *error) {
        return status_file_parse(data, size, &document->bindings, error);
}

static int parse_macs(const char *data, size_t size, Document *document, DocumentError *error) {
        return macs_file_parse(data, size, &document->macs, error);
}

static int parse_hosts(const char *data, size_t size, Document *document, DocumentError *error) {
        return hosts_file_parse(data, size, &document->bindings, error);
}

static int parse_addn_hosts(const char *data, size_t size, Document *document, DocumentError *error) {
        return addn_hosts_parse(data, size, &document->bindings, error);
}

const FileKind file_kinds[_FILE_TYPE_MAX] = {
        [FILE_STATUS] = { FILE_STATUS, ".status", STEM_BRIDGE, parse_status },
        [FILE_MACS] = { FILE_MACS, ".macs", STEM_BRIDGE, parse_macs },
        [FILE_HOSTSFILE] = { FILE_HOSTSFILE, ".hostsfile", STEM_NETWORK, parse_hosts },
        [FILE_ADDNHOSTS] = { FILE_ADDNHOSTS, ".addnhosts", STEM_NETWORK, parse_addn_hosts },
};

static bool stem_is_valid(FileStem stem, const char *name, size_t length) {
        static const size_t length_max[] = {
                [STEM_BRIDGE] = INTERFACE_NAME_LENGTH_MAX,
                [STEM_NETWORK] = NAME_LENGTH_MAX,
        };
        char buffer[NAME_LENGTH_MAX + 1];

        if (length == 0 || length > length_max[stem])
                return false;
        memcpy(buffer, name, length);
        buffer[length] = '\0';
        return utf8_is_string(buffer);
}

const FileKind *file_kind_find(const char *name, size_t *ret_stem_length) {
        const char *dot = strrchr(name, '.');

        for (size_t i = 0; dot && i < ELEMENTS(file_kinds); i++) {
                const FileKind *kind = file_kinds + i;

                if (strcmp(dot, kind->suffix) != 0 || !stem_is_valid(kind->stem, name, (size_t) (dot - name)))
                        continue;
                *ret_stem_length = (size_t) (dot - name);
                return kind;
        }
        return NULL;
}
