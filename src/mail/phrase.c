/* src/mail/phrase.c - tables of phrases, and the rules that keep them from matching prose */
#include "phrase.h"

#include "own.h"
#include "text.h"

#include <stddef.h>
#include <string.h>

enum {
	SENT_FROM_MAX_OCTETS = 90,  /* without a link behind it */
	SENT_FROM_MAX_WORDS = 4,    /* behind the phrase */
	OPENING_DATE_OCTETS = 12    /* the second number of a date stands within these */
};

struct label {
	const char *text;
	enum phrase_label label;
};

static const struct label labels[] = {
	{ "From", PHRASE_LABEL_FROM }, { "Von", PHRASE_LABEL_FROM }, { "De", PHRASE_LABEL_FROM },
	{ "Da", PHRASE_LABEL_FROM }, { "Van", PHRASE_LABEL_FROM }, { "Fra", PHRASE_LABEL_FROM },
	{ "Från", PHRASE_LABEL_FROM }, { "Od", PHRASE_LABEL_FROM }, { "От", PHRASE_LABEL_FROM },
	{ "Від", PHRASE_LABEL_FROM }, { "Lähettäjä", PHRASE_LABEL_FROM },
	{ "Kimden", PHRASE_LABEL_FROM }, { "Gönderen", PHRASE_LABEL_FROM },
	{ "Feladó", PHRASE_LABEL_FROM }, { "De la", PHRASE_LABEL_FROM },
	{ "Από", PHRASE_LABEL_FROM }, { "差出人", PHRASE_LABEL_FROM },
	{ "送信者", PHRASE_LABEL_FROM }, { "发件人", PHRASE_LABEL_FROM },
	{ "寄件者", PHRASE_LABEL_FROM }, { "보낸 사람", PHRASE_LABEL_FROM },
	{ "מאת", PHRASE_LABEL_FROM }, { "من", PHRASE_LABEL_FROM },
	{ "Mittente", PHRASE_LABEL_FROM }, { "Expéditeur", PHRASE_LABEL_FROM },
	{ "Absender", PHRASE_LABEL_FROM }, { "Remitente", PHRASE_LABEL_FROM },

	{ "Sent", PHRASE_LABEL_SENT }, { "Date", PHRASE_LABEL_SENT },
	{ "Gesendet", PHRASE_LABEL_SENT }, { "Datum", PHRASE_LABEL_SENT },
	{ "Envoyé", PHRASE_LABEL_SENT }, { "Inviato", PHRASE_LABEL_SENT },
	{ "Data", PHRASE_LABEL_SENT }, { "Enviado", PHRASE_LABEL_SENT },
	{ "Enviada em", PHRASE_LABEL_SENT }, { "Enviado el", PHRASE_LABEL_SENT },
	{ "Enviado em", PHRASE_LABEL_SENT }, { "Fecha", PHRASE_LABEL_SENT },
	{ "Verzonden", PHRASE_LABEL_SENT }, { "Sendt", PHRASE_LABEL_SENT },
	{ "Dato", PHRASE_LABEL_SENT }, { "Skickat", PHRASE_LABEL_SENT },
	{ "Wysłano", PHRASE_LABEL_SENT }, { "Отправлено", PHRASE_LABEL_SENT },
	{ "Дата", PHRASE_LABEL_SENT }, { "Надіслано", PHRASE_LABEL_SENT },
	{ "Lähetetty", PHRASE_LABEL_SENT }, { "Päivämäärä", PHRASE_LABEL_SENT },
	{ "Gönderildi", PHRASE_LABEL_SENT }, { "Tarih", PHRASE_LABEL_SENT },
	{ "Elküldve", PHRASE_LABEL_SENT }, { "Dátum", PHRASE_LABEL_SENT },
	{ "Odesláno", PHRASE_LABEL_SENT }, { "Trimis", PHRASE_LABEL_SENT },
	{ "Ημερομηνία", PHRASE_LABEL_SENT }, { "送信日時", PHRASE_LABEL_SENT },
	{ "日付", PHRASE_LABEL_SENT }, { "日時", PHRASE_LABEL_SENT },
	{ "发送时间", PHRASE_LABEL_SENT }, { "寄件日期", PHRASE_LABEL_SENT },
	{ "日期", PHRASE_LABEL_SENT }, { "보낸 날짜", PHRASE_LABEL_SENT },
	{ "날짜", PHRASE_LABEL_SENT }, { "נשלח", PHRASE_LABEL_SENT },

	{ "To", PHRASE_LABEL_TO }, { "An", PHRASE_LABEL_TO }, { "À", PHRASE_LABEL_TO },
	{ "A", PHRASE_LABEL_TO }, { "Para", PHRASE_LABEL_TO }, { "Aan", PHRASE_LABEL_TO },
	{ "Til", PHRASE_LABEL_TO }, { "Till", PHRASE_LABEL_TO }, { "Do", PHRASE_LABEL_TO },
	{ "Komu", PHRASE_LABEL_TO }, { "Кому", PHRASE_LABEL_TO },
	{ "Vastaanottaja", PHRASE_LABEL_TO }, { "Kime", PHRASE_LABEL_TO },
	{ "Címzett", PHRASE_LABEL_TO }, { "Către", PHRASE_LABEL_TO },
	{ "Προς", PHRASE_LABEL_TO }, { "宛先", PHRASE_LABEL_TO }, { "收件人", PHRASE_LABEL_TO },
	{ "收件者", PHRASE_LABEL_TO }, { "받는 사람", PHRASE_LABEL_TO }, { "אל", PHRASE_LABEL_TO },

	{ "Cc", PHRASE_LABEL_CC }, { "Copia", PHRASE_LABEL_CC }, { "Kopie", PHRASE_LABEL_CC },
	{ "Kopia", PHRASE_LABEL_CC }, { "Копия", PHRASE_LABEL_CC }, { "抄送", PHRASE_LABEL_CC },
	{ "副本", PHRASE_LABEL_CC }, { "참조", PHRASE_LABEL_CC },

	{ "Subject", PHRASE_LABEL_SUBJECT }, { "Betreff", PHRASE_LABEL_SUBJECT },
	{ "Objet", PHRASE_LABEL_SUBJECT }, { "Oggetto", PHRASE_LABEL_SUBJECT },
	{ "Asunto", PHRASE_LABEL_SUBJECT }, { "Assunto", PHRASE_LABEL_SUBJECT },
	{ "Onderwerp", PHRASE_LABEL_SUBJECT }, { "Emne", PHRASE_LABEL_SUBJECT },
	{ "Ämne", PHRASE_LABEL_SUBJECT }, { "Temat", PHRASE_LABEL_SUBJECT },
	{ "Předmět", PHRASE_LABEL_SUBJECT }, { "Predmet", PHRASE_LABEL_SUBJECT },
	{ "Тема", PHRASE_LABEL_SUBJECT }, { "Aihe", PHRASE_LABEL_SUBJECT },
	{ "Konu", PHRASE_LABEL_SUBJECT }, { "Tárgy", PHRASE_LABEL_SUBJECT },
	{ "Subiect", PHRASE_LABEL_SUBJECT }, { "Θέμα", PHRASE_LABEL_SUBJECT },
	{ "件名", PHRASE_LABEL_SUBJECT }, { "主题", PHRASE_LABEL_SUBJECT },
	{ "主旨", PHRASE_LABEL_SUBJECT }, { "제목", PHRASE_LABEL_SUBJECT },
	{ "נושא", PHRASE_LABEL_SUBJECT }
};

