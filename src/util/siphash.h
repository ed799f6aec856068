/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * SipHash-2-4: a keyed hash of short inputs (Aumasson and Bernstein, 2012).  libc only.
 */

#include <stddef.h>
#include <stdint.h>

/* The 64-bit hash of size bytes at data under a key of 16 bytes. */
uint64_t siphash24(const uint8_t key[static 16], const void *data, size_t size);
