/* t/unit/html_t.c - HTML mail as text: what people see, and what hostile HTML must not do */
#include "html.h"

#include "arena.h"
#include "buf.h"
#include "tap.h"
#include "text.h"

#include <stdlib.h>
#include <time.h>

enum { ROOM = 65536, BIG = 1024 * 1024, PATIENCE_S = 20 };

struct row {
	const char *what, *html, *text;
};

static const struct row rows[] = {
	{ "words", "Hello <b>big</b>\n  world", "Hello big world" },
	{ "paragraphs", "<p>One</p><p>Two</p>", "One\n\nTwo" },
	{ "line breaks", "a<br>b<br><br>c<br><br><br><br><br>d", "a\nb\n\nc\n\n\nd" },
	{ "an empty div is an empty line", "<div>a</div><div><br></div><div>b</div>", "a\n\nb" },
	{ "a break at the end of a block counts once", "<div>a<br></div><div>b</div>", "a\nb" },
	{ "lists", "<p>Two:</p><ul><li>x<li>y</ul>z", "Two:\n\n* x\n* y\nz" },
	{ "tables", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>e",
	  "a | b\nc | d\ne" },
	{ "paragraphs in cells stay on their row",
	  "<table><tr><td><p>a</p></td><td><p>b</p></td></tr><tr><td></td><td>c</td></table>",
	  "a | b\nc" },
	{ "quotations", "Yes<blockquote>Shall I?<br><br>Really?<blockquote>older</blockquote>"
	  "</blockquote>ok",
	  "Yes\n> Shall I?\n> \n> Really?\n> > older\nok" },
	{ "a link with other words", "<a href=\"https://example.org/x\">here</a>.",
	  "here <https://example.org/x>." },
	{ "a link that says itself",
	  "<a href='http://example.org/'>example.org</a>", "example.org" },
	{ "an address that says itself",
	  "<a href='mailto:a@b.example'>a@b.example</a>", "a@b.example" },
	{ "a script as link",
	  "<a href='javascript:alert(1)'>x</a> <a href=' data:y'>y</a>", "x y" },
	{ "a link cannot break its brackets", "<a href='http://e.example/>\n x'>w</a>",
	  "w <http://e.example/x>" },
	{ "style, script, title", "<html><head><title>T</title><style>p{}</style></head><body>x"
	  "<script>if (a<b) document.write('</p>')</script>y", "xy" },
	{ "style without head", "<style><!-- p{margin:0} --></style>Hi", "Hi" },
	{ "a hidden preheader",
	  "<div style='DISPLAY : none;max-height:0'>psst <p>x</p></div><p>Hi</p>", "Hi" },
	{ "other ways to hide", "<p hidden>a</p><i style='visibility:hidden'>b</i>"
	  "<i style='mso-hide:all'>c</i><i style='opacity:0'>d</i>"
	  "<i style='opacity:0.5'>e</i>", "e" },
	{ "an empty element inside what is hidden",
	  "<div style='display:none'>a<br>b<img src=x></div>c", "c" },
	{ "size nought on a layout table is not hidden",
	  "<td style='font-size:0px'><p>shown</p></td>", "shown" },
	{ "entities", "&lt;b&gt; &amp; &eacute;&nbsp;&#8364; &#x1F600; &unknown; &",
	  "<b> & \u00e9 \u20ac \U0001F600 &unknown; &" },
	{ "comments", "a<!-- <p>no</p> -->b<!-- -- > -->c", "abc" },
	{ "conditional comments",
	  "<!--[if mso]><p>no</p><![endif]-->yes<![if !mso]> and<![endif]> no"
	  "<!--[if !mso]><!--> more<!--<![endif]-->", "yes and no more" },
	{ "preformatted", "<pre>a\n  b\n\n\nc</pre>d", "a\n  b\n\n\nc\nd" },
	{ "images",
	  "<img alt='Logo' src='http://t.example/x.gif'><img alt=' '><img>text", "[Logo]text" },
	{ "rule", "a<hr>b", "a\n----------\nb" },
	{ "unclosed", "<div><b>a<i>b<table><td>c", "ab\nc" },
	{ "closed twice", "</div></b>a</p></p></html>b", "ab" },
	{ "cut in a tag", "a<a href=\"http", "a" },
	{ "filler", "&#8203;a&shy;b&zwnj;c\u034f", "ab\u200cc" },
	{ "bidirectional override", "a&#x202e;b", "a\uFFFDb" },
	{ "not UTF-8", "a\xff" "b", "a\uFFFDb" },
	{ "our own root closed", "a<p>b</postern-root>c</postern-root>d", "a\n\nb\n\ncd" },
	{ "nothing", "<html><body></body></html>", "" },
	{ "charset in the mail is not obeyed",
	  "<meta http-equiv=content-type content='text/html; charset=utf-16'>\u00e9", "\u00e9" },
	{ "processing instruction", "<?xml version=\"1.0\"?><o:p></o:p>x", "x" },
	{ "Gmail reply", "Hello<br><br><div class=\"gmail_quote\">On Mon, Megan &lt;"
	  "<a href=\"mailto:x@e.example\">x@e.example</a>&gt; wrote:<br>"
	  "<blockquote class=\"gmail_quote\">\nHi\n\n</blockquote></div><br>",
	  "Hello\n\nOn Mon, Megan <x@e.example> wrote:\n> Hi" },
};

