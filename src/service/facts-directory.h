/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A watched directory in which a helper states facts.  It need not exist, and may be created and removed.
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

/* Whether a file may have been added, removed or replaced since the last call that returned true.  The first
 * call returns true, and so does the next call after facts_directory_again(), for facts that couldn't be
 * read. */
bool facts_directory_has_changed(FactsDirectory *directory);
void facts_directory_again(FactsDirectory *directory);
