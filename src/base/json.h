/* src/base/json.h - JSON in and out, bounded and always valid
 *
 * A value belongs to whoever made it (json_parse, json_new_object, json_new_array) until it is
 * given to a parent; what is got out of a parent is borrowed, and lives as long as the parent is
 * unchanged. */
#ifndef JSON_H
#define JSON_H
#include "why.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct json; /* an object, an array, or what stands in one */

enum { JSON_MAX_DEPTH = 32 };

enum json_err {
	JSON_OK = 0,
	JSON_TOO_BIG,  /* more octets than allowed */
	JSON_TOO_DEEP, /* nested deeper than JSON_MAX_DEPTH */
	JSON_BAD       /* not JSON, a name twice in one object, a NUL, not an object or array */
};

/* Read one object or array.
 * Takes   max_octets  more are refused unread
 * Gives   a new value; ended by json_free
 * Fails   JSON_TOO_BIG, JSON_TOO_DEEP, JSON_BAD; why has line and column */
enum json_err json_parse(const void *octets, size_t n, size_t max_octets, struct json **json_r,
                         struct why *why) MUST_USE;

/* Make an empty object. Gives  never NULL; ended by json_free */
struct json *json_new_object(void);

/* Make an empty array. Gives  never NULL; ended by json_free */
struct json *json_new_array(void);

/* Release a value with all that is in it. Takes  json  takes; *json may be NULL, is NULL then */
void json_free(struct json **json);

/* Set a text of an object, replacing one of that name.
 * Takes   text  keeps a copy, cleaned by text_lines; NULL sets null */
void json_set_str(struct json *object, const char *name, const char *text);

/* Set a whole number of an object. */
void json_set_int(struct json *object, const char *name, int64_t n);

/* Set true or false. */
void json_set_bool(struct json *object, const char *name, bool yes);

/* Set an object or array in an object. Takes  child  takes, by GIVE(child) */
void json_set_child(struct json *object, const char *name, struct json *child);

/* Add an object or array at the end of an array. Takes  child  takes, by GIVE(child) */
void json_append(struct json *array, struct json *child);

/* Add a text at the end of an array. Takes  text  as json_set_str */
void json_append_str(struct json *array, const char *text);

/* Gives   the text of that name (borrows); instead when there is none, or it is no text */
const char *json_get_str(const struct json *object, const char *name, const char *instead);

/* Gives   the whole number of that name; instead when there is none, or it is none */
int64_t json_get_int(const struct json *object, const char *name, int64_t instead);

/* Gives   true or false of that name; instead when there is none, or it is neither */
bool json_get_bool(const struct json *object, const char *name, bool instead);

/* Gives   what stands under that name (borrows), or NULL; object may be NULL or no object */
struct json *json_get_child(const struct json *object, const char *name);

/* Gives   how many are in an array or object; 0 for anything else and for NULL */
size_t json_n(const struct json *json);

/* Gives   element i of an array (borrows), or NULL when there is none */
struct json *json_at(const struct json *array, size_t i);

/* Gives   the text at place i of an array (borrows); instead when there is none or it is no text */
const char *json_at_str(const struct json *array, size_t i, const char *instead);

/* Append the value on one line without spaces; or, pretty, indented by two. In order of setting. */
void json_dump(const struct json *json, bool pretty, struct buf *b);

static inline void
auto_json(struct json **json)
{
	json_free(json);
}
#endif
