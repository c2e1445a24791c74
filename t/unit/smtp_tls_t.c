/* t/unit/smtp_tls_t.c - TLS of the sender against certificates good and bad, made on the spot */
#include "fake_server.h"
#include "smtp_out.h"
#include "tap.h"
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>

struct far {
	struct fake_server net; /* listener and place */
	gnutls_certificate_credentials_t mine;
	bool starttls;
	pthread_t thread;
	struct buf seen; /* what came over TLS */
	bool shook_hands;
};

static void
must(int e, const char *what)
{
	if (e < 0) {
		printf("Bail out! %s: %s\n", what, gnutls_strerror(e));
		exit(1);
	}
}

/* A certificate that signs itself, for one name, and its key. */
static gnutls_certificate_credentials_t
make_certificate(const char *name, int64_t ends_in_s, const char *pem_path)
{
	gnutls_certificate_credentials_t mine;
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
	gnutls_datum_t pem;
	time_t now = time(NULL);

	must(gnutls_x509_privkey_init(&key), "key");
	must(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
	                                  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0), "key");
	must(gnutls_x509_crt_init(&crt), "certificate");
	must(gnutls_x509_crt_set_key(crt, key), "key");
	must(gnutls_x509_crt_set_version(crt, 3), "version");
	must(gnutls_x509_crt_set_serial(crt, "\1\2\3", 3), "serial");
	must(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
	                                   (unsigned)strlen(name)), "name");
	must(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name,
	                                          (unsigned)strlen(name), GNUTLS_FSAN_SET), "name");
	must(gnutls_x509_crt_set_activation_time(crt, now - 7200), "time");
	must(gnutls_x509_crt_set_expiration_time(crt, now + ends_in_s), "time");
	must(gnutls_x509_crt_set_ca_status(crt, 1), "CA");
	must(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), "signature");
	must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem), "PEM");
	FILE *f = fopen(pem_path, "w");
	if (!f || fwrite(pem.data, 1, pem.size, f) != pem.size || fclose(f) != 0)
		abort();
	must(gnutls_certificate_allocate_credentials(&mine), "credentials");
	must(gnutls_certificate_set_x509_key(mine, &crt, 1, key), "credentials");
	gnutls_free(pem.data);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
	return mine;
}

static void
say(gnutls_session_t tls, const char *text)
{
	(void)gnutls_record_send(tls, text, strlen(text));
}

/* Everything in the order of one mail; the client gives one line at a time. */
static void
talk(struct far *far, gnutls_session_t tls)
{
	static const char *const answers[] = { "250-x\r\n250 8BITMIME\r\n", "250 ok\r\n", "250 ok\r\n",
		                               "354 go\r\n", "250 queued\r\n" };
	char piece[4096];

	if (!far->starttls)
		say(tls, "220 far.example\r\n");
	for (size_t i = 0; i < N_ELEMENTS(answers); i++) {
		ssize_t n = gnutls_record_recv(tls, piece, sizeof piece);

		if (n <= 0)
			return;
		buf_add(&far->seen, piece, (size_t)n);
		say(tls, answers[i]);
	}
}

static void *
serve(void *arg)
{
	struct far *far = arg;
	char piece[200];
	gnutls_session_t tls;
	AUTO(fd) int fd = accept(far->net.listener, NULL, NULL);

	if (far->starttls) {
		(void)send(fd, "220 x\r\n", 7, MSG_NOSIGNAL);
		(void)recv(fd, piece, sizeof piece, 0);
		(void)send(fd, "250-x\r\n250 STARTTLS\r\n", 21, MSG_NOSIGNAL);
		(void)recv(fd, piece, sizeof piece, 0);
		(void)send(fd, "220 go\r\n", 8, MSG_NOSIGNAL);
	}
	must(gnutls_init(&tls, GNUTLS_SERVER | GNUTLS_NO_SIGNAL), "server");
	must(gnutls_set_default_priority(tls), "server");
	must(gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, far->mine), "server");
	gnutls_transport_set_int(tls, fd);
	far->shook_hands = gnutls_handshake(tls) == 0;
	if (far->shook_hands)
		talk(far, tls);
	gnutls_deinit(tls);
	return NULL;
}

/* Gives  what became of a mail to a server with this certificate */
static enum smtp_out_result
send_to(const struct smtp_out_settings *like, gnutls_certificate_credentials_t mine)
{
	static const struct smtp_out_mail mail = { "a@b", "c@d", "x\r\n", 3, false };
	struct far far = { .mine = mine, .starttls = like->tls == SMTP_OUT_TLS_STARTTLS };
	struct smtp_out_settings settings = *like;
	struct why why = { "" };
	char place[64];

	fake_start(&far.net, "\n"); /* for its listener */
	(void)pthread_join(far.net.thread, NULL);
	(void)snprintf(place, sizeof place, "inet:%s%s", like->server, strrchr(far.net.place, ':'));
	settings.server = place;
	if (pthread_create(&far.thread, NULL, serve, &far) != 0)
		abort();
	AUTO(smtp_out) struct smtp_out *so = smtp_out_new(&settings);
	enum smtp_out_result e = smtp_out_send(so, &mail, NULL, &why);
	smtp_out_free(&so);
	(void)pthread_join(far.thread, NULL);
	(void)close(far.net.listener);
	printf("# %s\n", why.text);
	buf_text(&far.seen, "");
	OK((strstr(far.seen.octets, "RCPT TO:<c@d>") != NULL) == (e == SMTP_OUT_SENT),
	   "the server saw the mail only when it was sent");
	buf_free(&far.seen);
	return e;
}

int
main(void)
{
	char good_pem[] = "/tmp/postern-tls-XXXXXX", other_pem[] = "/tmp/postern-tls-XXXXXX";
	struct smtp_out_settings set = { .server = "localhost", .hostname = "near", .timeout_s = 10 };

	(void)close(mkstemp(good_pem));
	(void)close(mkstemp(other_pem));
	gnutls_certificate_credentials_t other = make_certificate("localhost", 3600, other_pem);
	gnutls_certificate_credentials_t expired = make_certificate("localhost", -3600, good_pem);
	for (int starttls = 0; starttls < 2; starttls++) {
		set.tls = starttls ? SMTP_OUT_TLS_STARTTLS : SMTP_OUT_TLS_WRAPPED;
		set.ca_file = good_pem;
		IS_INT(send_to(&set, expired), SMTP_OUT_UNREACHABLE, "expired");
		set.ca_file = other_pem;
		IS_INT(send_to(&set, other), SMTP_OUT_SENT, "trusted, and the right name");
		set.server = "127.0.0.1";
		IS_INT(send_to(&set, other), SMTP_OUT_UNREACHABLE, "another name");
		set.server = "localhost";
		IS_INT(send_to(&set, expired), SMTP_OUT_UNREACHABLE, "signed by nobody we trust");
		set.ca_file = NULL;
		IS_INT(send_to(&set, other), SMTP_OUT_UNREACHABLE, "not a root of this system");
		set.ca_file = "/nonexistent.pem";
		IS_INT(send_to(&set, other), SMTP_OUT_UNREACHABLE, "no file of roots");
	}
	gnutls_certificate_free_credentials(other);
	gnutls_certificate_free_credentials(expired);
	(void)unlink(good_pem);
	(void)unlink(other_pem);
	return tap_done();
}
