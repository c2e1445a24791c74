/* src/store/form.h - any protobuf-c message as JSON and back, for dumps
 *
 * Field by field by its name; what is zero or empty is left out. Texts that JSON would change (not
 * clean UTF-8) stand as {"base64": …}, octets in hexadecimal. */
#ifndef FORM_H
#define FORM_H
#include "own.h"
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

struct arena;
struct json;

/* Set a member for each field that says something. Takes  object  added to */
void form_to_json(const ProtobufCMessage *m, struct json *object);

/* Make a message of an object; members that are no field of it are not looked at.
 * Gives   a message in the arena, or NULL when a member is not of its field's type */
ProtobufCMessage *form_from_json(struct arena *a, const ProtobufCMessageDescriptor *form,
                                 const struct json *object);
#endif
