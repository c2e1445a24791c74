/* filters/subject.c - does the subject say that a machine wrote the mail? In many languages */
#include "arena.h"
#include "filter.h"
#include "value.h"
#include <string.h>

/* A phrase is in the plain form of value_plain(). A sure one is a name that programs give to their
 * mail; the others people use, too, about themselves: "ausente el viernes". */
struct phrase {
	const char *text;
	bool is_sure;
};

enum {
	TITLE = 100,  /* "Automatic reply: Printer": a name, a colon, the subject of ours */
	ALONE = 70,   /* a name and nothing else */
	LEADING = 45, /* a name, then other words; or a word that people use, then a colon */
	INSIDE = 35,
	WEAK = 25,
	REPORT = 60,  /* what delivery reports are called */
	REPORT_INSIDE = 35
};

static const struct phrase absences[] = {
	/* English */
	{"automatic reply", true}, {"automatic response", true}, {"automated reply", true},
	{"automated response", true}, {"auto reply", true}, {"autoreply", true},
	{"auto response", true}, {"autoresponse", true}, {"auto responder", true},
	{"autoresponder", true}, {"auto respond", true}, {"out of office", true},
	{"out of the office", true},
	{"out of my office", true}, {"vacation reply", true}, {"vacation message", true},
	{"vacation notice", true}, {"vacation response", true}, {"away from my mail", true},
	{"away from my email", true}, {"away from my desk", false},
	{"away from the office", true},
	{"away message", true}, {"absence notification", true}, {"ooo", false}, {"ooto", false},
	{"on vacation", false}, {"on holiday", false}, {"on leave", false},
	{"annual leave", false},
	{"maternity leave", false}, {"automatically generated", true},
	{"not in the office", false},
	/* German */
	{"automatische antwort", true}, {"automatische rückantwort", true},
	{"automatische nachricht", true}, {"automatische rückmeldung", true},
	{"automatische e mail antwort", true}, {"autom. antwort", true},
	{"automatisch generierte", true}, {"abwesenheitsnotiz", true},
	{"abwesenheitsmeldung", true}, {"abwesenheitsnachricht", true},
	{"abwesenheitsbenachrichtigung", true}, {"abwesenheitsinfo", true},
	{"abwesenheitsassistent", true}, {"abwesenheit", false}, {"abwesend", false},
	{"außer haus", false}, {"nicht im büro", false}, {"nicht im haus", false},
	{"urlaubsnotiz", true}, {"urlaubsbenachrichtigung", true}, {"im urlaub", false},
	/* French */
	{"réponse automatique", true}, {"reponse automatique", true},
	{"réponse auto", true}, {"message automatique", true}, {"message d'absence", true},
	{"notification d'absence", true}, {"avis d'absence", true}, {"absence du bureau", true},
	{"absent du bureau", true}, {"absente du bureau", true}, {"absence", false},
	{"absent", false}, {"en congé", false}, {"en vacances", false},
	/* Italian */
	{"risposta automatica", true}, {"risposta non al computer", true},
	{"messaggio automatico", true}, {"messaggio di assenza", true}, {"fuori sede", false},
	{"fuori ufficio", true}, {"assenza dall'ufficio", true}, {"assente", false},
	{"assenza", false}, {"in ferie", false},
	/* Spanish, Catalan, Portuguese */
	{"respuesta automática", true}, {"respuesta automatica", true},
	{"contestación automática", true}, {"mensaje automático", true},
	{"fuera de la oficina", true}, {"fuera de oficina", true}, {"aviso de ausencia", true},
	{"mensaje de ausencia", true}, {"ausente", false}, {"ausencia", false},
	{"de vacaciones", false}, {"resposta automàtica", true}, {"fora de l'oficina", true},
	{"resposta automática", true}, {"resposta automatica", true},
	{"mensagem automática", true},
	{"fora do escritório", true}, {"fora do escritorio", true}, {"ausência", false},
	{"de férias", false},
	/* Dutch */
	{"automatisch antwoord", true}, {"automatische beantwoording", true},
	{"automatisch bericht", true}, {"afwezigheidsbericht", true},
	{"afwezigheidsassistent", true}, {"afwezigheid", false}, {"afwezig", false},
	{"niet op kantoor", false}, {"niet aanwezig", false},
	/* Swedish, Danish, Norwegian, Finnish, Icelandic */
	{"autosvar", true}, {"automatiskt svar", true}, {"automatisk svar", true},
	{"frånvaromeddelande", true}, {"frånvaro", false}, {"ikke til stede", false},
	{"ikke på kontoret", false}, {"inte på kontoret", false}, {"fraværsmelding", true},
	{"fraværsbesked", true}, {"fravær", false}, {"på semester", false}, {"på ferie", false},
	{"automaattinen vastaus", true}, {"automaattivastaus", true}, {"poissaoloviesti", true},
	{"poissaoloilmoitus", true}, {"poissa", false}, {"lomalla", false},
	{"sjálfvirkt svar", true},
	/* Polish, Czech, Slovak, Hungarian, Romanian */
	{"automatyczna odpowiedź", true}, {"odpowiedź automatyczna", true},
	{"autoodpowiedź", true}, {"poza biurem", true}, {"nieobecność", false},
	{"nieobecny", false}, {"nieobecna", false}, {"na urlopie", false},
	{"automatická odpověď", true}, {"mimo kancelář", true}, {"nepřítomnost", false},
	{"automatická odpoveď", true}, {"mimo kancelárie", true}, {"neprítomnosť", false},
	{"automatikus válasz", true}, {"automatikus üzenet", true}, {"házon kívül", true},
	{"irodán kívül", true}, {"szabadságon", false}, {"räspuns automat", true},
	{"răspuns automat", true}, {"raspuns automat", true},
	/* Slovene, Croatian, Serbian, Bulgarian, Baltic, Greek, Turkish */
	{"samodejni odgovor", true}, {"automatski odgovor", true}, {"automatsko odgovor", true},
	{"аутоматски одговор", true}, {"автоматичен отговор", true}, {"automaatvastus", true},
	{"automaatne vastus", true}, {"automātiskā atbilde", true},
	{"automatinis atsakymas", true},
	{"αυτόματη απάντηση", true}, {"εκτός γραφείου", true}, {"otomatik yanıt", true},
	{"otomatik cevap", true}, {"ofis dışında", true},
	/* Russian, Ukrainian */
	{"автоматический ответ", true}, {"автоответ", true}, {"автоматическое сообщение", true},
	{"отсутствие на рабочем месте", true}, {"вне офиса", true}, {"нет на месте", false},
	{"в отпуске", false}, {"автоматична відповідь", true}, {"автовідповідь", true},
	{"відпустка", false},
	/* Japanese, Chinese, Korean, Thai, Vietnamese, Indonesian, Malay */
	{"自動返信", true}, {"自動応答", true}, {"自動回答", true}, {"不在通知", true},
	{"不在", false}, {"休暇", false}, {"外出", false}, {"自动回复", true}, {"自动答复", true},
	{"自動回覆", true}, {"自動答覆", true}, {"自動回复", true}, {"不在办公室", true},
	{"外出通知", true}, {"休假", false}, {"자동 회신", true}, {"자동회신", true},
	{"자동 응답", true}, {"자동응답", true}, {"자동 답장", true}, {"부재중", true},
	{"부재 중", true}, {"ตอบกลับอัตโนมัติ", true}, {"trả lời tự động", true},
	{"balasan otomatis", true}, {"balasan automatik", true}, {"jawaban otomatis", true},
	/* Hebrew, Arabic, Persian */
	{"תשובה אוטומטית", true}, {"מענה אוטומטי", true}, {"رد تلقائي", true},
	{"الرد التلقائي", true},
	{"پاسخ خودکار", true}, {NULL, false}};

