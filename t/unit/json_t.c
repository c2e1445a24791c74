/* t/unit/json_t.c */
#include "json.h"
#include "buf.h"
#include "tap.h"
#include "text.h"

enum { MOST = 10000 };

static enum json_err
parse(const char *text, struct json **json_r, struct why *why)
{
	return json_parse(text, strlen(text), MOST, json_r, why);
}

static void
test_make(void)
{
	AUTO(json) struct json *object = json_new_object();
	AUTO(buf) struct buf b = {0};
	struct json *list = json_new_array();
	struct json *child = json_new_object();

	json_set_str(object, "name", "J\xc3\xb6rg \"x\"\n");
	json_set_int(object, "n", INT64_MIN);
	json_set_bool(object, "yes", true);
	json_set_str(object, "none", NULL);
	json_set_int(child, "id", 1);
	json_append(list, GIVE(child));
	json_append_str(list, "two");
	json_set_child(object, "list", GIVE(list));
	json_dump(object, false, &b);
	IS_STR(b.octets,
	       "{\"name\":\"J\xc3\xb6rg \\\"x\\\"\\n\",\"n\":-9223372036854775808,\"yes\":true,"
	       "\"none\":null,\"list\":[{\"id\":1},\"two\"]}",
	       "compact, in order");
	json_set_int(object, "n", 2);
	IS_INT(json_get_int(object, "n", 0), 2, "set again replaces");
	buf_clear(&b);
	json_dump(json_get_child(object, "list"), true, &b);
	IS_STR(b.octets, "[\n  {\n    \"id\": 1\n  },\n  \"two\"\n]", "pretty");
}

static void
test_get(void)
{
	AUTO(json) struct json *j = NULL;
	enum json_err e = parse("{\"s\":\"x\",\"i\":5,\"b\":false,\"r\":1.5,"
	                        "\"a\":[\"p\",7,{}],\"z\":null}", &j, NULL);
	struct json *a = json_get_child(j, "a");

	IS_INT(e, JSON_OK, "parses");
	IS_STR(json_get_str(j, "s", "d"), "x", "text");
	IS_STR(json_get_str(j, "i", "d"), "d", "a number is no text");
	IS_STR(json_get_str(j, "z", "d"), "d", "null is no text");
	OK(json_get_str(j, "q", NULL) == NULL, "absent");
	IS_INT(json_get_int(j, "i", 9), 5, "number");
	IS_INT(json_get_int(j, "s", 9), 9, "a text is no number");
	IS_INT(json_get_int(j, "r", 9), 9, "a fraction is no whole number");
	OK(!json_get_bool(j, "b", true), "false");
	OK(json_get_bool(j, "s", true), "a text is not false");
	IS_INT(json_n(j), 6, "names of an object");
	IS_INT(json_n(a), 3, "elements of an array");
	IS_STR(json_at_str(a, 0, "d"), "p", "element 0");
	IS_STR(json_at_str(a, 1, "d"), "d", "element 1 is no text");
	OK(json_at(a, 2) != NULL && json_at(a, 3) == NULL, "element 2 and no more");
	IS_INT(json_n(json_at(a, 2)), 0, "an empty object");
	OK(json_n(NULL) == 0 && json_at(NULL, 0) == NULL, "nothing is in NULL");
	OK(json_get_child(NULL, "x") == NULL && json_get_int(a, "x", 3) == 3, "nor in an array");
}

static void
test_bad(void)
{
	static const char *const bad[] = {"", " ", "{", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "[1] x",
	                                  "{\"a\":\"\\u0000\"}", "[\"\xff\"]", "5", "\"text\"",
	                                  "[99999999999999999999]", "[\"\\ud800\"]", "{a:1}"};
	struct json *j = NULL;
	struct why why = {""};

	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		IS_INT(parse(bad[i], &j, &why), JSON_BAD, text_is_utf8(bad[i], strlen(bad[i])) ?
		       bad[i] : "not UTF-8");
	IS_INT(parse("[1,\n  oops]", &j, &why), JSON_BAD, "a word");
	OK(strstr(why.text, "line 2") != NULL, "the line is told");
	IS_INT(json_parse("[]\0x", 4, MOST, &j, NULL), JSON_BAD, "NUL");
	IS_INT(json_parse("[1,2]", 5, 4, &j, &why), JSON_TOO_BIG, "too big");
	OK(j == NULL, "a failure gives nothing");
}

static void
test_depth(void)
{
	AUTO(buf) struct buf b = {0};
	struct json *j = NULL;

	for (int i = 0; i < JSON_MAX_DEPTH; i++)
		buf_octet(&b, '[');
	for (int i = 0; i < JSON_MAX_DEPTH; i++)
		buf_octet(&b, ']');
	IS_INT(json_parse(b.octets, b.n, MOST, &j, NULL), JSON_OK, "as deep as allowed");
	json_free(&j);
	OK(j == NULL, "freed");
	buf_clear(&b);
	for (int i = 0; i <= JSON_MAX_DEPTH; i++)
		buf_text(&b, i % 2 == 0 ? "[" : "{\"a\":");
	IS_INT(json_parse(b.octets, b.n, MOST, &j, NULL), JSON_TOO_DEEP, "one deeper");
	buf_clear(&b);
	buf_text(&b, "[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]");
	IS_INT(json_parse(b.octets, b.n, MOST, &j, NULL), JSON_OK, "brackets in a text are none");
	json_free(&j);
}

static void
test_hostile(void)
{
	AUTO(json) struct json *object = json_new_object();
	AUTO(json) struct json *back = NULL;
	AUTO(buf) struct buf b = {0};

	json_set_str(object, "k\xff", "\xc0\x80\xed\xa0\x80\x1b[2J\xe2\x80\xae");
	json_dump(object, false, &b);
	OK(text_is_utf8(b.octets, b.n), "a dump is valid UTF-8 whatever was set");
	IS_INT(json_parse(b.octets, b.n, MOST, &back, NULL), JSON_OK, "and can be parsed");
	OK(strchr(json_get_str(back, "k\xef\xbf\xbd", "\x1b"), 0x1b) == NULL, "no escape is left");
}

int
main(void)
{
	test_make();
	test_get();
	test_bad();
	test_depth();
	test_hostile();
	return tap_done();
}
