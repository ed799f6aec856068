/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Mapping an index into memory.
 */

#include "service/index-map.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

int index_map(Index *index) {
        struct stat st;
        void *map;

        if (fstat(index->fd, &st) < 0)
                return -errno;
        if (st.st_size > UINT32_MAX)
                return -EFBIG;
        map = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_SHARED, index->fd, 0);
        if (map == MAP_FAILED)
                return -errno;
        index->map = map;
        index->size = (uint32_t) st.st_size;
        return 0;
}

void index_unmap(Index *index) {
        if (index->map)
                (void) munmap((void *) index->map, index->size);
        index->map = NULL;
        index->size = 0;
}
