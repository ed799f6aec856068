/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Every limit on what others control, each with what happens beyond it.
 * Guests write the lease files by way of dnsmasq; anyone may call the service.
 */

/* A lease file or MAC map beyond this is an error of that file; libvirt's own
 * helper refuses to read more than this, too. */
#define LEASE_FILE_SIZE_MAX (32U * 1024U * 1024U)

/* Entries of one document; later ones are skipped and counted. */
#define LEASE_FILE_ENTRIES_MAX 200000U

/* .status and .macs files that are read from one lease directory; more are
 * ignored, as long as there are more, and reported. */
#define LEASE_DIRECTORY_FILES_MAX 4096U

/* MAC addresses of one domain on one bridge; more are skipped and counted. */
#define DOMAIN_MACS_MAX 256U

/* Bytes of a name, without the terminator: of a hostname (RFC 1035 ends at
 * 253), of a libvirt domain name (a file name).  A longer one is no key. */
#define NAME_LENGTH_MAX 255U

/* Bytes of a host name (RFC 1035). */
#define HOSTNAME_LENGTH_MAX 253U

/* Bytes of an interface's name, without the terminator (IFNAMSIZ - 1). */
#define INTERFACE_NAME_LENGTH_MAX 15U

/* Bytes of a client-id as kept for display; a longer one is cut off and shown
 * as absent. */
#define CLIENT_ID_LENGTH_MAX 800U

/* Problems of one document that are described; all are counted. */
#define DOCUMENT_PROBLEMS_MAX 16U

/* Bytes of one record of the index, and so of a lookup's buffer: some 160
 * addresses a name.  Those that never expire are kept, and the newest. */
#define INDEX_RECORD_MAX 8192U

/* Addresses, or names, in a reply that an NSS module reads: a record holds fewer.  A reply of more is
 * no answer, since reading it is under no deadline. */
#define REPLY_ENTRIES_MAX 4096U

/* What a lookup in an index may meet: slots of its table before a free one, and records of its
 * key's hash.  Of a million leases' none has more than a hundred, and three; an index that has was
 * made to be slow, and counts as damaged. */
#define INDEX_SLOTS_MAX 256U
#define INDEX_SAME_HASH_MAX 8U

/* Leases of all networks together.  If there are more, each network has the same share, and only
 * those lose that have more than that: what comes last in their file, as in a file that is too long.
 * libvirt's helper puts a new lease, or a renewed one, at the end.  The log says how many are ignored.
 * Reading and indexing so many takes 0.6 s of processor time (2.8 µs each), and nothing else is done
 * meanwhile: a fifth of what the unit's WatchdogSec= allows, for slower machines and busy ones. */
#define CATALOG_LEASES_MAX 200000U

/* Refused hostnames that are logged, and in how long a time (µs); how many more there were is logged at
 * its end.  A guest that goes on calling itself something else gets no more lines. */
#define REFUSALS_SAID_MAX 20U
#define REFUSALS_USEC UINT64_C(600000000)

/* Calls of WaitForHostname() that wait at a time: of one connection (dbus-daemon itself allows 128
 * pending calls), of one user, and of all.  More get LimitsExceeded, as do those of more connections
 * than the bus lets the service watch: 512 on dbus-daemon. */
#define WAITS_CONNECTION_MAX 1024U
#define WAITS_USER_MAX 4096U
#define WAITS_MAX 16384U

/* Signals that one change of the lease files sends.  Who watches more than this change at once
 * lists anew. */
#define SIGNALS_MAX 4096U

/* Bytes of a reply of ListLeases(): dbus-daemon cuts off who sends more than 32 MiB.  Beyond, the
 * call gets LimitsExceeded. */
#define LIST_SIZE_MAX (31U * 1024U * 1024U)

/* A listing is followed by a rest: as long as it took for everyone, so that lookups have their turn, and
 * so many times as long for the same caller.  Rests add up; while more than so long (µs) of them is
 * left, listings get LimitsExceeded. */
#define LIST_LONG_USEC UINT64_C(50000)
#define LIST_REST_SENDER 4U

/* Seconds ahead for which a timer is set: a time that doesn't fit a 32-bit time_t would end the
 * event loop where that is one.  Who waits for longer waits for ever. */
#define TIMER_MAX_SEC INT64_C(31536000)

/* The resolve hook.  Connections: for one more, the one that nothing was heard of for the longest time is
 * closed; but those that get the filter stay.  For one more of these, one of the user who has the most is
 * closed; or the new one itself, where that would only turn the two about.  So it takes as many users to
 * keep systemd-resolved from getting it. */
#define HOOK_PEERS_MAX 512U
#define HOOK_SUBSCRIBERS_MAX 16U

/* Bytes of a message that comes in, and of one that goes out, and how long it may wait for being taken
 * (µs): beyond, the connection is dropped. */
#define HOOK_MESSAGE_MAX 65536U
#define HOOK_OUTPUT_MAX (8U * 1024U * 1024U)
#define HOOK_STUCK_USEC UINT64_C(2000000)

/* After a connection couldn't be accepted, it is tried again after so long (µs). */
#define HOOK_REST_USEC UINT64_C(100000)

/* Names in the filter: beyond, it lets all names pass. */
#define HOOK_FILTER_MAX 20000U

/* Keys of one question to the hook; later ones are not answered. */
#define HOOK_KEYS_MAX 16U

/* --domain= and --deny-name= options. */
#define POLICY_NAMES_MAX 64U
