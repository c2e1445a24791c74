/* src/spf/spf_lib.c - libspf2, held at arm's length */
#include "spf_lib.h"
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <spf2/spf.h>

/* Our own limits of RFC 7208 4.6.4 come first: the library counts an include's terms anew. */
enum { TERMS_MOST = 100, NAMES_MOST = 100 };

struct spf_lib {
	SPF_server_t *server;
	SPF_dns_server_t layer;
	const struct spf_lib_dns *dns; /* of the evaluation under way */
};

/* The one state: the library calls handlers without an argument, and has one server for good. */
static struct spf_lib the_lib;

static void
say_nothing(const char *file, int line, const char *words)
{
	(void)file;
	(void)line;
	(void)words;
}

/* ---- our DNS layer ---- */

static void
put_record(SPF_dns_rr_t *rr, int i, const struct dns_record *record, enum dns_type type)
{
	if (SPF_dns_rr_buf_realloc(rr, i, record->n + 1) != SPF_E_SUCCESS)
		abort();
	switch (type) {
	case DNS_A:
		memcpy(&rr->rr[i]->a, record->octets, sizeof rr->rr[i]->a);
		break;
	case DNS_AAAA:
		memcpy(&rr->rr[i]->aaaa, record->octets, sizeof rr->rr[i]->aaaa);
		break;
	case DNS_MX:
		memcpy(rr->rr[i]->mx, record->octets, record->n + 1);
		break;
	case DNS_PTR:
		memcpy(rr->rr[i]->ptr, record->octets, record->n + 1);
		break;
	case DNS_TXT:
		memcpy(rr->rr[i]->txt, record->octets, record->n + 1);
		break;
	}
	rr->num_rr = i + 1;
}

/* Whether a record has the octets that the library takes from it. */
static bool
fits(const struct dns_record *record, enum dns_type type)
{
	if (type == DNS_A)
		return record->n == sizeof(struct in_addr);
	if (type == DNS_AAAA)
		return record->n == sizeof(struct in6_addr);
	return memchr(record->octets, '\0', record->n) == NULL;
}

static SPF_dns_rr_t *
look_up(SPF_dns_server_t *layer, const char *name, ns_type rr_type, int should_cache)
{
	enum dns_type type = (enum dns_type)rr_type; /* the same numbers: RFC 1035 3.2.2 */
	struct dns_answer answer = {0};
	enum dns_err e = DNS_VOID;
	int n = 0;

	(void)should_cache;
	/* RFC 7208 3.1: the type SPF is no more. */
	if (rr_type != ns_t_spf)
		e = the_lib.dns->lookup(the_lib.dns->arg, name, type, &answer);
	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(layer, name, rr_type, 0,
	                                       e == DNS_OK     ? NETDB_SUCCESS
	                                       : e == DNS_VOID ? HOST_NOT_FOUND
	                                                       : TRY_AGAIN);
	if (rr == NULL)
		abort();
	for (size_t i = 0; e == DNS_OK && i < answer.n; i++)
		if (fits(&answer.record[i], type))
			put_record(rr, n++, &answer.record[i], type);
	return rr;
}

struct spf_lib *
spf_lib_new(void)
{
	SPF_response_t *response = NULL;
	struct spf_lib *lib = &the_lib;

	if (lib->server != NULL)
		return lib;
	SPF_info_handler = SPF_debug_handler = SPF_warning_handler = say_nothing;
	lib->layer = (SPF_dns_server_t){.lookup = look_up, .name = "postern"};
	lib->server = SPF_server_new_dns(&lib->layer, 0);
	if (lib->server == NULL ||
	    SPF_server_set_explanation(lib->server, "none", &response) != SPF_E_SUCCESS ||
	    SPF_server_set_rec_dom(lib->server, "localhost") != SPF_E_SUCCESS)
		abort();
	if (response != NULL)
		SPF_response_free(response);
	(void)SPF_server_set_max_dns_mech(lib->server, TERMS_MOST);
	(void)SPF_server_set_max_dns_mx(lib->server, NAMES_MOST);
	(void)SPF_server_set_max_dns_ptr(lib->server, NAMES_MOST);
	return lib;
}

/* ---- evaluation ---- */

static void
set_client(SPF_request_t *request, const struct spf_lib_client *client)
{
	struct in_addr v4;
	struct in6_addr v6;

	memcpy(&v4, client->octets, sizeof v4);
	memcpy(&v6, client->octets, sizeof v6);
	if (client->is_ip6)
		(void)SPF_request_set_ipv6(request, v6);
	else
		(void)SPF_request_set_ipv4(request, v4);
}

static enum spf_result
result_of(SPF_response_t *response)
{
	switch (SPF_response_result(response)) {
	case SPF_RESULT_NEUTRAL:
		return SPF_NEUTRAL;
	case SPF_RESULT_PASS:
		return SPF_PASS;
	case SPF_RESULT_FAIL:
		return SPF_FAIL;
	case SPF_RESULT_SOFTFAIL:
		return SPF_SOFTFAIL;
	case SPF_RESULT_NONE:
		return SPF_NONE;
	case SPF_RESULT_PERMERROR:
		return SPF_PERMERROR;
	case SPF_RESULT_INVALID:
	case SPF_RESULT_TEMPERROR:
		break;
	}
	return SPF_TEMPERROR;
}

enum spf_result
spf_lib_evaluate(struct spf_lib *lib, const struct spf_lib_client *client,
                 const struct spf_lib_dns *dns, const char *domain)
{
	SPF_request_t *request = SPF_request_new(lib->server);
	SPF_response_t *response = NULL;
	enum spf_result result = SPF_TEMPERROR;

	if (request == NULL || SPF_request_set_env_from(request, domain) != 0)
		abort();
	lib->dns = dns;
	set_client(request, client);
	/* Errors in its own reading of our record are results too, and never a pass: one would mean
	 * that it dropped a term. */
	(void)SPF_request_query_mailfrom(request, &response);
	if (response != NULL && SPF_response_errors(response) == 0)
		result = result_of(response);
	if (response != NULL)
		SPF_response_free(response);
	SPF_request_free(request);
	return result;
}
