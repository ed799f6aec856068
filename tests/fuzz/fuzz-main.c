/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What runs a fuzz target where there is no libFuzzer: once over each file named,
 * and each file in each directory named.
 */

#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned n_files;

static int run_file(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        _cleanup_(closep) int fd = -1;
        _cleanup_(freep) uint8_t *data = NULL;
        size_t size = (size_t) st->st_size;

        if (type == FTW_D)
                return 0;

        /* exactly as large as the input, so that a sanitizer sees a byte too many */
        data = malloc(MAX2(size, 1U));
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (type != FTW_F || !data || fd < 0 || read(fd, data, size) != (ssize_t) size) {
                fprintf(stderr, "%s: can't be read\n", path);
                return 1;
        }

        (void) LLVMFuzzerTestOneInput(data, size);
        n_files++;
        return 0;
}

int main(int argc, char *argv[]) {
        for (int i = 1; i < argc; i++)
                if (nftw(argv[i], run_file, 16, FTW_PHYS) != 0)
                        return EXIT_FAILURE;

        printf("%u files\n", n_files);
        return n_files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
