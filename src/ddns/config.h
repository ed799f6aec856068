/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The administrator's configuration.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ddns/selection.h"
#include "util/limits.h"

typedef enum Mode {
        MODE_SERVE = 0,
        MODE_DRY_RUN,  /* print what would be sent */
        MODE_WITHDRAW, /* remove a host's records, and end */
} Mode;

typedef struct Config {
        Mode mode;
        char server[64];             /* as it is written, for messages */
        struct sockaddr_in6 address; /* of either family */
        size_t address_size;
        Selection selection;
        char host[DDNS_HOST_SIZE];
        const char *withdraw_host; /* NULL: this one */
        const char *key_file;
        const char *state_directory, *runtime_directory;
        uint32_t ttl;
        bool upsert_only, withdraw_on_stop;
        uint64_t compare_usec, remove_delay_usec, retry_max_usec;
} Config;
