/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A limit on everything that others control, and what happens beyond it.  Guests write the lease files by
 * way of dnsmasq; any user may call the service.
 */

/* Bytes of a file in the lease directory; a larger one is an error of that file.  libvirt's own helper has
 * the same limit. */
#define LEASE_FILE_SIZE_MAX (32U * 1024U * 1024U)

/* Entries of one document; later ones are skipped and counted. */
#define LEASE_FILE_ENTRIES_MAX 200000U

/* Files that are read from one lease directory; while there are more, the others are ignored and reported. */
#define LEASE_DIRECTORY_FILES_MAX 4096U

/* MAC addresses of one domain on one bridge; more are skipped and counted. */
#define DOMAIN_MACS_MAX 256U

/* Bytes of a name, without the terminator: of a hostname, or of a libvirt domain's name, which is a file
 * name.  A longer one is no key. */
#define NAME_LENGTH_MAX 255U

/* Bytes of a host name (RFC 1035). */
#define HOSTNAME_LENGTH_MAX 253U

/* Bytes of an interface's name, without the terminator (IFNAMSIZ - 1). */
#define INTERFACE_NAME_LENGTH_MAX 15U

/* Bytes of a client-id; a longer one is shown as absent. */
#define CLIENT_ID_LENGTH_MAX 800U

/* Problems of one document that are described; all are counted. */
#define DOCUMENT_PROBLEMS_MAX 16U

/* Bytes of one record of the index, and so of a lookup's buffer: about 160 addresses of a name.  If there
 * are more, those that never expire and the newest are kept. */
#define INDEX_RECORD_MAX 8192U

/* Addresses, or names, in a reply that an NSS module reads; a record has fewer.  A longer reply is an error,
 * because no deadline applies to parsing it. */
#define REPLY_ENTRIES_MAX 4096U

/* Limits of a lookup in the index: used slots in a row, and records of the same hash.  An index of a million
 * leases has at most a hundred, and three.  One with more was made to be slow, and counts as damaged. */
#define INDEX_SLOTS_MAX 256U
#define INDEX_SAME_HASH_MAX 8U

/* Leases of all networks together.  If there are more, all networks have the same share, and only networks
 * that have more than their share lose leases: the last ones of their file.  (libvirt's helper appends new
 * and renewed leases.) The log says how many are ignored.  Reading and indexing this many takes 0.6 s of
 * processor time (2.8 µs each), in which the service does nothing else: a fifth of the unit's WatchdogSec=,
 * to leave room for slower and busy machines. */
#define CATALOG_LEASES_MAX 200000U

/* Static names of all networks together; more are ignored. */
#define CATALOG_STATIC_MAX 65536U

/* Refused hostnames that are logged in one period, and its length (µs).  At its end, the number of others is
 * logged. A guest that keeps changing its hostname gets no more lines. */
#define REFUSALS_LOGGED_MAX 20U
#define REFUSALS_USEC UINT64_C(600000000)

/* Pending calls of WaitForHostname(): of one connection (dbus-daemon itself allows 128 pending calls), of
 * one user, and of all.  Further calls get LimitsExceeded, and so do calls of more connections than the bus
 * lets the service watch (512 on dbus-daemon).  If all have too many, the connection with the most loses one,
 * unless it is root's or a system user's. */
#define WAITS_CONNECTION_MAX 1024U
#define WAITS_USER_MAX 4096U
#define WAITS_MAX 16384U

/* Signals that one change of the lease files sends.  A client that sees this many at once has to list
 * again. */
#define SIGNALS_MAX 4096U

/* Bytes of a reply of ListLeases(); beyond, the call gets LimitsExceeded.  dbus-daemon disconnects clients
 * that send more than 32 MiB. */
#define LIST_SIZE_MAX (31U * 1024U * 1024U)

/* Rate limit: a listing costs everyone its run time, and its caller (1 + LIST_SENDER_FACTOR) times that.
 * Calls get LimitsExceeded while more than LIST_OWED_USEC_MAX is owed.  The run time counts up to
 * LIST_USEC_MAX, and LIST_ITEM_USEC_MAX for each guest, address and name: on a busy machine a short list may
 * take long, too. */
#define LIST_OWED_USEC_MAX UINT64_C(50000)
#define LIST_USEC_MAX UINT64_C(1000)
#define LIST_ITEM_USEC_MAX UINT64_C(10)
#define LIST_SENDER_FACTOR 4U

/* Replies that the bus hasn't taken yet; while there are more, listings get LimitsExceeded.  Everybody's
 * replies wait behind them. */
#define LIST_UNSENT_MAX 1U

/* Seconds ahead for which a timer is set; the service looks again then.  A time that doesn't fit a 32-bit
 * time_t would end the event loop on systems that have one. */
#define TIMER_MAX_SEC INT64_C(31536000)

/* The resolve hook's connections: of root and system users together, of ordinary users together, and of one
 * ordinary user.  If there are more, the one that was silent for the longest is closed. */
#define HOOK_PEERS_MAX 240U
#define HOOK_ORDINARY_PEERS_MAX 240U
#define HOOK_USER_PEERS_MAX 32U

