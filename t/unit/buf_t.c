/* t/unit/buf_t.c */
#include "buf.h"
#include "tap.h"

int
main(void)
{
	AUTO(buf) struct buf b = {0};
	size_t n_total = 0;

	buf_add(&b, NULL, 0);
	IS_STR(b.octets, "", "adding nothing makes an empty text");
	buf_text(&b, "abc");
	buf_octet(&b, 'd');
	buf_printf(&b, "-%03d", 7);
	IS_STR(b.octets, "abcd-007", "text, octet, printf");
	IS_INT(b.n, 8, "length");
	buf_consume(&b, 3);
	IS_STR(b.octets, "d-007", "consume drops the first octets");
	buf_consume(&b, b.n);
	IS_STR(b.octets, "", "consume all");
	buf_add(&b, "x\0y", 3);
	OK(b.n == 3 && memcmp(b.octets, "x\0y", 4) == 0, "NULs are octets like others");
	buf_clear(&b);
	OK(b.n == 0 && b.room > 0 && b.octets[0] == '\0', "clear keeps the room");
	for (int i = 0; i < 3000; i++) {
		buf_printf(&b, "%d,", i);
		n_total += (size_t)snprintf(NULL, 0, "%d,", i);
	}
	IS_INT(b.n, n_total, "grows");
	OK(strncmp(b.octets, "0,1,2,", 6) == 0 && strcmp(b.octets + b.n - 5, "2999,") == 0,
	   "keeps what it held while growing");
	char *at = buf_reserve(&b, 10000);
	memset(at, 'z', 10000);
	OK(at == b.octets + n_total && b.room > b.n + 10000, "reserve");
	buf_free(&b);
	OK(b.octets == NULL && b.n == 0 && b.room == 0, "free makes it empty");
	buf_text(&b, "again");
	IS_STR(b.octets, "again", "usable after free");
	return tap_done();
}
