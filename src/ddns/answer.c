/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The meaning of the server's answer to an update.
 */

#include "ddns/answer.h"

#include <stdbool.h>

/* Fields of TSIG's record data (RFC 8945). */
#define TSIG_ALGORITHM 0
#define TSIG_MAC 3
#define TSIG_ERROR 5

/* The error in the answer's signature; 0: none. */
static int tsig_error(const ldns_pkt *pkt) {
        const ldns_rr *tsig = ldns_pkt_tsig(pkt);
        const ldns_rdf *rdf = tsig ? ldns_rr_rdf(tsig, TSIG_ERROR) : NULL;

        return rdf && ldns_rdf_size(rdf) == 2 ? ldns_rdf2native_int16(rdf) : 0;
}

static const char *explain(int rcode, int tsig) {
        switch (tsig) {
        case 16:
                return "BADSIG: the server has another secret for the key";
        case 17:
                return "BADKEY: the server doesn't know the key, or doesn't allow it the update";
        case 18:
                return "BADTIME: this host's clock and the server's differ too much";
        }
        switch (rcode) {
        case LDNS_RCODE_REFUSED:
                return "REFUSED: the server's policy doesn't allow the update, or the key or this host's "
                       "clock is wrong";
        case LDNS_RCODE_NOTAUTH:
                return "NOTAUTH: the server isn't the zone's primary server, or doesn't accept the key";
        case LDNS_RCODE_NOTZONE:
                return "NOTZONE: a name isn't in the zone";
        case LDNS_RCODE_SERVFAIL:
                return "SERVFAIL: the server couldn't do it, its log says why";
        case LDNS_RCODE_NOTIMPL:
                return "NOTIMP: the server doesn't know updates, or they are turned off";
        case LDNS_RCODE_FORMERR:
                return "FORMERR: the server doesn't understand the update";
        }
        return "an unexpected answer";
}

static bool is_unmet(int rcode) {
        return rcode == LDNS_RCODE_NXDOMAIN || rcode == LDNS_RCODE_YXDOMAIN || rcode == LDNS_RCODE_YXRRSET ||
               rcode == LDNS_RCODE_NXRRSET;
}

/* With the key and the algorithm of the query: with an unknown algorithm, libldns 1.8.3 would leak. */
static bool is_of_key(const ldns_rr *tsig, const ldns_rr *query) {
        return tsig && ldns_rr_rd_count(tsig) == ldns_rr_rd_count(query) &&
               ldns_dname_compare(ldns_rr_owner(tsig), ldns_rr_owner(query)) == 0 &&
               ldns_dname_compare(ldns_rr_rdf(tsig, TSIG_ALGORITHM), ldns_rr_rdf(query, TSIG_ALGORITHM)) == 0;
}

/* Whether the server signed it as the answer to our message.  Only a refusal may be unsigned. */
static bool is_genuine(ldns_pkt *answer, const uint8_t *wire, size_t size, const ldns_pkt *query,
                const Key *key) {
        const ldns_rr *tsig = ldns_pkt_tsig(query);

        return is_of_key(ldns_pkt_tsig(answer), tsig) &&
               ldns_pkt_tsig_verify(answer, wire, size, key->name, key->secret, ldns_rr_rdf(tsig, TSIG_MAC));
}

static Answer conclude(int rcode, int tsig, bool genuine, const char **ret_reason) {
        if (tsig != 0 || (rcode != LDNS_RCODE_NOERROR && !is_unmet(rcode))) {
                *ret_reason = explain(rcode, tsig);
                return ANSWER_REFUSED;
        }
        if (!genuine) {
                *ret_reason = "the answer isn't signed with the key";
                return ANSWER_REFUSED;
        }
        *ret_reason = NULL;
        return rcode == LDNS_RCODE_NOERROR ? ANSWER_DONE : ANSWER_UNMET;
}

Answer answer_judge(const uint8_t *wire, size_t size, const ldns_pkt *query, const Key *key,
                const char **ret_reason) {
        ldns_pkt *answer;
        int rcode, tsig;
        bool genuine;

        if (ldns_wire2pkt(&answer, wire, size) != LDNS_STATUS_OK) {
                *ret_reason = "the answer isn't a DNS message";
                return ANSWER_REFUSED;
        }
        if (!ldns_pkt_qr(answer) || ldns_pkt_id(answer) != ldns_pkt_id(query)) {
                ldns_pkt_free(answer);
                *ret_reason = "the answer is to another message";
                return ANSWER_REFUSED;
        }
        rcode = ldns_pkt_get_rcode(answer);
        tsig = tsig_error(answer);
        genuine = is_genuine(answer, wire, size, query, key);
        ldns_pkt_free(answer);
        return conclude(rcode, tsig, genuine, ret_reason);
}
