/* src/store/form.c - any protobuf-c message as JSON and back, for dumps */
#include "form.h"
#include "arena.h"
#include "base64.h"
#include "buf.h"
#include "digest.h"
#include "json.h"
#include "text.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static struct json *
wrap_octets(const char *text)
{
	AUTO(buf) struct buf b = {0};
	struct json *object = json_new_object();

	base64_put(&b, text, strlen(text));
	json_set_str(object, "base64", b.octets);
	return object;
}

/* Whether JSON would keep the text as it is. */
static bool
stays(const char *text)
{
	AUTO(arena) struct arena *a = arena_new();

	return strcmp(text_lines(a, text, strlen(text), strlen(text)), text) == 0;
}

static void
set_text(struct json *object, const char *name, const char *text)
{
	if (text[0] == '\0')
		return;
	if (stays(text))
		json_set_str(object, name, text);
	else
		json_set_child(object, name, wrap_octets(text));
}

static void
set_octets(struct json *object, const char *name, const ProtobufCBinaryData *octets)
{
	AUTO(arena) struct arena *a = arena_new();
	bool any = false;

	for (size_t i = 0; i < octets->len; i++)
		any = any || octets->data[i] != 0;
	if (!any)
		return;
	char *hex = arena_alloc(a, 2 * octets->len + 1);
	digest_hex(octets->data, octets->len, hex);
	json_set_str(object, name, hex);
}

static void
set_number(struct json *object, const char *name, int64_t n)
{
	if (n != 0)
		json_set_int(object, name, n);
}

static void
set_one(struct json *object, const ProtobufCFieldDescriptor *f, const void *at)
{
	const ProtobufCMessage *const *m = at;

	if (f->type == PROTOBUF_C_TYPE_UINT32)
		set_number(object, f->name, *(const uint32_t *)at);
	else if (f->type == PROTOBUF_C_TYPE_UINT64 || f->type == PROTOBUF_C_TYPE_INT64)
		set_number(object, f->name, *(const int64_t *)at);
	else if (f->type == PROTOBUF_C_TYPE_BOOL)
		set_number(object, f->name, *(const protobuf_c_boolean *)at);
	else if (f->type == PROTOBUF_C_TYPE_STRING)
		set_text(object, f->name, *(const char *const *)at);
	else if (f->type == PROTOBUF_C_TYPE_BYTES)
		set_octets(object, f->name, at);
	else if (f->type == PROTOBUF_C_TYPE_MESSAGE && *m != NULL) {
		struct json *child = json_new_object();
		form_to_json(*m, child);
		json_set_child(object, f->name, GIVE(child));
	}
}

/* Of repeated fields there are texts and messages. */
static void
set_many(struct json *object, const ProtobufCFieldDescriptor *f, size_t n, const void *at)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < n; i++) {
		if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
			struct json *child = json_new_object();
			form_to_json((*(ProtobufCMessage ***)(uintptr_t)at)[i], child);
			json_append(array, GIVE(child));
			continue;
		}
		const char *text = (*(char ***)(uintptr_t)at)[i];
		if (stays(text))
			json_append_str(array, text);
		else
			json_append(array, wrap_octets(text));
	}
	json_set_child(object, f->name, GIVE(array));
}

void
form_to_json(const ProtobufCMessage *m, struct json *object)
{
	const ProtobufCMessageDescriptor *form = m->descriptor;

	for (unsigned i = 0; i < form->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &form->fields[i];
		const void *at = (const char *)m + f->offset;
		size_t n = 0;
		if (f->label == PROTOBUF_C_LABEL_REPEATED)
			memcpy(&n, (const char *)m + f->quantifier_offset, sizeof n);
		if (f->label != PROTOBUF_C_LABEL_REPEATED)
			set_one(object, f, at);
		else if (n > 0)
			set_many(object, f, n, at);
	}
}

/* A text that stands plainly (NULL when it does not) or as base64. Gives  NULL when it is neither
 * */
static char *
read_text(struct arena *a, const char *plain, const struct json *wrapped)
{
	AUTO(buf) struct buf b = {0};

	if (plain != NULL)
		return arena_strdup(a, plain);
	const char *base64 = json_get_str(wrapped, "base64", NULL);
	if (base64 == NULL || !base64_get(&b, base64, strlen(base64)) || b.n == 0 ||
	    memchr(b.octets, 0, b.n) != NULL)
		return NULL;
	return arena_memdup(a, b.octets, b.n);
}

static bool
read_octets(struct arena *a, const char *hex, ProtobufCBinaryData *octets_r)
{
	size_t n = hex != NULL ? strlen(hex) / 2 : 0;
	uint8_t *octets = arena_alloc(a, n);

	for (size_t i = 0; i < n; i++) {
		unsigned v = 0;
		if (sscanf(hex + 2 * i, "%2x", &v) != 1)
			return false;
		octets[i] = (uint8_t)v;
	}
	*octets_r = (ProtobufCBinaryData){n, octets};
	return n > 0;
}

static bool
read_one(struct arena *a, const ProtobufCFieldDescriptor *f, const struct json *object, void *at)
{
	const struct json *child = json_get_child(object, f->name);
	int64_t n = json_get_int(object, f->name, 0);

	if (f->type == PROTOBUF_C_TYPE_MESSAGE)
		return (*(ProtobufCMessage **)at = form_from_json(a, f->descriptor, child)) != NULL;
	if (f->type == PROTOBUF_C_TYPE_STRING)
		return (*(char **)at = read_text(a, json_get_str(object, f->name, NULL), child));
	if (f->type == PROTOBUF_C_TYPE_BYTES)
		return read_octets(a, json_get_str(object, f->name, NULL), at);
	if (n == 0)
		return false;
	if (f->type == PROTOBUF_C_TYPE_UINT32 && (n < 0 || n > UINT32_MAX))
		return false;
	if (f->type == PROTOBUF_C_TYPE_UINT32)
		*(uint32_t *)at = (uint32_t)n;
	else if (f->type == PROTOBUF_C_TYPE_BOOL)
		*(protobuf_c_boolean *)at = n != 0;
	else
		*(int64_t *)at = n;
	return true;
}

static bool
read_many(struct arena *a, const ProtobufCFieldDescriptor *f, const struct json *array, void *at)
{
	size_t n = json_n(array);
	void **list = arena_array(a, n, sizeof *list);

	for (size_t i = 0; i < n; i++) {
		const struct json *child = json_at(array, i);
		list[i] = f->type == PROTOBUF_C_TYPE_MESSAGE
		                  ? (void *)form_from_json(a, f->descriptor, child)
		                  : read_text(a, json_at_str(array, i, NULL), child);
		if (list[i] == NULL)
			return false;
	}
	*(void ***)at = list;
	return true;
}

ProtobufCMessage *
form_from_json(struct arena *a, const ProtobufCMessageDescriptor *form, const struct json *object)
{
	ProtobufCMessage *m = arena_alloc(a, form->sizeof_message);

	protobuf_c_message_init(form, m);
	for (unsigned i = 0; i < form->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &form->fields[i];
		const struct json *child = json_get_child(object, f->name);
		void *at = (char *)m + f->offset;
		if (child == NULL)
			continue;
		if (f->label != PROTOBUF_C_LABEL_REPEATED && !read_one(a, f, object, at))
			return NULL;
		if (f->label == PROTOBUF_C_LABEL_REPEATED && !read_many(a, f, child, at))
			return NULL;
		size_t n = json_n(child);
		if (f->label == PROTOBUF_C_LABEL_REPEATED)
			memcpy((char *)m + f->quantifier_offset, &n, sizeof n);
	}
	return m;
}
