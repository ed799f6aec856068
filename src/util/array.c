/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Arrays that grow by one element at a time.
 */

#include "util/array.h"

#include <stdlib.h>

void *array_grow(void *array, size_t n, size_t size) {
        if (array && (n < 16 || (n & (n - 1)) != 0))
                return array;
        return reallocarray(array, n < 16 ? 16 : 2 * n, size);
}

void *array_shrink(void *array, size_t n, size_t size) {
        void *shrunk = n > 0 ? reallocarray(array, n, size) : NULL;

        return shrunk ? shrunk : array;
}