static const char *const original_words[] = {
	"Original Message", "Original Appointment", "Ursprüngliche Nachricht", "Originalnachricht",
	"Message d'origine", "Message d’origine", "Message original", "Messaggio originale",
	"Mensaje original", "Mensagem original", "Oorspronkelijk bericht", "Origineel bericht",
	"Oprindelig meddelelse", "Opprinnelig melding", "Ursprungligt meddelande",
	"Originalmeddelande", "Wiadomość oryginalna", "Oryginalna wiadomość",
	"Исходное сообщение", "Оригинальное сообщение", "Пересылаемое сообщение",
	"Původní zpráva", "Pôvodná správa", "Alkuperäinen viesti", "Eredeti üzenet",
	"Mesaj original", "Orijinal İleti", "Özgün İleti", "元のメッセージ", "Original メッセージ",
	"原始邮件", "原始信件", "原邮件", "원본 메시지", "원본 메일", "Reply message"
};

static const char *const forward_words[] = {
	"Forwarded message", "Forwarded by", "Weitergeleitete Nachricht", "Message transféré",
	"Message réexpédié", "Messaggio inoltrato", "Mensaje reenviado", "Mensagem encaminhada",
	"Doorgestuurd bericht", "Videresendt", "Vidarebefordrat", "Wiadomość przekazana",
	"Пересылаемое письмо", "Přeposlaná zpráva", "Välitetty viesti", "転送メッセージ",
	"Forwarded メッセージ", "转发的邮件", "轉寄郵件", "전달된 메시지", "İletilmiş mesaj"
};

