/* filters/wording.c - do the first lines speak as machines do, in the languages of the world?
 *
 * Each group of phrases counts once, so that a person who happens to use one is not taken for a
 * machine: it takes a statement of two kinds, or another filter's hint. Phrases are in the plain
 * form of value_plain(); of what is quoted or forwarded nothing counts. */
#include "arena.h"
#include "filter.h"
#include "value.h"
#include <string.h>

enum { START_OCTETS = 700, TEXT_OCTETS = 3000 };

/* "I am not there." */
static const char *const absent[] = {
	/* English */
	"out of the office", "out of office", "away from the office", "away from my desk",
	"away from my office", "not in the office", "out of my office", "i'm away", "i am away",
	"i will be away", "i'll be away", "am currently away", "on vacation", "on holiday",
	"on annual leave", "on leave", "on maternity leave", "on parental leave",
	"on paternity leave",
	"on sick leave", "currently unavailable", "currently traveling", "currently travelling",
	"i am traveling", "i am travelling", "on a business trip", "i will be out", "i'll be out",
	"i am out", "i'm out", "unable to read your", "not reading my mail",
	"not reading my email",
	"limited access to email", "limited access to e mail", "no access to email",
	"limited email access", "no longer with", "no longer work", "no longer employed",
	"has left the company",
	"only sleeping",
	/* German */
	"nicht im büro", "nicht im haus", "außer haus", "ausser haus", "nicht am arbeitsplatz",
	"im urlaub", "in urlaub", "abwesend", "derzeit nicht erreichbar",
	"momentan nicht erreichbar",
	"zur zeit nicht erreichbar", "zurzeit nicht erreichbar", "nicht per e mail erreichbar",
	"wieder im büro", "wieder erreichbar", "auf dienstreise", "in elternzeit",
	"im mutterschutz",
	"meiner abwesenheit", "nicht mehr im unternehmen", "nicht mehr bei uns",
	/* French */
	"actuellement absent", "serai absent", "suis absent", "absent du bureau",
	"absente du bureau",
	"en congé", "en vacances", "en déplacement", "mon absence", "de retour le",
	"ne fait plus partie", "absent jusqu'au", "absente jusqu'au",
	/* Italian */
	"sono assente", "sarò assente", "saro' assente", "fuori ufficio", "fuori sede",
	"in ferie",
	"in vacanza", "mia assenza", "non sono in ufficio", "sarò di ritorno",
	/* Spanish, Catalan, Portuguese */
	"fuera de la oficina", "fuera de oficina", "estaré ausente", "estoy ausente",
	"mi ausencia",
	"de vacaciones", "estoy de viaje", "de baja", "fora de l'oficina", "estic de vacances",
	"fora do escritório", "estou ausente", "estarei ausente", "minha ausência", "de férias",
	"em férias", "estou fora",
	/* Dutch */
	"niet op kantoor", "ben afwezig", "niet aanwezig", "mijn afwezigheid", "op vakantie",
	"met vakantie", "met verlof", "met zwangerschapsverlof", "afwezig van", "weer aanwezig",
	"weer bereikbaar",
	/* Scandinavian, Finnish */
	"inte på kontoret", "på semester", "tjänstledig", "föräldraledig", "åter på kontoret",
	"ikke på kontoret", "på ferie", "har ferie", "ferie til", "fraværende", "ikke til stede",
	"tilbage på kontoret", "tilbake på kontoret", "olen lomalla", "olen poissa",
	"poissa toimistolta",
	"en ole toimistolla", "virkamatkalla",
	/* Polish, Czech, Slovak, Hungarian, Romanian */
	"jestem nieobecn", "będę nieobecn", "na urlopie", "poza biurem", "przebywam na",
	"nie ma mnie w biurze",
	"mimo kancelář", "na dovolené", "nejsem v kanceláři", "nejsem přítom", "mimo kancelárie",
	"na dovolenke", "szabadságon vagyok", "szabadságon leszek", "házon kívül",
	"nem vagyok az irodában",
	"sunt în concediu", "în concediu", "nu sunt la birou",
	/* Slovene, Croatian, Greek, Turkish, Baltic */
	"na dopustu", "izvan ureda", "na godišnjem odmoru", "nisam u uredu", "εκτός γραφείου",
	"σε άδεια",
	"ofis dışında", "izindeyim", "izinde olacağım", "yıllık izin", "olen puhkusel",
	"atvaļinājumā",
	"atostogauju",
	/* Russian, Ukrainian */
	"в отпуске", "в командировке", "отсутствую", "буду отсутствовать",
	"нет на рабочем месте", "вне офиса",
	"у відпустці", "відсутній", "відсутня",
	/* Japanese, Chinese, Korean */
	"不在にして", "不在です", "不在となり", "不在のため", "休暇をいただ", "休暇中", "休みをいただ", "出張中", "外出して",
	"不在办公室", "休假", "外出", "出差", "不在辦公室", "正在度假", "부재중", "부재 중", "휴가 중", "휴가중", "출장 중",
	"자리를 비", NULL};

