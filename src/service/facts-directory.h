/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A directory in which a helper states facts, watched.  It need not exist; it may come and go.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "index/format.h"
#include "util/util.h"

typedef struct FactsDirectory FactsDirectory;

/* Called from the event loop when a file may have changed. */
typedef void (*FactsChanged)(void *userdata);

/* Returns 0, or a negative errno. */
int facts_directory_new(sd_event *event, const char *path, FactsChanged changed, void *userdata,
                FactsDirectory **ret);
FactsDirectory *facts_directory_free(FactsDirectory *directory);
DEFINE_CLEANUP(FactsDirectory *, facts_directory_free);

const char *facts_directory_path(const FactsDirectory *directory);

/* Whether a file may have come, gone or been replaced since the last call that returned true.  The first
 * call does. If facts couldn't be read, facts_directory_again() makes the next call return true. */
bool facts_directory_has_news(FactsDirectory *directory);
void facts_directory_again(FactsDirectory *directory);
