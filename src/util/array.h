/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Arrays that grow by one element at a time.  libc only.
 */

#include <stddef.h>

/* Returns the array of n elements of that size with room for one more.  Returns NULL if memory is short; the
 * array is then unchanged. */
void *array_grow(void *array, size_t n, size_t size);

/* Gives back the room that n elements don't need.  Returns the array. */
void *array_shrink(void *array, size_t n, size_t size);