static void
test_rows(void)
{
	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		AUTO(arena) struct arena *a = arena_new();
		IS_STR(html_to_text(a, rows[i].html, strlen(rows[i].html), ROOM), rows[i].text,
		       rows[i].what);
	}
}

static void
repeat(struct buf *b, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_text(b, text);
}

/* What a hostile mail is made of: n times piece, and a tail. */
struct hostile {
	const char *what, *before, *piece;
	size_t n;
	const char *tail, *expect;
};

static const struct hostile hostile[] = {
	{ "100,000 nested divs", "", "<div>", 100000, "deep", "deep" },
	{ "100,000 nested divs, closed again", "", "<div>", 100000, "deep</div></div>", "deep" },
	{ "deep and then closing tags of others",
	  "<b><b><b>", "<div></span></i></u>", 50000, "x", "x" },
	{ "nested quotations", "", "<blockquote>", 50000, "x", "x" },
	{ "nested lists", "", "<ul><li>", 50000, "x", "x" },
	{ "nested tables", "", "<table><tr><td>", 50000, "x", "x" },
	{ "deep and hidden", "<div style='display:none'>", "<b>", 1500, "no</div>", NULL },
	{ "an attribute of a megabyte",
	  "<a href=\"http://e.example/", "x", BIG, "\">w</a>", "w <http" },
	{ "an attribute without end", "<a href=\"http://e.example/", "x", BIG, "", NULL },
	{ "a name of a megabyte", "<", "x", BIG, ">w", "w" },
	{ "100,000 attributes", "<p ", "a=b ", 100000, ">w", "w" },
	{ "a comment without end", "w<!--", "x-", BIG / 2, "", "w" },
	{ "a megabyte of declarations", "w", "<![", BIG / 3, "-->", NULL },
	{ "a megabyte of <", "", "<", BIG, "", NULL },
	{ "a megabyte of &", "", "&", BIG, "", NULL },
	{ "a megabyte of entities", "", "&amp;", BIG / 5, "", "&&&&" },
	{ "a megabyte of unknown entities",
	  "", "&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", BIG / 33, "", NULL },
	{ "a megabyte without a space", "", "x", BIG, "", "xxxx" },
	{ "a megabyte of closing tags", "<p>w", "</x>", BIG / 4, "", "w" },
	{ "a megabyte of breaks", "w", "<br>", BIG / 4, "z", "w\n\n\nz" },
	{ "a megabyte of rules", "", "<hr>", BIG / 4, "", "---" },
	{ "links in links",
	  "", "<a href=http://e.example>w", BIG / 26, "", "w <http://e.example>" },
	{ "scripts", "", "<script>x</script>", BIG / 18, "w", "w" },
};

static void
test_hostile(void)
{
	for (size_t i = 0; i < N_ELEMENTS(hostile); i++) {
		AUTO(arena) struct arena *a = arena_new();
		AUTO(buf) struct buf html = { 0 };
		const struct hostile *h = &hostile[i];
		clock_t begin = clock();
		const char *text;

		buf_text(&html, h->before);
		repeat(&html, h->piece, h->n);
		buf_text(&html, h->tail);
		text = html_to_text(a, html.octets, html.n, ROOM);
		OK(strlen(text) <= ROOM && text_is_utf8(text, strlen(text))
		   && (h->expect == NULL || strstr(text, h->expect) != NULL), h->what);
		OK(clock() - begin < PATIENCE_S * CLOCKS_PER_SEC, "in reasonable time");
		if (getenv("HTML_TIMES") != NULL)
			printf("# %.2f s\n", (double)(clock() - begin) / CLOCKS_PER_SEC);
	}
}

/* Random soup of tags and octets: nothing to expect but bounds and valid text. */
static void
test_soup(void)
{
	static const char *const piece[] = {
		"<div>", "</div>", "<p", ">", "<table><tr><td>", "</td>", "</tr>", "<!--", "-->",
		"<![if x]>", "<style>", "</style>", "&#0;", "&#x110000;", "&lt", "\"", "'", "=",
		"<a href=", "http://x", "<blockquote>", "</blockquote>", "<pre>", "\n", " ", "\t",
		"word", "\xc3", "\xa9", "\xff", "<br/>", "<img alt=", "<li>", "hidden", "<?", "?>",
		"style='display:none'", "<script>", "</script>", "\\"
	};
	bool good = true;

	srand(20);
	for (int i = 0; i < 3000; i++) {
		AUTO(arena) struct arena *a = arena_new();
		AUTO(buf) struct buf html = { 0 };
		size_t max = (size_t)(rand() % 300);
		const char *text;

		for (int k = rand() % 120; k >= 0; k--)
			buf_text(&html, piece[(size_t)rand() % N_ELEMENTS(piece)]);
		buf_octet(&html, '\0');
		text = html_to_text(a, html.octets, html.n, max);
		good = good && strlen(text) <= max && text_is_utf8(text, strlen(text))
		       && strchr(text, '\r') == NULL;
	}
	OK(good, "3,000 random mixtures give bounded, valid text");
}

static void
test_cut(void)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *html = "<p>first line</p><p>second line</p>";

	IS_STR(html_to_text(a, html, strlen(html), 15), "first line\n", "cut on a line");
	IS_STR(html_to_text(a, "ab\0cd", 5, 100), "ab\uFFFDcd", "NUL is not the end");
	IS_STR(html_to_text(a, "", 0, 100), "", "nothing from nothing");
}

int
main(void)
{
	test_rows();
	test_cut();
	test_soup();
	test_hostile();
	return tap_done();
}
