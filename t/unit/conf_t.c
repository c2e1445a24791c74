/* t/unit/conf_t.c - whose address is it, and whose organisation: from settings alone */
#include "conf.h"
#include "arena.h"
#include "freemail.h"
#include "people.h"
#include "tap.h"

static const char *const overrides[] = {
	"queue.it.address=it@example.org",           "queue.it.prefix=IT",
	"queue.it.recipient_delimiter=-",            "queue.help.address=it-help@example.org",
	"queue.help.prefix=ITH",                     "queue.help.recipient_delimiter=-",
	"queue.support.address=support@example.org", "queue.support.prefix=ACM",
	"free_mail_domains=Freebie.example,mail.isp.example",
};

/* An address, the queue that it belongs to or NULL, and what stands behind the delimiter. */
static const struct {
	const char *address, *queue, *extension;
} addresses[] = {
	{"support@example.org", "support", ""},
	{"SUPPORT+Acm-1@Example.ORG", "support", "Acm-1"},
	{"support+@example.org", "support", ""},
	{"support+a+b@example.org", "support", "a+b"},
	{"support-a@example.org", NULL, ""},
	{"supporter@example.org", NULL, ""},
	{"support@example.net", NULL, ""},
	{"it@example.org", "it", ""},
	{"it-x@example.org", "it", "x"},
	{"it-help@example.org", "help", ""},
	{"it-help-ith-1-abc@example.org", "help", "ith-1-abc"},
	{"it-helper@example.org", "it", "helper"},
	{"it+help@example.org", NULL, ""},
	{"support", NULL, ""},
	{"", NULL, ""},
	{"@example.org", NULL, ""},
};

/* The organisation behind an address. */
static const struct {
	const char *address, *organisation;
} people[] = {
	{"ann@example.com", "example.com"},
	{"ann@mail.Example.co.uk", "example.co.uk"},
	{"ann@co.uk", ""},
	{"ann@gmail.com", ""},
	{"ann@GMail.com", ""},
	{"ann@sub.gmail.com", ""},
	{"ann@notgmail.com", "notgmail.com"},
	{"ann@gmail.com.example.com", "example.com"},
	{"ann@10minutemail.com", ""},
	{"ann@zoznam.sk", ""},
	{"ann@yahoo.co.jp", ""},
	{"ann@privaterelay.appleid.com", ""},
	{"ann@appleid.com", "appleid.com"},
	{"ann@freebie.example", ""},
	{"ann@isp.example", "isp.example"},
	{"ann@mail.isp.example", ""},
	{"", ""},
	{"ann", ""},
	{"ann@[192.0.2.1]", ""},
};

int
main(void)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(settings) struct settings *settings = NULL;
	struct why why = {""};

	if (settings_load(NULL, overrides, N_ELEMENTS(overrides), &settings, &why) != SETTINGS_OK)
		printf("Bail out! %s\n", why.text);
	struct conf conf = {.settings = settings};
	for (size_t i = 0; i < N_ELEMENTS(addresses); i++) {
		const char *extension = "";
		const struct set_queue *q =
			conf_queue_for(&conf, a, addresses[i].address, &extension);
		const char *want = addresses[i].queue;

		IS_STR(q != NULL ? q->key : "none", want != NULL ? want : "none",
		       addresses[i].address);
		IS_STR(extension, addresses[i].extension, "its extension");
		OK(conf_is_ours(&conf, addresses[i].address) == (want != NULL), "ours or not");
	}
	for (size_t i = 0; i < N_ELEMENTS(people); i++)
		IS_STR(people_organisation(a, &conf, people[i].address), people[i].organisation,
		       people[i].address);
	OK(!freemail_is("com", &settings->free_mail_domains), "no top-level domain is one");
	return tap_done();
}