/* What delivery reports are called; the sure ones at the beginning only. */
static const struct phrase reports[] = {
	{"undeliverable", true}, {"undelivered", true}, {"undeliverd", true},
	{"not deliverable", true}, {"delivery status notification", true},
	{"delivery notification", true}, {"delivery failure", true}, {"delivery fail", true},
	{"delivery has failed", true}, {"delivery error", true}, {"delivery report", true},
	{"delivery problem", true}, {"delivery unsuccessful", true}, {"delivery delayed", true},
	{"mail delivery", true}, {"message delivery", true}, {"email delivery", true},
	{"e mail delivery", true}, {"mail system error", true}, {"mail error", true},
	{"mail failure", true}, {"mail failed", true}, {"mail could not be", true},
	{"mail not delivered", true}, {"message not delivered", true},
	{"message undeliverable", true}, {"message you sent blocked", true},
	{"message could not be delivered", true}, {"message status", false},
	{"your message could not", true}, {"your mail could not", true},
	{"could not send message", true}, {"could not deliver", true},
	{"unable to deliver", true},
	{"unable to send", false}, {"cannot send message", true}, {"failed to deliver", true},
	{"failure notice", true}, {"failure delivery", true}, {"failed mail", true},
	{"failed message", true}, {"failed delivery", true}, {"returned mail", true},
	{"returned message", true}, {"returning message", true}, {"returned to sender", true},
	{"returning to sender", true}, {"returned email", true},
	{"non delivery", true}, {"nondeliverable", true}, {"notification of delivery", true},
	{"warning: could not send", true}, {"warning: message", true}, {"warning: mail", true},
	{"bounced mail", true}, {"bounce notification", true}, {"bounce message", true},
	{"bounced", false},
	{"rejected mail", true}, {"rejected message", true}, {"mail rejected", true},
	{"message rejected", true}, {"user unknown", true}, {"unknown user", true},
	{"unknown recipient", true}, {"mailbox full", false}, {"over quota", false},
	{"mail bounced", true}, {"there was an error sending your mail", true},
	/* German, French, Italian, Spanish, Portuguese, Dutch */
	{"unzustellbar", true}, {"nicht zustellbar", true}, {"unzustellbarkeit", true},
	{"zustellung fehlgeschlagen", true}, {"zustellungsfehler", true},
	{"fehler bei der zustellung", true},
	{"nachricht nicht zugestellt", true}, {"nicht zugestellt", false},
	{"übermittlungsfehler", true},
	{"non remis", true}, {"non distribué", true}, {"échec de la remise", true},
	{"échec de remise", true}, {"echec de remise", true}, {"échec de distribution", true},
	{"notification d'état de remise", true}, {"non délivré", true},
	{"non recapitabile", true},
	{"mancata consegna", true}, {"mancato recapito", true}, {"notifica di mancato", true},
	{"consegna non riuscita", true}, {"no se puede entregar", true}, {"no entregado", true},
	{"error de entrega", true}, {"no se pudo entregar", true}, {"fallo en la entrega", true},
	{"correo devuelto", true}, {"mensaje devuelto", true}, {"não entregue", true},
	{"não é possível entregar", true},
	{"falha na entrega", true}, {"mensagem não entregue", true}, {"devolvido", false},
	{"onbestelbaar", true}, {"niet te bezorgen", true}, {"niet bezorgd", true},
	{"kan niet worden bezorgd", true}, {"mislukte bezorging", true},
	/* Scandinavian, Finnish, Polish, Czech, Turkish, Hungarian */
	{"olevererat", true}, {"ej levererat", true}, {"kan inte levereras", true},
	{"ikke leveret", true}, {"kan ikke leveres", true}, {"uleverbar", true},
	{"toimitus epäonnistui", true}, {"ei voitu toimittaa", true}, {"niedostarczon", true},
	{"nie można dostarczyć", true}, {"niedoręczon", true}, {"nedoručiteln", true},
	{"nedoručen", true},
	{"teslim edilemedi", true}, {"kézbesíthetetlen", true}, {"sikertelen kézbesítés", true},
	/* Russian, Japanese, Chinese, Korean */
	{"недоставлен", true}, {"не доставлен", true}, {"невозможно доставить", true},
	{"ошибка доставки", true}, {"не удалось доставить", true}, {"配信不能", true},
	{"配信できません", true}, {"配信エラー", true}, {"送信エラー", true}, {"メールエラー", true},
	{"未配信", true}, {"配送できません", true}, {"未送达", true}, {"退信", true},
	{"无法送达", true}, {"投递失败", true}, {"投遞失敗", true}, {"无法投递", true},
	{"無法傳遞", true}, {"배달되지", true}, {"배달 실패", true}, {"반송", true}, {"전송 실패", true},
	{NULL, false}};