/* Apple's, without dashes */
static const char *const forward_lines[] = {
	"Begin forwarded message:", "Inizio messaggio inoltrato:", "Début du message réexpédié",
	"Début du message transféré", "Anfang der weitergeleiteten Nachricht:",
	"Inicio del mensaje reenviado:", "Begin doorgestuurd bericht:",
	"Início da mensagem reenviada:", "Vidarebefordrat brev:", "Videresendt e-mail:",
	"转发邮件：", "開始轉寄郵件：", "転送されたメール："
};

static const char *const openers[] = {
	"On ", "Il ", "Le ", "Am ", "El ", "Em ", "Op ", "Den ", "På ", "W dniu ", "Dnia ", "Dne ",
	"Dňa ", "V ", "Pe ", "În data ", "Στις ", "В ", "Vào ", "Pada ", "La ", "A(z) ", "ב", "في ",
	"於 ", "在 ", "Mon, ", "Tue, ", "Wed, ", "Thu, ", "Fri, ", "Sat, ", "Sun, ", "pon., ",
	"wt., ", "śr., ", "czw., ", "pt., ", "sob., ", "niedz., ", "пн, ", "вт, ", "ср, ", "чт, ",
	"пт, ", "сб, ", "вс, ", "нд, ", "po ", "út ", "st ", "čt ", "pá ", "so ", "ne ", "ma ",
	"ti ", "ke ", "to ", "pe ", "la ", "su "
};

static const char *const verbs[] = {
	"wrote", "writes", "ha scritto", "scrive", "a écrit", "écrivait", "écrit :", "schrieb",
	"schreibt", "geschrieben", "escribió", "ha escrito", "escribe", "escreveu", "escrito",
	"schreef", "geschreven", "skrev", "napisał", "pisze", "написал", "пишет", "писал",
	"написав", "пише", "napsal", "napísal", "kirjoitti", "yazdı", "írta", "ezt írta", "a scris",
	"έγραψε", "написа", "je napisa", "đã viết", "menulis", "เขียน", "כתב", "كتب", "写道", "寫道",
	"のメール", "書きました", "のメッセージ", "님이 작성", "작성:", "작성했습니다", "님이 쓴 글"
};

static const char *const sent_from_begin[] = {
	"Sent from ", "Sent with ", "Sent via ", "Get Outlook for ", "Get BlueMail for ",
	"Von meinem ", "Gesendet von ", "Gesendet mit ", "Envoyé de ", "Envoyé depuis ",
	"Envoyé à partir ", "Envoyé avec ", "Télécharger Outlook ", "Inviato da ", "Inviato dal ",
	"Inviato con ", "Scarica Outlook ", "Enviado desde ", "Enviado do ", "Enviado de ",
	"Enviado a partir ", "Obtener Outlook ", "Verzonden vanaf ", "Verstuurd vanaf ",
	"Verzonden met ", "Skickat från ", "Sendt fra ", "Lähetetty ", "Wysłane z ", "Wysłano z ",
	"Отправлено с ", "Отправлено из ", "Надіслано з ", "Odesláno z ", "Odoslané z ",
	"Trimis de pe ", "Στάλθηκε από ", "发自我的", "發自我的", "從我的", "Dikirim dari ",
	"נשלח מ", "Đã gửi từ "
};

static const char *const sent_from_end[] = { "から送信", "gönderildi", "에서 보냄", "傳送" };

static bool
is_any(const char *line, const char *const table[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_begins(line, table[i]))
			return true;
	return false;
}

static bool
has_any(const char *line, const char *const table[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_find(line, table[i]) != NULL)
			return true;
	return false;
}

static bool
ends_with(const char *line, size_t n, const char *tail)
{
	size_t n_tail = strlen(tail);

	return n >= n_tail && memcmp(line + n - n_tail, tail, n_tail) == 0;
}

/* Octets of a line without blanks at its end. */
static size_t
n_trimmed(const char *line)
{
	size_t n = strlen(line);

	while (n > 0 && strchr(" \t*_", line[n - 1]) != NULL)
		n--;
	return n;
}

enum phrase_label
phrase_label(const char *line)
{
	line += strspn(line, " \t*_");
	for (size_t i = 0; i < N_ELEMENTS(labels); i++) {
		const char *rest;

		if (!text_begins(line, labels[i].text))
			continue;
		rest = line + strlen(labels[i].text);
		rest += strspn(rest, " *_");
		while (text_begins(rest, "\u00a0"))
			rest += strlen("\u00a0");
		if (*rest == ':' || text_begins(rest, "："))
			return labels[i].label;
	}
	return PHRASE_LABEL_NONE;
}