/* "A machine says so." */
static const char *const automatic[] = {
	"this is an automatic", "this is an automated", "this is an auto", "automatic reply",
	"automated reply", "automatic response", "automated response", "auto reply",
	"auto response",
	"autoreply", "autoresponder", "automatically generated", "generated automatically",
	"automatic message", "automated message", "automated email", "automated e mail",
	"automatic notification", "automated notification", "sent automatically",
	"computer generated",
	"do not reply to this", "please do not reply", "don't reply to this",
	"do not respond to this",
	"not monitored", "unmonitored", "unattended mailbox", "vacation message",
	"automatische antwort", "automatische nachricht", "automatisch generiert",
	"automatisch erstellt",
	"automatisch erzeugt", "automatisch versand", "automatische e mail",
	"automatische rückantwort",
	"automatische bestätigung", "antworten sie nicht auf diese", "nicht auf diese e mail",
	"nicht auf diese nachricht", "nicht weitergeleitet", "wird nicht gelesen",
	"réponse automatique", "message automatique", "envoyé automatiquement",
	"généré automatiquement",
	"ne pas répondre", "merci de ne pas répondre", "risposta automatica",
	"messaggio automatico",
	"generato automaticamente", "inviato automaticamente", "non rispondere a questo",
	"non rispondere a questa",
	"respuesta automática", "mensaje automático", "generado automáticamente",
	"enviado automáticamente",
	"no responda a este", "no responder a este", "resposta automática", "mensagem automática",
	"gerado automaticamente", "gerada automaticamente", "não responda a",
	"automatisch antwoord",
	"automatisch bericht", "automatisch gegenereerd", "automatisch verzonden",
	"niet op deze e mail",
	"niet op dit bericht", "autosvar", "automatiskt svar", "automatiskt genererat",
	"automatisk svar",
	"automatisk generert", "automatisk genereret", "svara inte på", "ikke svar på denne",
	"automaattinen vastaus", "automaattinen viesti", "automaattisesti",
	"automatyczna odpowiedź", "wygenerowana automatycznie",
	"wiadomość automatyczna", "prosimy nie odpowiadać", "automatická odpověď",
	"automaticky", "automatikus",
	"mesaj automat", "răspuns automat", "αυτόματη απάντηση", "αυτόματο μήνυμα",
	"otomatik olarak",
	"otomatik yanıt", "автоматический ответ", "автоматическое", "автоматически", "автоответ",
	"автоматична", "автоматично", "не отвечайте на", "自動返信", "自動的に", "自動送信", "自動配信", "自動応答",
	"返信いただけません", "返信はできません", "返信しないで", "自动回复", "自动发送", "自动发出", "请勿回复", "请不要回复",
	"自動回覆", "自動發送", "請勿回覆", "자동 회신", "자동으로", "자동 응답", "발신 전용", "발신전용", NULL};

/* "We have your mail": what desks and shops answer with. */
static const char *const received[] = {
	"has been received", "have received your", "received your message", "received your email",
	"received your e mail", "received your request", "received your inquiry",
	"thank you for contacting",
	"thanks for contacting", "thank you for your inquiry", "thank you for writing to",
	"a ticket has been", "ticket has been created", "ticket has been opened",
	"case has been created",
	"your request has been", "your ticket", "ticket number", "will respond as soon",
	"will reply as soon",
	"will get back to you", "will be in touch", "within 24 hours", "within one business day",
	"ihre anfrage erhalten", "ihre nachricht erhalten", "ihre e mail erhalten",
	"eingang ihrer",
	"ihre anfrage ist", "wird schnellstmöglich", "werden uns schnellstmöglich",
	"bien reçu votre",
	"votre demande a", "votre message a", "accusons réception", "abbiamo ricevuto",
	"richiesta è stata", "hemos recibido", "su solicitud ha", "recebemos sua",
	"recebemos o seu",
	"sua solicitação", "hebben uw", "uw bericht ontvangen", "uw aanvraag",
	"har mottagit ditt",
	"har modtaget din", "har mottatt din", "otrzymaliśmy", "obdrželi jsme", "мы получили ваш",
	"ваше обращение", "ваш запрос", "受け付けました", "受付いたしました", "お問い合わせありがとう",
	"お問い合わせいただき", "已收到您", "您的邮件已", "已收到你", "접수되었습니다", NULL};

