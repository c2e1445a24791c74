/* src/base/json.c - JSON in and out, bounded and always valid */
#include "json.h"
#include "arena.h"
#include "buf.h"
#include "text.h"
#include <jansson.h>
#include <stdint.h>
#include <string.h>

/* A struct json is a json_t that the rest of the program cannot look into. */
static struct json *
wrap(json_t *value)
{
	if (value == NULL)
		abort();
	return (struct json *)value;
}

static json_t *
inside(const struct json *json)
{
	return (json_t *)json;
}

/* An operation that fails only for lack of memory or by a bug of ours. */
static void
must(int result)
{
	if (result != 0)
		abort();
}

/* jansson's own bound is 2048, and it recurses: ours is checked before it sees an octet. */
static bool
is_too_deep(const char *octets, size_t n)
{
	size_t depth = 0;
	bool in_text = false;

	for (size_t i = 0; i < n && depth <= JSON_MAX_DEPTH; i++) {
		if (in_text && octets[i] == '\\')
			i++;
		else if (octets[i] == '"')
			in_text = !in_text;
		else if (!in_text && (octets[i] == '{' || octets[i] == '['))
			depth++;
		else if (!in_text && depth > 0 && (octets[i] == '}' || octets[i] == ']'))
			depth--;
	}
	return depth > JSON_MAX_DEPTH;
}

enum json_err
json_parse(const void *octets, size_t n, size_t max_octets, struct json **json_r, struct why *why)
{
	json_error_t error;

	if (n > max_octets) {
		why_set(why, "JSON of %zu octets is more than the %zu allowed", n, max_octets);
		return JSON_TOO_BIG;
	}
	if (is_too_deep(octets, n)) {
		why_set(why, "JSON is nested deeper than %d", JSON_MAX_DEPTH);
		return JSON_TOO_DEEP;
	}
	json_t *value = json_loadb(n == 0 ? "" : octets, n, JSON_REJECT_DUPLICATES, &error);
	if (value == NULL) {
		why_set(why, "not JSON at line %d column %d: %s", error.line, error.column,
		        error.text);
		return JSON_BAD;
	}
	*json_r = wrap(value);
	return JSON_OK;
}

struct json *
json_new_object(void)
{
	return wrap(json_object());
}

struct json *
json_new_array(void)
{
	return wrap(json_array());
}

void
json_free(struct json **json)
{
	json_decref(inside(*json));
	*json = NULL;
}

static void
set(struct json *object, const char *name, json_t *value)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *clean = text_lines(a, name, strlen(name), SIZE_MAX);

	must(json_object_set_new(inside(object), clean, value));
}

static json_t *
new_text(const char *text)
{
	AUTO(arena) struct arena *a = arena_new();

	if (text == NULL)
		return json_null();
	return json_string(text_lines(a, text, strlen(text), SIZE_MAX));
}

void
json_set_str(struct json *object, const char *name, const char *text)
{
	set(object, name, new_text(text));
}

void
json_set_int(struct json *object, const char *name, int64_t n)
{
	set(object, name, json_integer(n));
}

void
json_set_bool(struct json *object, const char *name, bool yes)
{
	set(object, name, json_boolean(yes));
}

void
json_set_child(struct json *object, const char *name, struct json *child)
{
	set(object, name, inside(child));
}

void
json_append(struct json *array, struct json *child)
{
	must(json_array_append_new(inside(array), inside(child)));
}

void
json_append_str(struct json *array, const char *text)
{
	must(json_array_append_new(inside(array), new_text(text)));
}

struct json *
json_get_child(const struct json *object, const char *name)
{
	return (struct json *)json_object_get(inside(object), name);
}

const char *
json_get_str(const struct json *object, const char *name, const char *instead)
{
	const json_t *value = json_object_get(inside(object), name);

	return json_is_string(value) ? json_string_value(value) : instead;
}

int64_t
json_get_int(const struct json *object, const char *name, int64_t instead)
{
	const json_t *value = json_object_get(inside(object), name);

	return json_is_integer(value) ? json_integer_value(value) : instead;
}

bool
json_get_bool(const struct json *object, const char *name, bool instead)
{
	const json_t *value = json_object_get(inside(object), name);

	return json_is_boolean(value) ? json_is_true(value) : instead;
}

size_t
json_n(const struct json *json)
{
	const json_t *value = inside(json);

	return json_is_array(value) ? json_array_size(value) : json_object_size(value);
}

struct json *
json_at(const struct json *array, size_t i)
{
	return (struct json *)json_array_get(inside(array), i);
}

const char *
json_at_str(const struct json *array, size_t i, const char *instead)
{
	const json_t *value = json_array_get(inside(array), i);

	return json_is_string(value) ? json_string_value(value) : instead;
}

static int
add(const char *octets, size_t n, void *b)
{
	buf_add(b, octets, n);
	return 0;
}

void
json_dump(const struct json *json, bool pretty, struct buf *b)
{
	size_t flags = JSON_ENCODE_ANY | (pretty ? JSON_INDENT(2) : JSON_COMPACT);

	must(json_dump_callback(inside(json), add, b, flags));
}