static const char *const delays[] = {"delay",      "warning:",  "verzöger", "retard",   "ritard",
                                     "retras",     "atras",     "vertraag", "forsink",  "försen",
                                     "opóźni",     "задерж",    "遅延",     "延迟",     "지연",
                                     "still being", "not yet", NULL};

/* Receipts begin with the word of the reader's language, a colon, and the subject that was read. */
static const char *const receipts[] = {
	"read:",     "gelesen:",  "lu :",       "lu:",        "letto:",     "leído:",
	"leido:",    "lida:",     "gelezen:",   "läst:",      "læst:",      "lest:",
	"luettu:",   "przeczytano:", "přečteno:", "прочтено:", "прочитано:", "okundu:",
	"開封済み:", "既読:",     "已读:",      "已讀:",      "읽음:",      "not read:",
	"ungelesen gelöscht:", "disposition notification", "read receipt", "return receipt",
	"lesebestätigung", "empfangsbestätigung", "accusé de lecture", "conferma di lettura",
	"confirmación de lectura", "leesbevestiging", NULL};
static const char *const complaints[] = {"complaint about message", "abuse report", "spam report",
                                         "email feedback report", "email abuse report",
                                         "spam complaint", NULL};

static struct finding
hint(enum mail_class class, unsigned confidence, const char *why)
{
	return (struct finding){.verdict = VERDICT_HINT,
	                        .class = class,
	                        .confidence = confidence,
	                        .why = why};
}