/* Subscribers to the filter: of root and system users together, and of ordinary users together.  One more is
 * taken only in place of one of a user who holds more. */
#define HOOK_SUBSCRIBERS_MAX 16U
#define HOOK_ORDINARY_SUBSCRIBERS_MAX 8U

/* Bytes of an incoming message, bytes of unsent messages, and the time that these may remain unsent (µs);
 * beyond, the connection is closed. */
#define HOOK_MESSAGE_MAX 65536U
#define HOOK_OUTPUT_MAX (8U * 1024U * 1024U)
#define HOOK_STUCK_USEC UINT64_C(2000000)

/* The pause before accepting again after a connection couldn't be accepted (µs). */
#define HOOK_REST_USEC UINT64_C(100000)

/* Names in the filter; if there are more, it passes all names. */
#define HOOK_FILTER_MAX 20000U

/* Keys of one question to the hook; later ones are not answered. */
#define HOOK_KEYS_MAX 16U

/* Networks with a DNS domain of their own that are read from networks.json; more are skipped and counted. */
#define NETWORK_SUFFIXES_MAX 48U

/* --domain= options, and --deny-name= options. */
#define POLICY_NAMES_MAX 64U

/* libvirt-resolve-domains: running domains, networks, NICs of a domain, forwarded ports of a NIC that are
 * stated; more are ignored, and the log says so (not of ports).  Bytes of the XML of one domain or network:
 * a larger one counts as damaged. */
#define RUNNING_DOMAINS_MAX 8192U
#define NETWORKS_MAX 4096U
#define DOMAIN_NICS_MAX 64U
#define NIC_PORTS_MAX 128U
#define DOMAIN_XML_SIZE_MAX (8U * 1024U * 1024U)

/* Of domains.json, network cards, and ports that passt forwards to one of them; more are skipped and
 * counted. */
#define STATED_NICS_MAX 65536U
#define STATED_PORTS_MAX 128U

/* Bytes of a word or clause that a helper states (a UUID, a kind of NIC, a reason); a longer one is
 * ignored. */
#define STATED_TEXT_MAX 256U

/* Limits of libvirt-resolve-seen's facts: bridges, entries of each file, and those of one MAC address, so
 * that one NIC's entries never displace another's; more are skipped and counted. */
#define SEEN_BRIDGES_MAX 256U
#define SEEN_FILE_ENTRIES_MAX 8192U
#define SEEN_FILE_NIC_MAX 64U

/* Answered addresses that were seen: of a NIC in one family, and of a bridge.  If a bridge has more, all of
 * its NICs get equal shares, so that one NIC's addresses never displace another's. */
#define SEEN_NIC_MAX 8U
#define SEEN_BRIDGE_MAX 4096U

/* How long an address is answered after the last proof of it, in seconds. */
#define SEEN_LIFETIME_SEC INT64_C(86400)

/* Of a program's file: program headers that are read, bytes of its loader's path or of its "#!" line, bytes
 * that are searched, and scripts that lead to one another. */
#define PROGRAM_SEGMENTS_MAX 128U
#define PROGRAM_LINE_MAX 255U
#define PROGRAM_SCAN_MAX (256U * 1024U * 1024U)
#define PROGRAM_SCRIPTS_MAX 4U

/* Bytes that a port may send before the line that shows that it is SSH's. */
#define SSH_GREETING_MAX 1024U

/* Next hops of the host's routes: no guest's address.  If there are more, addresses that were seen aren't
 * answered. */
#define GATEWAYS_MAX 4096U

/* libvirt-resolve-seen: bridges that are watched (each takes a packet socket, opened at the start); MAC
 * addresses behind one tap; claims of one MAC address that aren't confirmed.  Others are ignored.  Confirmed
 * ones have the limits SEEN_NIC_MAX and SEEN_BRIDGE_MAX, of which all taps have the same share; a new one
 * takes the place of the MAC address's own that was confirmed least recently. */
#define SEEN_WATCHED_MAX 64U
#define SEEN_TAP_MACS_MAX 16U
#define SEEN_NIC_CLAIMS_MAX 8U

/* Questions on one bridge in a second. */
#define SEEN_QUESTIONS_MAX 10U

/* How long a refused claim is stated (s). */
#define SEEN_REFUSED_SEC INT64_C(600)

/* How long nothing that a MAC address claims counts after it was seen on another port (µs). */
#define SEEN_CONTESTED_USEC UINT64_C(60000000)

/* The shortest time between two versions of a bridge's file (µs). */
#define SEEN_WRITE_USEC UINT64_C(250000)

/* Limits of libvirt-resolve-ddns: names in all; zones, networks and prefixes that the administrator names;
 * names of one update; bytes of a zone's name, of a label, of the host's ID with the terminator, of the key
 * file and of the state file. */
#define DDNS_NAMES_MAX 65536U
#define DDNS_CHOICES_MAX 64U
#define DDNS_BATCH_MAX 50U
#define DDNS_ZONE_SIZE 180U
#define DDNS_LABEL_MAX 63U
#define DDNS_HOST_SIZE 64U
#define DDNS_KEY_FILE_MAX 4096U
#define DDNS_STATE_FILE_MAX (32U * 1024U * 1024U)
