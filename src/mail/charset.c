/* src/mail/charset.c - octets in any charset into UTF-8, also when the label lies */
#include "charset.h"
#include "buf.h"
#include "text.h"
#include <errno.h>
#include <iconv.h>
#include <glib.h>
#include <stdint.h>
#include <string.h>

enum {
	LABEL_MAX = 40,
	FLUSH_OCTETS = 32
};

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* How the octets under a label are treated. */
enum kind {
	KIND_PLAIN,   /* converted as the label says */
	KIND_NONE,    /* the label says nothing: guess */
	KIND_UTF8,
	KIND_WESTERN, /* what programs say when they do not know: UTF-8 shows itself */
	KIND_JIS,     /* ISO-2022-JP with the extensions that Windows writes */
	KIND_HZ       /* RFC 1843 */
};

struct row {
	const char *labels; /* normalised (see normalise), a space around each */
	const char *name;   /* what it is in truth, for iconv */
	const char *also;   /* what GMime asks iconv for under these labels; opened too */
	enum kind kind;
};

static const struct row rows[] = {
	{" utf8 unicode11utf8 utf8mb4 ", "UTF-8", "UTF-8", KIND_UTF8},
	{" usascii ascii ansix3.41968 ansix3.41986 iso646us us 646 cp367 ibm367 8bit 7bit none "
         "unknown "
         "unknown8bit default ",
         "UTF-8", "US-ASCII", KIND_NONE},
	{" iso88591 latin1 l1 88591 ibm819 cp819 windows1252 win1252 cp1252 ansi "
         "iso88591windows30latin1 "
         "iso88591windows31latin1 ",
         "CP1252", "ISO-8859-1", KIND_WESTERN},
	{" iso885915 latin9 latin0 ", "ISO-8859-15", "ISO-8859-15", KIND_WESTERN},
	{" iso88592 latin2 l2 ", "ISO-8859-2", "ISO-8859-2", KIND_PLAIN},
	{" iso88593 latin3 ", "ISO-8859-3", "ISO-8859-3", KIND_PLAIN},
	{" iso88594 latin4 ", "ISO-8859-4", "ISO-8859-4", KIND_PLAIN},
	{" iso88595 cyrillic ", "ISO-8859-5", "ISO-8859-5", KIND_PLAIN},
	{" iso88596 iso88596i iso88596e arabic ", "ISO-8859-6", "ISO-8859-6", KIND_PLAIN},
	{" iso88597 greek ", "ISO-8859-7", "ISO-8859-7", KIND_PLAIN},
	{" iso88598 iso88598i iso88598e logical visual hebrew ", "CP1255", "ISO-8859-8",
         KIND_PLAIN},
	{" iso88599 latin5 l5 windows1254 cp1254 ", "CP1254", "ISO-8859-9", KIND_PLAIN},
	{" iso885910 latin6 ", "ISO-8859-10", "ISO-8859-10", KIND_PLAIN},
	{" iso885911 tis620 windows874 cp874 ", "CP874", "TIS-620", KIND_PLAIN},
	{" iso885913 latin7 ", "ISO-8859-13", "ISO-8859-13", KIND_PLAIN},
	{" iso885914 latin8 ", "ISO-8859-14", "ISO-8859-14", KIND_PLAIN},
	{" iso885916 latin10 ", "ISO-8859-16", "ISO-8859-16", KIND_PLAIN},
	{" windows1250 win1250 cp1250 ", "CP1250", "CP1250", KIND_PLAIN},
	{" windows1251 win1251 cp1251 ", "CP1251", "CP1251", KIND_PLAIN},
	{" windows1253 win1253 cp1253 ", "CP1253", "CP1253", KIND_PLAIN},
	{" windows1255 win1255 cp1255 ", "CP1255", "CP1255", KIND_PLAIN},
	{" windows1256 win1256 cp1256 ", "CP1256", "CP1256", KIND_PLAIN},
	{" windows1257 win1257 cp1257 ", "CP1257", "CP1257", KIND_PLAIN},
	{" windows1258 win1258 cp1258 ", "CP1258", "CP1258", KIND_PLAIN},
	{" koi8r koi8 ", "KOI8-R", "KOI8-R", KIND_PLAIN},
	{" koi8u koi8ru ", "KOI8-U", "KOI8-U", KIND_PLAIN},
	{" ibm437 cp437 ", "CP437", "CP437", KIND_PLAIN},
	{" ibm850 cp850 ", "CP850", "CP850", KIND_PLAIN},
	{" ibm852 cp852 ", "CP852", "CP852", KIND_PLAIN},
	{" ibm858 cp858 ", "CP858", "CP858", KIND_PLAIN},
	{" ibm862 cp862 dos862 ", "CP862", "CP862", KIND_PLAIN},
	{" ibm866 cp866 ", "CP866", "CP866", KIND_PLAIN},
	{" macintosh mac macroman ", "MACINTOSH", "MACINTOSH", KIND_PLAIN},
	{" maccyrillic ", "MAC-CYRILLIC", "MAC-CYRILLIC", KIND_PLAIN},
	{" gb2312 gb231280 euccn csgb2312 gbk cp936 windows936 ms936 gb18030 chinese ", "GB18030",
         "GB2312", KIND_PLAIN},
	{" hzgb2312 hz ", "GB18030", "GBK", KIND_HZ},
	{" big5 big5hkscs cnbig5 cp950 windows950 ", "BIG5-HKSCS", "BIG5", KIND_PLAIN},
	{" euctw ", "EUC-TW", "EUC-TW", KIND_PLAIN},
	{" ksc56011987 ksc56011989 ksc5601 euckr cp949 uhc windows949 ms949 korean ", "CP949",
         "EUC-KR", KIND_PLAIN},
	{" iso2022kr ", "ISO-2022-KR", "ISO-2022-KR", KIND_PLAIN},
	{" iso2022jp iso2022jpms iso2022jp1 iso2022jp2 iso2022jp3 cp50220 cp50221 cp50222 "
         "csiso2022jp ",
         "ISO-2022-JP-2", "ISO-2022-JP", KIND_JIS},
	{" shiftjis sjis mskanji windows31j cp932 windows932 ms932 ", "CP932", "SJIS", KIND_PLAIN},
	{" eucjp eucjpms cp51932 ", "EUC-JP-MS", "EUC-JP", KIND_PLAIN},
	{" utf7 unicode11utf7 ", "UTF-7", "UTF-7", KIND_PLAIN},
	{" utf16 unicode ucs2 iso10646ucs2 ", "UTF-16", "UCS-2", KIND_PLAIN},
	{" utf16le ", "UTF-16LE", "UTF-16LE", KIND_PLAIN},
	{" utf16be ", "UTF-16BE", "UTF-16BE", KIND_PLAIN},
	{" utf32 ucs4 ", "UTF-32", "UCS-4", KIND_PLAIN},
	{" armscii8 ", "ARMSCII-8", "ARMSCII-8", KIND_PLAIN},
	{" georgianps ", "GEORGIAN-PS", "GEORGIAN-PS", KIND_PLAIN},
	{" viscii ", "VISCII", "VISCII", KIND_PLAIN},
	{" tcvn tcvn5712 ", "TCVN", "TCVN", KIND_PLAIN},
};

