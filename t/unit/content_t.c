/* t/unit/content_t.c - the same mail come again, and what somebody made of a copy */
#include "content.h"
#include "tap.h"
#include <stdbool.h>
#include <string.h>

#define HEAD "From: a@x\nTo: b@x\nMessage-ID: <m@x>\nSubject: s\n"

struct content_row {
	const char *one, *two;
	bool same;
	const char *what;
};

static const struct content_row rows[] = {
	{"Received: 1\n" HEAD "\nbody\n",
	 "Received: 2\r\nX: y\r\nFrom: a@x\r\nTo: b@x\r\nMessage-ID: <m@x>\r\nSubject: s\r\n\r\nbody\r\n",
	 true, "another way, other line ends: the same"},
	{HEAD "\nbody\n", HEAD "\nbody!\n", false, "another body"},
	{HEAD "\nbody\n", "From: a@x\nTo: b@x\nMessage-ID: <m@x>\nSubject: t\n\nbody\n", false,
	 "another subject"},
	{HEAD "\nbody\n", "From: b@x\nTo: b@x\nMessage-ID: <m@x>\nSubject: s\n\nbody\n", false,
	 "another sender"},
	{HEAD "\nbody\n", HEAD "Cc: support+abc@x\n\nbody\n", false, "a signed address in Cc"},
	{HEAD "\nbody\n", HEAD "In-Reply-To: <t@x>\n\nbody\n", false, "an answer to another mail"},
	{HEAD "\nbody\n", HEAD "References: <t@x>\n\nbody\n", false, "another thread"},
	{HEAD "\nbody\n", HEAD "Content-Type: image/png\n\nbody\n", false, "read as another type"},
	{HEAD "\nbody\n", HEAD "Content-Transfer-Encoding: base64\n\nbody\n", false,
	 "read in another encoding"},
	{"A: 1\nFrom: a@x\n\nbody\n", "A: 2\nFrom: a@x\n\nbody\n", false,
	 "without an id all octets count"},
	{"Message-ID:\nA: 1\n\nbody\n", "Message-ID:\nA: 2\n\nbody\n", false, "an empty id is none"},
	{"From: a@x\n\nbody\n", "From: a@x\r\n\r\nbody\r\n", true, "but not the line ends"},
	{"", "\n", false, "nothing, and an empty line"},
};

static bool
is_same(const void *one, size_t n_one, const void *two, size_t n_two)
{
	uint8_t a[DIGEST_OCTETS], b[DIGEST_OCTETS];

	content_digest(one, n_one, a);
	content_digest(two, n_two, b);
	return memcmp(a, b, sizeof a) == 0;
}

int
main(void)
{
	static const char fields[] = HEAD "Content-Transfer-Encoding: base64\n\nbody\n";
	static const char body[] = HEAD "\nContent-Transfer-Encoding\0 base64\nbody\n";
	static const char nul[] = HEAD "\nbo\0dy", other_nul[] = HEAD "\nbo\0ld";

	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		OK(is_same(rows[i].one, strlen(rows[i].one), rows[i].two, strlen(rows[i].two)) ==
		           rows[i].same,
		   rows[i].what);
	OK(!is_same(fields, sizeof fields - 1, body, sizeof body - 1),
	   "a body that is made like the field of another mail");
	OK(!is_same(nul, sizeof nul - 1, other_nul, sizeof other_nul - 1), "what is behind a NUL");
	return tap_done();
}
