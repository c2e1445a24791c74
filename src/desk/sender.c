/* src/desk/sender.c - who sent this, and what proves it: SASL, Authentication-Results, SPF */
#include "sender.h"
#include "addr.h"
#include "align.h"
#include "arena.h"
#include "authres.h"
#include "net.h"
#include "spf.h"
#include "spf_call.h"
#include <string.h>

/* What the checks have said so far; the first certain word stands. */
struct verdict {
	struct arena *arena;
	const char *from_domain;
	struct sender sender;
};

static void
say(struct verdict *v, enum sender_auth auth, bool strong, const char *because)
{
	if (v->sender.auth == AUTH_UNVERIFIED) {
		v->sender.auth = auth;
		v->sender.strong = strong;
	}
	v->sender.because = v->sender.because[0] == '\0'
	                            ? because
	                            : arena_printf(v->arena, "%s; %s", v->sender.because, because);
}

static bool
is_aligned(void *self, const char *domain)
{
	const struct verdict *v = self;

	return align_relaxed(domain, v->from_domain);
}

static void
weigh_login(struct verdict *v, const struct sender_in *in, const char *login, const char *who)
{
	if (login != NULL && login[0] != '\0' && strcasecmp(login, in->mail->from_address) == 0)
		say(v, AUTH_VERIFIED, true,
		    arena_printf(v->arena, "logged in as %s (%s)", login, who));
}

static void
weigh_results(struct verdict *v, const struct sender_in *in)
{
	const struct settings *set = in->conf->settings;
	struct authres_trust trust = {set->authserv_id, set->authserv_own_received};
	struct authres r = {0};
	const char *domain = "";

	authres_read(v->arena, in->mail, &trust, &r);
	weigh_login(v, in, authres_login(&r), "Authentication-Results");
	switch (authres_dmarc(&r, &domain)) {
	case AUTHRES_PASS:
		if (is_aligned(v, domain))
			say(v, AUTH_VERIFIED, true,
			    arena_printf(v->arena, "dmarc pass for %s", domain));
		break;
	case AUTHRES_FAIL:
		if (is_aligned(v, domain))
			say(v, AUTH_FAILED, false,
			    arena_printf(v->arena, "dmarc fail for %s", domain));
		break;
	case AUTHRES_NONE:
	case AUTHRES_TEMPORARY:
		break;
	}
	if (authres_dkim_pass(&r, is_aligned, v))
		say(v, AUTH_VERIFIED, true, "a dkim signature of an aligned domain");
	for (size_t i = 0; i < r.n_warnings; i++)
		say(v, AUTH_UNVERIFIED, false, r.warning[i]);
}

/* Mail that was handed in inside our own network has no SPF: its client is not the border. */
static bool
is_internal(const struct settings *set, const char *client)
{
	AUTO(arena) struct arena *a = arena_new();
	struct net_cidrs internal = {0};
	struct net_address address;
	struct why why;

	return !net_address_parse(client, &address) ||
	       net_cidrs_parse(a, set->internal_networks, &internal, &why) != NET_OK ||
	       net_cidrs_have(&internal, &address);
}

static void
weigh_spf(struct verdict *v, const struct sender_in *in)
{
	const struct envelope_record *e = in->envelope;
	struct spf_query q = {.address = e->client_address, .helo = e->helo, .sender = e->sender};
	struct spf_answer answer = {0};
	enum sender_auth auth = AUTH_UNVERIFIED;

	spf_call(in->spf, v->arena, &q, &answer);
	v->sender.spf_temperror = answer.result == SPF_TEMPERROR;
	/* RFC 7208 8: only pass and fail say something that can be relied on, and only of the
	 * domain that was checked. */
	if (answer.result == SPF_PASS && is_aligned(v, answer.domain))
		auth = AUTH_VERIFIED;
	else if (answer.result == SPF_FAIL && is_aligned(v, answer.domain))
		auth = AUTH_FAILED;
	say(v, auth, false,
	    arena_printf(v->arena, "spf %s for %s (%s)%s%s", spf_result_name(answer.result),
	                 answer.domain[0] != '\0' ? answer.domain : "no domain", answer.explanation,
	                 auth == AUTH_UNVERIFIED ? ", " : "",
	                 auth == AUTH_UNVERIFIED ? "which says nothing of From" : ""));
}

struct sender
sender_check(struct arena *a, const struct sender_in *in)
{
	const struct settings *set = in->conf->settings;
	struct verdict v = {.arena = a, .sender = {.because = ""}};

	if (in->mail->from_state != MAIL_FROM_ONE || in->mail->from_address[0] == '\0') {
		v.sender.because = "From: does not name exactly one plain address";
		return v.sender;
	}
	v.from_domain = addr_domain(in->mail->from_address);
	weigh_login(&v, in, in->envelope->login, "SASL");
	if (set->authserv_id[0] != '\0')
		weigh_results(&v, in);
	if (v.sender.auth == AUTH_UNVERIFIED && in->spf != NULL && set->spf_check &&
	    in->envelope->client_address[0] != '\0' &&
	    !is_internal(set, in->envelope->client_address))
		weigh_spf(&v, in);
	if (v.sender.because[0] == '\0')
		v.sender.because = "nothing proves the sender";
	return v.sender;
}