/* Whether a line is words between dashes, or the like. */
static bool
is_framed(const char *line)
{
	return strspn(line, "-_=") >= 2 && ends_with(line, n_trimmed(line), "--");
}

enum phrase_banner
phrase_banner(const char *line)
{
	line += strspn(line, " \t*");
	if (is_any(line, forward_lines, N_ELEMENTS(forward_lines)))
		return PHRASE_BANNER_FORWARD;
	if (!is_framed(line))
		return PHRASE_BANNER_NONE;
	if (has_any(line, forward_words, N_ELEMENTS(forward_words)))
		return PHRASE_BANNER_FORWARD;
	if (has_any(line, original_words, N_ELEMENTS(original_words)))
		return PHRASE_BANNER_ORIGINAL;
	return PHRASE_BANNER_NONE;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "02.04.2012", "2020-03-02", "2020年3月2日", "12/5/20": two numbers close together. */
static bool
begins_with_date(const char *line)
{
	size_t n = strspn(line, "0123456789"), gap;

	if (n == 0 || n > 4)
		return false;
	gap = strcspn(line + n, "0123456789");
	return gap >= 1 && n + gap <= OPENING_DATE_OCTETS && line[n + gap] != '\0'
	       && line[n] != ')' && (line[n] != ' ' || n > 2 || gap > 1);
}

bool
phrase_opens(const char *line)
{
	line += strspn(line, " \t*_-");
	return is_any(line, openers, N_ELEMENTS(openers)) || begins_with_date(line);
}

/* "10:00", "10.00", "10h00", or a year. */
static bool
has_time(const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (!is_digit(c[0]))
			continue;
		if (c[1] != '\0' && strchr(":.h", c[1]) != NULL && is_digit(c[2]) && is_digit(c[3]))
			return true;
		if ((strncmp(c, "20", 2) == 0 || strncmp(c, "19", 2) == 0) && is_digit(c[2])
		    && is_digit(c[3]) && !is_digit(c[4]))
			return true;
	}
	return false;
}

static bool
has_digit(const char *text)
{
	return text[strcspn(text, "0123456789")] != '\0';
}

enum phrase_attribution
phrase_attribution(const char *text)
{
	size_t n = n_trimmed(text);
	bool colon = ends_with(text, n, ":") || ends_with(text, n, "：");
	bool verb = has_any(text, verbs, N_ELEMENTS(verbs));
	bool address = strchr(text, '@') != NULL;
	bool opens = phrase_opens(text);

	if (colon && verb && opens && (address || has_time(text)))
		return PHRASE_ATTRIBUTION_SURE;
	if (colon && opens && address && strchr(text, '<') != NULL && has_time(text))
		return PHRASE_ATTRIBUTION_SURE;
	if (colon && (verb || (address && has_digit(text))))
		return PHRASE_ATTRIBUTION_PERHAPS;
	return verb && opens && (address || has_time(text)) ? PHRASE_ATTRIBUTION_PERHAPS
	                                                    : PHRASE_ATTRIBUTION_NONE;
}

/* A person's sentence goes on: it has a comma, or more words than a product's name. */
static bool
is_short_name(const char *rest, size_t n)
{
	size_t words = 1;

	if (n == 0 || memchr(rest, ',', n) != NULL || memmem(rest, n, ". ", 2) != NULL)
		return false;
	for (size_t i = 1; i < n; i++)
		words += rest[i] == ' ' && rest[i - 1] != ' ';
	return words <= SENT_FROM_MAX_WORDS;
}

bool
phrase_is_sent_from(const char *line)
{
	const char *link;
	size_t n;

	line += strspn(line, " \t*_[");
	n = n_trimmed(line);
	link = strpbrk(line, "<(");
	if (link != NULL && (size_t)(link - line) < n)
		n = (size_t)(link - line);
	while (n > 0 && strchr(" .]", line[n - 1]) != NULL)
		n--;
	if (n == 0 || n > SENT_FROM_MAX_OCTETS)
		return false;
	for (size_t i = 0; i < N_ELEMENTS(sent_from_begin); i++) {
		size_t n_begin = strlen(sent_from_begin[i]);

		if (text_begins(line, sent_from_begin[i]) && n > n_begin)
			return is_short_name(line + n_begin, n - n_begin);
	}
	for (size_t i = 0; i < N_ELEMENTS(sent_from_end); i++)
		if (ends_with(line, n, sent_from_end[i]))
			return is_short_name(line, n);
	return false;
}
