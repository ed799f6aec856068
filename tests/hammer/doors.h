/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lookups through the two NSS modules themselves, each with the door that it went
 * through and the time that it took.  The bus door is known by the module's dlopen(),
 * which the program that links this takes the place of.
 */

#include <nss.h>
#include <stdbool.h>
#include <stdint.h>

/* What can be asked: each module by two of its functions. */
#define QUESTIONS 4U

typedef struct Lookup {
        enum nss_status status;
        int error;
        bool over_bus;
        uint64_t usec;
        uint32_t address; /* the first IPv4 address, in host byte order; 0: none */
        unsigned n_addresses;
} Lookup;

/* Loads both modules, or ends the program. */
void backends_enabled(const char *lease_module, const char *domain_module);

/* Whether this question is the domain variant's. */
static inline bool question_wants_domain(unsigned question) {
        return question & 1;
}

/* question: below QUESTIONS.  Any thread or process may ask. */
void doors_ask(unsigned question, const char *name, Lookup *ret);

/* CLOCK_MONOTONIC, µs. */
uint64_t now_usec(void);
