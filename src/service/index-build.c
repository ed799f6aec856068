/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/index-build.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>

#include "index/writer.h"
#include "service/log.h"
#include "util/util.h"

/* Maps a loaded index.  Only safe for the index's writer: if somebody else truncates a mapped file, the
 * process dies. Without the map, lookups read the file. */
static int index_map(Index *index) {
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

void index_release(Index *index) {
        if (index->map)
                (void) munmap((void *) index->map, index->size);
        index->map = NULL;
        index->size = 0;
        index->fd = close_safe(index->fd);
}

int index_build(const Catalog *catalog, uint64_t policy, Index *ret, size_t *ret_dropped) {
        IndexMeta meta = { .magic = INDEX_FORMAT_MAGIC, .state = INDEX_LIVE };
        _cleanup_(closep) int fd = -1;
        sd_id128_t random;
        Index index;
        int r;

        fd = memfd_create("names", MFD_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = sd_id128_randomize(&random);
        if (r < 0)
                return r;
        memcpy(meta.salt.bytes, random.bytes, sizeof(meta.salt.bytes));
        meta.n_leases = (uint32_t) catalog->n_leases;
        meta.policy = policy;
        r = index_write(fd, &meta, catalog, ret_dropped);
        if (r < 0)
                return r;
        r = index_load(fd, &index);
        if (r < 0)
                return r;
        if (index_map(&index) < 0)
                log_debug("The index can't be mapped: every lookup reads it.");
        (void) TAKE_FD(fd);
        *ret = index;
        return 0;
}
