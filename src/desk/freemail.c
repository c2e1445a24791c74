/* src/desk/freemail.c - domains at which strangers share one name */
#include "freemail.h"
#include "own.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

/* Mailbox providers, access providers that gave addresses to their customers, forwarders and
 * throw-away mail. Sorted by octets, for bsearch. */
static const char *const domains[] = {
	"10minutemail.com", "126.com", "139.com", "163.com", "189.cn", "1und1.de", "abv.bg",
	"addy.io", "aim.com", "alice.it", "aliyun.com", "anonaddy.com", "aol.co.uk", "aol.com",
	"aol.de", "aol.fr", "aon.at", "arcor.de", "asia.com", "att.net", "azet.sk", "bbox.fr",
	"bell.net", "bellsouth.net", "bigpond.com", "bk.ru", "bluewin.ch", "blueyonder.co.uk",
	"bol.com.br", "bredband.net", "btinternet.com", "centrum.cz", "centrum.sk", "charter.net",
	"chello.at", "citromail.hu", "comcast.net", "cox.net", "daum.net", "dispostable.com",
	"disroot.org", "docomo.ne.jp", "duck.com", "earthlink.net", "email.com", "email.cz",
	"email.it", "europe.com", "ezweb.ne.jp", "fastmail.com", "fastmail.fm", "foxmail.com",
	"free.fr", "freemail.hu", "freenet.de", "frontier.com", "gazeta.pl", "globo.com",
	"gmail.com", "gmx.at", "gmx.ch", "gmx.co.uk", "gmx.com", "gmx.de", "gmx.es", "gmx.fr",
	"gmx.net", "googlemail.com", "guerrillamail.com", "hanmail.net", "hetnet.nl", "hey.com",
	"hispeed.ch", "home.nl", "hotmail.be", "hotmail.co.jp", "hotmail.co.uk", "hotmail.com",
	"hotmail.com.br", "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it", "hotmail.nl",
	"hushmail.com", "i.softbank.jp", "i.ua", "icloud.com", "ig.com.br", "iinet.net.au",
	"inbox.ru", "interia.pl", "internet.ru", "inwind.it", "iol.it", "juno.com", "kabelmail.de",
	"keemail.me", "kpnmail.nl", "laposte.net", "libero.it", "list.ru", "live.be", "live.ca",
	"live.cn", "live.co.uk", "live.com", "live.com.au", "live.com.mx", "live.de", "live.dk",
	"live.fr", "live.it", "live.jp", "live.nl", "live.no", "live.se", "mac.com", "mail.bg",
	"mail.com", "mail.ru", "mailbox.org", "mailinator.com", "me.com", "meta.ua", "mozmail.com",
	"msn.com", "myyahoo.com", "nate.com", "naver.com", "netzero.net", "neuf.fr", "nifty.com",
	"ntlworld.com", "numericable.fr", "o2.pl", "onet.pl", "online.de", "online.no", "op.pl",
	"optonline.net", "optusnet.com.au", "orange.fr", "outlook.com", "outlook.com.br",
	"outlook.de", "outlook.es", "outlook.fr", "outlook.it", "outlook.jp", "passport.com",
	"planet.nl", "pm.me", "poczta.fm", "post.com", "post.cz", "posteo.de", "posteo.net",
	"privaterelay.appleid.com", "proton.me", "protonmail.ch", "protonmail.com", "proximus.be",
	"qq.com", "rambler.ru", "rediffmail.com", "riseup.net", "rocketmail.com", "rogers.com",
	"runbox.com", "sapo.pt", "sbcglobal.net", "seznam.cz", "sfr.fr", "sharklasers.com",
	"shaw.ca", "simplelogin.com", "sina.cn", "sina.com", "sky.com", "skynet.be",
	"softbank.ne.jp", "sohu.com", "spray.se", "startmail.com", "sunrise.ch", "sympatico.ca",
	"t-online.de", "talktalk.net", "telefonica.net", "telenet.be", "telia.com", "telus.net",
	"temp-mail.org", "terra.com.br", "tim.it", "tin.it", "tiscali.it", "tom.com",
	"trashmail.com", "tuta.com", "tuta.io", "tutamail.com", "tutanota.com", "tutanota.de",
	"ukr.net", "uol.com.br", "usa.com", "verizon.net", "videotron.ca", "virgilio.it",
	"virginmedia.com", "vodafone.de", "walla.co.il", "walla.com", "wanadoo.fr", "web.de",
	"windowslive.com", "windstream.net", "wp.pl", "xs4all.nl", "xtra.co.nz", "ya.ru",
	"yahoo.ca", "yahoo.co.id", "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com",
	"yahoo.com.ar", "yahoo.com.au", "yahoo.com.br", "yahoo.com.hk", "yahoo.com.mx",
	"yahoo.com.ph", "yahoo.com.sg", "yahoo.com.tw", "yahoo.com.vn", "yahoo.de", "yahoo.es",
	"yahoo.fr", "yahoo.in", "yahoo.it", "yandex.com", "yandex.ru", "yeah.net", "ymail.com",
	"yopmail.com", "ziggo.nl", "zoho.com", "zohomail.com", "zohomail.eu", "zoznam.sk",
};

static int
compare(const void *key, const void *row)
{
	return strcmp(key, *(const char *const *)row);
}

bool
freemail_is(const char *domain, const struct set_list *more)
{
	bool found = false;

	for (const char *at = domain; !found && at != NULL; at = strchr(at, '.')) {
		at += *at == '.';
		found = bsearch(at, domains, N_ELEMENTS(domains), sizeof domains[0], compare) !=
		        NULL;
		for (size_t i = 0; !found && i < more->n; i++)
			found = text_same(at, more->texts[i]);
	}
	return found;
}
