/* t/unit/language_t.c - languages that are sure, and texts of which nothing is said */
#include "language.h"

#include "arena.h"
#include "own.h"
#include "tap.h"

#include <string.h>

enum { LONG_OCTETS = 1 << 20 };

static const struct row {
	const char *text, *language;
} rows[] = {
	{ "Good morning, since yesterday the printer on the second floor has stopped working and I "
	  "cannot print any invoices. Could you please have a look?", "en" },
	{ "Guten Morgen, seit gestern druckt der Drucker im zweiten Stock nicht mehr, und ich kann keine "
	  "Rechnungen ausdrucken. Könnten Sie bitte nachsehen?", "de" },
	{ "Buongiorno, da ieri la stampante del secondo piano non funziona più e non riesco a stampare le "
	  "fatture. Potreste dare un'occhiata?", "it" },
	{ "Bonjour, depuis hier l'imprimante du deuxième étage ne fonctionne plus et je ne peux plus "
	  "imprimer les factures. Pourriez-vous vérifier ?", "fr" },
	{ "Buenos días, desde ayer la impresora de la segunda planta no funciona y no puedo imprimir las "
	  "facturas. ¿Podrían revisarla, por favor?", "es" },
	{ "Bom dia, desde ontem a impressora do segundo andar deixou de funcionar e não consigo imprimir "
	  "as faturas. Podem verificar, por favor?", "pt" },
	{ "Goedemorgen, sinds gisteren werkt de printer op de tweede verdieping niet meer en kan ik geen "
	  "facturen afdrukken. Kunt u er even naar kijken?", "nl" },
	{ "お世話になっております。昨日から二階のプリンターが動かなくなり、請求書を印刷することが"
	  "できません。ご確認をお願いいたします。", "ja" },
	{ "God morgon, sedan i går fungerar inte skrivaren på andra våningen och jag kan inte skriva ut "
	  "några fakturor. Kan ni titta på det?", "sv" },
	{ "Доброе утро! Со вчерашнего дня принтер на втором этаже не работает, и я не могу распечатать "
	  "счета. Посмотрите, пожалуйста.", "ru" },
	{ "", "" },
	{ "ok", "" },
	{ "Thanks, that works again!", "" },
	{ "Danke, passt so.", "" },
	{ "ありがとうございます。", "" },
	{ "4711 0815 2026-03-02 10:00 +39 06 1234567 +49 30 7654321 12345 67890 23456 78901", "" },
	{ "https://example.org/a/long/path/to/some/page/that/is/in/no/language ada@customer.test", "" },
	{ "Der Drucker druckt seit gestern nicht mehr. The printer on the second floor has stopped "
	  "working since yesterday.", "" },
	{ "La stampante del secondo piano non funziona più da ieri mattina e non si stampa niente. "
	  "Der Drucker im zweiten Stock ist seit gestern kaputt, bitte schicken Sie jemanden.", "" },
	{ "xqzv jklw pqrx zzvk wqqx mnbv xkcd qwrt zxcv plkj hgfd sdfg vbnm qazw sxed crfv", "" },
};

static void
test_rows(struct arena *a)
{
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		IS_STR(language_guess(a, rows[i].text), rows[i].language,
		       rows[i].text[0] != '\0' ? rows[i].text : "(nothing)");
}

/* Long ones, without blanks, cut in the middle of a character. */
static void
test_long(struct arena *a)
{
	char *text = arena_alloc(a, LONG_OCTETS + 1);

	for (size_t i = 0; i < LONG_OCTETS; i += 2)
		memcpy(text + i, "\xC3\xBC", 2);
	memcpy(text, "x", 1);
	memcpy(text + 1, "x", 1);
	(void)language_guess(a, text);
	(void)language_guess(a, text + 2);
	memset(text, 'e', LONG_OCTETS);
	IS_STR(language_guess(a, text), "", "a million letters e are no language");
	memset(text, ' ', LONG_OCTETS);
	IS_STR(language_guess(a, text), "", "nor are blanks");
}

int
main(void)
{
	AUTO(arena) struct arena *a = arena_new();

	IS_STR(language_guess(a, rows[1].text), "", "nothing is guessed before the fingerprints are read");
	OK(!language_warm_up("/nonexistent"), "they are not there");
	IS_STR(language_guess(a, rows[1].text), "", "and nothing is guessed");
	OK(language_warm_up(NULL), "the library's fingerprints");
	OK(language_warm_up(NULL), "are read once");
	test_rows(a);
	test_long(a);
	return tap_done();
}