/* "Ask somebody else, or wait." */
static const char *const handover[] = {
	"in urgent cases", "for urgent", "in case of emergency", "if your matter is urgent",
	"if it is urgent", "if this is urgent", "if you need immediate",
	"for immediate assistance",
	"in my absence", "during my absence", "until my return", "upon my return",
	"when i return",
	"when i get back", "as soon as i return", "i will be back", "i'll be back",
	"will return on",
	"returning on", "limited access", "in dringenden fällen", "dringenden angelegenheiten",
	"dringende fälle",
	"wenden sie sich", "ab dem", "vertretung", "vertreten mich", "en cas d'urgence",
	"pour toute urgence", "contacter",
	"mon retour", "per urgenze", "in caso di urgenza", "al mio rientro", "al mio ritorno",
	"para urgencias",
	"en caso de urgencia", "a mi regreso", "a mi vuelta", "em caso de urgência",
	"no meu retorno",
	"voor dringende", "bij dringende", "neem contact op", "terugkomst", "vid brådskande",
	"kontakta", "ved haster", "kontakt venligst", "kiireellis", "w pilnych sprawach",
	"proszę o kontakt",
	"v naléhavých", "по срочным", "срочным вопросам", "вернусь", "お急ぎの", "緊急の", "紧急", "急事",
	"请联系",
	"緊急", "급한", "긴급", NULL};

/* How mail systems name themselves. */
static const char *const mail_system[] = {
	"created automatically by", "this is the mail system", "this is the mail delivery",
	"mail system at host",
	"mail delivery system", "mail delivery software", "mail delivery agent",
	"mail delivery subsystem",
	"mail transfer agent", "mail transport agent", "this is the qmail", "qmail send program",
	"mail agent", "this is the postfix", "this is an automatically generated delivery",
	"automatically generated delivery status", "delivery status notification",
	"delivery status report",
	"this is a delivery", "sorry to have to inform you", "i'm afraid i wasn't able",
	"i wasn't able to deliver", "was unable to deliver your",
	"unable to deliver your message",
	"unable to deliver message", "transcript of session", "original message was received at",
	"returned message follows", "original message follows", "message headers follow",
	"message header follows", "header of the original message",
	"headers of the original message", "copy of the original message", "copy of your message",
	"copy of the message", "unsent message follows", "your message is returned",
	"returned to you",
	"your message did not reach", "did not reach the following recipient",
	"did not reach some or all",
	"following recipient(s)", "following addresses failed", "following address failed",
	"following address(es)", "following recipients", "following addresses had",
	"addresses had permanent", "permanent fatal errors", "fatal errors",
	"failed addresses follow",
	"message log follows", "message text follows", "permanent error", "reason of failure",
	"delivery to the following", "delivery has failed", "delivery failed",
	"delivery attempts",
	"nondelivery", "non delivery", "bounce notification", "error message below",
	"error message follows",
	"dies ist eine automatisch erzeugte unzustellbarkeits", "konnte nicht zugestellt werden",
	"zustellung fehlgeschlagen", "ne peut pas être remis", "n'a pas pu être remis",
	"n'a pu être délivré",
	"n'a pas pu être délivré", "non è stato possibile recapitare", "non è stato recapitato",
	"no se ha podido entregar", "no se pudo entregar", "não pôde ser entregue",
	"não foi possível entregar",
	"kon niet worden bezorgd", "kon niet worden afgeleverd", "kunde inte levereras",
	"kunne ikke leveres",
	"nie mogła zostać dostarczona", "nie została dostarczona", "nelze doručit",
	"не может быть доставлено",
	"не удалось доставить", "не было доставлено", "配信できません", "配信できませんでした", "送信できません",
	"届けることができません", "お届けできません", "エラーメッセージ", "无法投递", "无法送达", "未能送达", "退信", "無法傳送",
	"배달되지 않", "전송되지 않", "메일 발송에 실패", NULL};