/* Kept open for the life of the process; (iconv_t)-1 where the C library has none. */
static iconv_t opened[N_ELEMENTS(rows)], opened_also[N_ELEMENTS(rows)];
static bool warm;

size_t
charset_warm_up(void)
{
	size_t n = 0;

	for (size_t i = 0; i < N_ELEMENTS(rows) && !warm; i++) {
		opened[i] = iconv_open("UTF-8", rows[i].name);
		opened_also[i] = iconv_open("UTF-8", rows[i].also);
	}
	warm = true;
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		n += opened[i] != (iconv_t)-1 && opened_also[i] != (iconv_t)-1;
	return n;
}

/* "ISO_8859-1:1987", "x-iso8859-1", "'iso-8859-1'" -> " iso88591 ". */
static void
normalise(const char *label, size_t n, char text_r[LABEL_MAX])
{
	size_t used = 0;

	if (n > 2 && g_ascii_strncasecmp(label, "x-", 2) == 0)
		label += 2, n -= 2;
	text_r[used++] = ' ';
	for (size_t i = 0; i < n && label[i] != ':' && label[i] != '*' && used + 2 < LABEL_MAX;
	     i++) {
		if (g_ascii_isalnum(label[i]) || label[i] == '.')
			text_r[used++] = g_ascii_tolower(label[i]);
	}
	text_r[used++] = ' ';
	text_r[used] = '\0';
}

