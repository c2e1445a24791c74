/* src/desk/ask_key.c - the answers about the key ring: list, rotate, retire */
#include "ask.h"
#include "call.h"
#include "clock.h"
#include "log.h"
#include "sign.h"
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { ASK_KEY_TIME = 32 };

static const char *const state_name[] = {
	[SIGN_ACTIVE] = "active",
	[SIGN_OLD] = "old",
	[SIGN_RETIRED] = "retired",
};

static void
set_time(struct json *o, const char *name, int64_t at_s)
{
	char text[ASK_KEY_TIME];

	if (at_s != 0) {
		clock_rfc3339(at_s, text);
		json_set_str(o, name, text);
	}
}

static void
set_letter(struct json *o, char letter)
{
	char text[] = {letter, '\0'};

	json_set_str(o, "letter", text);
}

void
ask_key_list(struct call *c)
{
	struct sign_key key[SIGN_KEYS_MAX];
	size_t n = sign_list(c->desk->sign, key);
	struct json *o = json_new_object(), *all = json_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json *k = json_new_object();

		set_letter(k, key[i].letter);
		json_set_str(k, "state", state_name[key[i].state]);
		set_time(k, "created", key[i].created_s);
		set_time(k, "until", key[i].until_s);
		json_set_bool(k, "makes", key[i].makes);
		json_append(all, k);
	}
	json_set_child(o, "keys", all);
	call_say(c, o, false);
}

static void
refuse(struct call *c, enum sign_err e)
{
	int status = e == SIGN_BROKEN ? EX_IOERR : e == SIGN_FULL ? EX_UNAVAILABLE : EX_USAGE;

	log_event(LOG_ERRORS, "key-refused", "who=%s why=%s", log_value(c->who),
	          log_value(c->why.text));
	call_fail(c, status, "%s", c->why.text);
}

void
ask_key_rotate(struct call *c)
{
	int64_t now_s = clock_now_s();
	int64_t honour_s = json_get_int(c->request, "honour", c->conf->settings->key_honour_s);
	char letter = '\0', until[ASK_KEY_TIME];

	if (honour_s < 0) {
		call_fail(c, EX_USAGE, "a key is honoured for 0 seconds or more");
		return;
	}
	enum sign_err e = sign_rotate(c->desk->sign, now_s, honour_s, &letter, &c->why);
	if (e != SIGN_OK) {
		refuse(c, e);
		return;
	}
	struct json *o = json_new_object();
	clock_rfc3339(now_s + honour_s, until);
	log_event(LOG_EVENTS, "key-rotated", "who=%s letter=%c old_until=%s", log_value(c->who),
	          letter, until);
	set_letter(o, letter);
	set_time(o, "until", now_s + honour_s);
	call_say(c, o, false);
}

void
ask_key_retire(struct call *c)
{
	const char *letter = json_get_str(c->request, "letter", "");

	if (strlen(letter) != 1) {
		call_fail(c, EX_USAGE, "a key is named by one letter");
		return;
	}
	enum sign_err e = sign_retire(c->desk->sign, letter[0], &c->why);
	if (e != SIGN_OK) {
		refuse(c, e);
		return;
	}
	struct json *o = json_new_object();
	log_event(LOG_EVENTS, "key-retired", "who=%s letter=%c", log_value(c->who), letter[0]);
	set_letter(o, letter[0]);
	call_say(c, o, false);
}