/* What mail systems say happened; people who ask for help say it, too. */
static const char *const failures[] = {
	"could not be delivered", "couldn't be delivered", "cannot be delivered",
	"can't be delivered",
	"was not delivered", "wasn't delivered", "not been delivered", "not yet been delivered",
	"not delivered to", "undeliverable", "undelivered", "could not deliver",
	"failed to deliver",
	"delivery failure", "delivery error", "error delivering", "user unknown", "unknown user",
	"unknown recipient", "recipient unknown", "no such user", "no such mailbox",
	"no such recipient", "no mailbox here",
	"no valid recipients", "invalid recipient", "invalid user", "invalid address",
	"invalid mailbox", "does not exist",
	"doesn't exist", "address rejected", "recipient rejected", "not a valid",
	"mailbox is full",
	"mailbox full", "mailbox unavailable", "mailbox not found", "over quota",
	"quota exceeded",
	"exceeds quota", "exceeded quota", "size limit", "too large", "unknown host",
	"host unknown", "host not found",
	"name service error", "unrouteable", "unroutable", "connection timed out",
	"connection refused",
	"relaying denied", "relay access denied", "was rejected", "been rejected",
	"rejected by", "message refused",
	"was refused", "been blocked", "was blocked", "has been delayed", "retry timeout",
	"account is disabled",
	"has been disabled", "been suspended", "return your message", "bounced", "5.1.1", "5.2.2",
	"5.7.1", "empfänger unbekannt", "postfach ist voll", "boîte pleine",
	"utilisateur inconnu",
	"destinatario sconosciuto", "casella piena", "usuario desconocido", "buzón lleno",
	"mailbox vol",
	"nieznany użytkownik", "пользователь не найден", "ящик переполнен", "宛先不明", "一杯のため",
	"メールボックスが", "见つかりません", "不存在", "사용자가 없", NULL};

/* It may still arrive. */
static const char *const waiting[] = {
	"not yet been delivered", "has been delayed", "is delayed", "will be retried",
	"will continue",
	"still trying", "will keep trying", "delivery attempts will", "warning message only",
	"you do not need to resend", "do not need to resend", "no action is required",
	"could not be delivered yet",
	"not been delivered yet", "noch nicht zugestellt", "verzögert", "pas encore",
	"non ancora", "todavía no",
	"ainda não", "nog niet", "será reintentado", "пока не", NULL};

static const char *const read_by[] = {
	"was read on", "was displayed on", "has been displayed", "was read at",
	"this is a return receipt",
	"return receipt for the mail", "wurde gelesen", "wurde am", "a été lu", "a été affiché",
	"è stato letto", "è stato visualizzato", "fue leído", "se ha leído", "foi lida",
	"foi exibid",
	"is gelezen", "har lästs", "blev læst", "開封", "已阅读", NULL};

static bool
says(const char *plain, const char *const phrases[])
{
	bool found = false;

	for (size_t i = 0; !found && phrases[i] != NULL; i++)
		found = value_phrase(plain, phrases[i]) != NULL;
	return found;
}

struct words {
	const char *start, *text; /* the first sentences; the text */
};

/* Gives  the confidence; *why_r says of what */
static unsigned
weigh_reply(const struct words *w, const char **why_r)
{
	enum { ABSENT = 45, AUTOMATIC = 45, RECEIVED = 25, HANDOVER = 25 };
	bool away = says(w->start, absent), taken = says(w->start, received);
	unsigned confidence = away ? ABSENT : taken ? RECEIVED : 0;

	*why_r = away ? "it says that its sender is away" : "it says that a mail was received";
	if (away && says(w->text, handover))
		confidence += HANDOVER;
	if (says(w->text, automatic)) {
		confidence += AUTOMATIC;
		*why_r = "it says that it is automatic";
	}
	return confidence;
}

static unsigned
weigh_report(const struct words *w)
{
	enum { SYSTEM = 45, FAILURE = 35, BOTH = 60 };
	bool named = says(w->text, mail_system), failed = says(w->text, failures);

	return named && failed ? BOTH : named ? SYSTEM : failed ? FAILURE : 0;
}

static struct finding
look(const struct filter_in *in)
{
	enum { RECEIPT = 50 };
	const struct mail *m = in->mail;
	size_t own = value_own_octets(m);
	struct words w = {
		.start = value_plain(in->arena, m->text, own < START_OCTETS ? own : START_OCTETS),
		.text = value_plain(in->arena, m->text, own < TEXT_OCTETS ? own : TEXT_OCTETS)};
	struct finding f = {.verdict = VERDICT_HINT};
	unsigned reply = weigh_reply(&w, &f.why), report = 0;

	if (!value_is_answer(m->subject) || value_by_daemon(m))
		report = weigh_report(&w);
	f.class = CLASS_AUTO;
	f.confidence = reply;
	if (report > 0 && report >= reply) {
		f.class = says(w.text, waiting) ? CLASS_DELAY : CLASS_BOUNCE;
		f.confidence = report;
		f.why = "it speaks as a delivery report does";
	} else if (reply < RECEIPT && says(w.start, read_by)) {
		f.class = CLASS_MDN;
		f.confidence = RECEIPT;
		f.why = "it says that a mail was read";
	}
	return f.confidence > 0 ? f : (struct finding){.verdict = VERDICT_PASS};
}

const struct filter filter_wording = {"wording", look};