static size_t
find_row(const char *label, size_t n)
{
	char text[LABEL_MAX];
	size_t i = 0;

	(void)charset_warm_up();
	normalise(label, n, text);
	if (strlen(text) <= 2)
		return N_ELEMENTS(rows);
	while (i < N_ELEMENTS(rows) &&
	       (opened[i] == (iconv_t)-1 || strstr(rows[i].labels, text) == NULL))
		i++;
	return i;
}

bool
charset_known(const char *label, size_t n)
{
	size_t row = find_row(label, n);

	return row < N_ELEMENTS(rows) && opened_also[row] != (iconv_t)-1;
}

/* Convert; what cannot be becomes U+FFFD.
 * Gives   how often that was */
static size_t
convert(iconv_t cd, struct buf *out, const void *octets, size_t n)
{
	char *in = (char *)(uintptr_t)octets; /* iconv(3) does not write there */
	size_t n_left = n, n_bad = 0;

	(void)iconv(cd, NULL, NULL, NULL, NULL);
	while (n_left > 0) {
		size_t n_room = n_left * 2 + 64, room = n_room;
		char *to = buf_reserve(out, room);
		size_t got = iconv(cd, &in, &n_left, &to, &n_room);

		out->n += room - n_room;
		out->octets[out->n] = '\0';
		if (got != (size_t)-1 || errno == E2BIG)
			continue;
		n_bad++;
		buf_text(out, REPLACEMENT);
		if (errno == EINVAL || n_left == 0)
			break;
		in++;
		n_left--;
	}
	/* Some converters hold the last letter back, for a mark that may follow. */
	size_t n_room = FLUSH_OCTETS;
	char *to = buf_reserve(out, FLUSH_OCTETS);
	(void)iconv(cd, NULL, NULL, &to, &n_room);
	out->n += FLUSH_OCTETS - n_room;
	out->octets[out->n] = '\0';
	return n_bad;
}

static bool
has_high(const char *octets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (octets[i] & 0x80)
			return true;
	}
	return false;
}

/* Rewrite ISO-2022-JP as EUC-JP: the 94x94 sets are the same, the escapes become the high bit.
 * Takes what Windows writes: NEC and IBM characters, half-width katakana, a missing escape at the
 *       line end. */
static void
jis_to_euc(struct buf *euc, const char *octets, size_t n)
{
	char set = 'B'; /* B: ASCII, $: JIS X 0208, D: JIS X 0212, I: katakana */

	for (size_t i = 0; i < n; i++) {
		if (octets[i] == '\x1B' && i + 2 < n) {
			bool wide = octets[i + 1] == '$';
			bool long_form = wide && octets[i + 2] == '(' && i + 3 < n;
			set = long_form ? octets[i + 3] : wide ? '$' : octets[i + 2];
			i += long_form ? 3 : 2;
		} else if (octets[i] == '\n' || octets[i] < '!') {
			set = octets[i] == '\n' ? 'B' : set;
			buf_octet(euc, octets[i]);
		} else if (set == 'I') {
			buf_octet(euc, '\x8E');
			buf_octet(euc, (char)(octets[i] | 0x80));
		} else if ((set == '$' || set == 'D') && i + 1 < n && octets[i + 1] > ' ') {
			if (set == 'D')
				buf_octet(euc, '\x8F');
			buf_octet(euc, (char)(octets[i] | 0x80));
			buf_octet(euc, (char)(octets[++i] | 0x80));
		} else {
			buf_octet(euc, octets[i]);
		}
	}
}

/* Rewrite HZ as GB2312. */
static void
hz_to_gb(struct buf *gb, const char *octets, size_t n)
{
	bool wide = false;

	for (size_t i = 0; i < n; i++) {
		char next = i + 1 < n ? octets[i + 1] : '\0';
		if (octets[i] == '~' &&
		    (next == '{' || next == '}' || next == '~' || next == '\n')) {
			wide = next == '{' || (wide && next != '}');
			if (next == '~')
				buf_octet(gb, '~');
			i++;
		} else {
			wide = wide && octets[i] != '\n';
			buf_octet(gb,
			          (char)(wide && octets[i] > ' ' ? octets[i] | 0x80 : octets[i]));
		}
	}
}