/* What follows a name at the beginning: nothing, what sets off a title, or other words. */
static unsigned
weigh_leading(const char *behind, bool is_sure)
{
	static const char *const marks[] = {":", "：", "(", "[", "<", "\"", "re ", "re:", NULL};
	unsigned confidence = is_sure ? LEADING : INSIDE;

	behind += strspn(behind, " ");
	if (behind[0] == '\0' || strspn(behind, ".!") == strlen(behind))
		confidence = is_sure ? ALONE : LEADING;
	for (size_t i = 0; marks[i] != NULL; i++)
		if (strncmp(behind, marks[i], strlen(marks[i])) == 0)
			confidence = is_sure ? TITLE : LEADING;
	return confidence;
}

static unsigned
weigh_absence(const char *plain)
{
	unsigned most = 0;

	for (size_t i = 0; absences[i].text != NULL; i++) {
		const char *at = value_phrase(plain, absences[i].text);
		const char *front = plain + strspn(plain, " [(<*\"");
		unsigned confidence = 0;

		if (at == front)
			confidence = weigh_leading(at + strlen(absences[i].text),
			                           absences[i].is_sure);
		else if (at != NULL)
			confidence = absences[i].is_sure ? INSIDE : WEAK;
		most = confidence > most ? confidence : most;
	}
	return most;
}

static unsigned
weigh_report(const char *plain)
{
	unsigned most = 0;

	for (size_t i = 0; reports[i].text != NULL; i++) {
		const char *at = value_phrase(plain, reports[i].text);
		unsigned confidence = 0;

		if (at != NULL)
			confidence = at == plain && reports[i].is_sure ? REPORT : REPORT_INSIDE;
		most = confidence > most ? confidence : most;
	}
	return most;
}

static bool
has_one(const char *plain, const char *const words[])
{
	bool found = false;

	for (size_t i = 0; !found && words[i] != NULL; i++)
		found = value_phrase(plain, words[i]) != NULL;
	return found;
}

static struct finding
look(const struct filter_in *in)
{
	const char *subject = in->mail->subject;
	char *plain = value_plain(in->arena, subject, MAIL_SUBJECT_MAX_OCTETS);
	unsigned absence = weigh_absence(plain), report = weigh_report(plain);
	struct finding f = {.verdict = VERDICT_PASS};

	/* Who answers or forwards such a mail has its subject behind a "Re:" of his own. */
	if (value_is_answer(subject))
		absence = absence > WEAK ? WEAK : absence, report = 0;
	else if (value_begins(plain, receipts))
		f = hint(CLASS_MDN, REPORT, "the subject of a receipt");
	else if (value_begins(plain, complaints))
		f = hint(CLASS_REPORT, REPORT, "the subject of a complaint");
	if (f.verdict == VERDICT_PASS && report > 0 && report >= absence)
		f = hint(has_one(plain, delays) ? CLASS_DELAY : CLASS_BOUNCE, report,
		         "the subject of a delivery report");
	else if (f.verdict == VERDICT_PASS && absence > 0)
		f = hint(CLASS_AUTO, absence, "the subject of an automatic reply");
	return f;
}

const struct filter filter_subject = {"subject", look};