static size_t
convert_as(struct buf *out, const char *label, const char *octets, size_t n)
{
	size_t row = find_row(label, strlen(label));

	return row < N_ELEMENTS(rows) ? convert(opened[row], out, octets, n) : 1;
}

static bool
looks_like_jis(const char *octets, size_t n)
{
	const char *escape = memchr(octets, '\x1B', n);

	return escape != NULL && n - (size_t)(escape - octets) > 3 && escape[1] == '$' &&
	       (escape[2] == 'B' || escape[2] == '@');
}

/* No label to go by: UTF-8 shows itself, so does ISO-2022-JP; else the fallback, else what Windows
 * writes in the West. */
static enum charset_how
guess(struct buf *out, const char *fallback, const char *octets, size_t n)
{
	size_t row = find_row(fallback, strlen(fallback));
	bool usable = row < N_ELEMENTS(rows) && rows[row].kind != KIND_NONE &&
	              rows[row].kind != KIND_UTF8;

	if (looks_like_jis(octets, n))
		return charset_decode(out, "iso-2022-jp", "", octets, n);
	if (text_is_utf8(octets, n))
		buf_add(out, octets, n);
	else if (usable)
		return charset_decode(out, fallback, "", octets, n);
	else if (convert_as(out, "windows-1252", octets, n) > 0)
		return CHARSET_DAMAGED;
	return has_high(octets, n) ? CHARSET_GUESSED : CHARSET_AS_SAID;
}

/* Whether there is a character of two octets or more among octets that are not all valid. */
static bool
has_some_utf8(const char *octets, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		unsigned char c = (unsigned char)octets[i], next = (unsigned char)octets[i + 1];
		size_t n_char = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
		if (c >= 0xC2 && (next & 0xC0) == 0x80 && i + n_char <= n &&
		    text_is_utf8(octets + i, n_char))
			return true;
	}
	return false;
}

static enum charset_how
decode_utf8(struct buf *out, const char *fallback, const char *octets, size_t n)
{
	bool valid = text_is_utf8(octets, n);

	if (valid)
		buf_add(out, octets, n);
	else if (!has_some_utf8(octets, n))
		return guess(out, fallback, octets, n);
	else
		(void)convert_as(out, "utf-8", octets, n);
	return valid ? CHARSET_AS_SAID : CHARSET_DAMAGED;
}

/* As the label says, and where that fails, as the same family of charsets is really written. */
static enum charset_how
decode_row(struct buf *out, size_t row, const char *octets, size_t n)
{
	size_t before = out->n, n_bad;
	AUTO(buf) struct buf rewritten = {0};

	if (rows[row].kind == KIND_HZ) {
		hz_to_gb(&rewritten, octets, n);
		n_bad = convert(opened[row], out, rewritten.octets, rewritten.n);
	} else {
		n_bad = convert(opened[row], out, octets, n);
	}
	if (n_bad > 0 && has_high(octets, n) && text_is_utf8(octets, n)) {
		out->n = before;
		buf_add(out, octets, n);
		return CHARSET_GUESSED;
	}
	if (n_bad > 0 && rows[row].kind == KIND_JIS) {
		out->n = before;
		jis_to_euc(&rewritten, octets, n);
		n_bad = convert_as(out, "euc-jp", rewritten.octets, rewritten.n);
	}
	return n_bad > 0 ? CHARSET_DAMAGED : CHARSET_AS_SAID;
}

enum charset_how
charset_decode(struct buf *out, const char *label, const char *fallback, const void *octets,
               size_t n)
{
	size_t row = find_row(label, strlen(label));
	enum kind kind = row < N_ELEMENTS(rows) ? rows[row].kind : KIND_NONE;
	enum charset_how how = CHARSET_AS_SAID;

	if (n == 0)
		return CHARSET_AS_SAID;
	switch (kind) {
	case KIND_NONE:
		how = guess(out, fallback, octets, n);
		break;
	case KIND_UTF8:
		how = decode_utf8(out, fallback, octets, n);
		break;
	case KIND_WESTERN:
		if (has_high(octets, n) && text_is_utf8(octets, n)) {
			buf_add(out, octets, n);
			how = CHARSET_GUESSED;
		} else {
			how = decode_row(out, row, octets, n);
		}
		break;
	case KIND_PLAIN:
	case KIND_JIS:
	case KIND_HZ:
		how = decode_row(out, row, octets, n);
		break;
	}
	return how;
}
