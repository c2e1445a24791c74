/* t/unit/number_t.c */
#include "buf.h"
#include "number.h"
#include "tap.h"

static void
test_unsigned(void)
{
	static const char *const garbage[] = {"", "-1", "+1", " 1", "1 ", "0x10", "1.5", "one"};
	uint64_t n = 7;

	OK(number_unsigned("0", &n) == NUMBER_OK && n == 0, "0");
	OK(number_unsigned("18446744073709551615", &n) == NUMBER_OK && n == UINT64_MAX, "most");
	n = 7;
	IS_INT(number_unsigned("18446744073709551616", &n), NUMBER_TOO_BIG, "one more");
	IS_INT(number_unsigned("99999999999999999999999", &n), NUMBER_TOO_BIG, "far more");
	for (size_t i = 0; i < N_ELEMENTS(garbage); i++)
		IS_INT(number_unsigned(garbage[i], &n), NUMBER_GARBAGE, garbage[i]);
	IS_INT(n, 7, "a failure writes nothing");
}

static void
test_durations(void)
{
	static const struct {
		const char *text;
		int64_t s;
		const char *printed;
	} rows[] = {{"300s", 300, "5m"}, {"14d", 1209600, "2w"}, {"1h", 3600, "1h"},
	            {"90m", 5400, "90m"}, {"45", 45, "45s"}, {"0", 0, "0s"}, {"2W", 1209600, "2w"},
	            {"86399", 86399, "86399s"}, {"9223372036854775807", INT64_MAX,
	            "9223372036854775807s"}};
	static const char *const garbage[] = {"", "s", "5y", "5 s", "-5s", "5ss", "1h30m", "s5"};
	static const char *const too_big[] = {"9223372036854775808", "18446744073709551616s",
	                                      "18446744073709551615w", "15250284452472w"};

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		AUTO(buf) struct buf b = {0};
		int64_t s = -1, back = -1;

		IS_INT(number_duration(rows[i].text, &s), NUMBER_OK, rows[i].text);
		IS_INT(s, rows[i].s, rows[i].text);
		number_put_duration(&b, s);
		IS_STR(b.octets, rows[i].printed, "printed");
		OK(number_duration(b.octets, &back) == NUMBER_OK && back == s, "and read back");
	}
	int64_t s = 7;
	for (size_t i = 0; i < N_ELEMENTS(garbage); i++)
		IS_INT(number_duration(garbage[i], &s), NUMBER_GARBAGE, garbage[i]);
	for (size_t i = 0; i < N_ELEMENTS(too_big); i++)
		IS_INT(number_duration(too_big[i], &s), NUMBER_TOO_BIG, too_big[i]);
	IS_INT(s, 7, "a failure writes nothing");
}

static void
test_sizes(void)
{
	static const struct {
		const char *text;
		uint64_t octets;
		const char *printed;
	} rows[] = {{"25M", 26214400, "25M"}, {"64K", 65536, "64K"}, {"1G", 1073741824, "1G"},
	            {"2048", 2048, "2K"}, {"1000", 1000, "1000"}, {"0", 0, "0"},
	            {"1024k", 1048576, "1M"}, {"1t", 1099511627776, "1T"},
	            {"16777215T", 18446742974197923840U, "16777215T"}};
	static const char *const garbage[] = {"", "K", "5X", "5KB", "5 K", "-5", "s", "5s"};
	uint64_t octets = 7;

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		AUTO(buf) struct buf b = {0};

		IS_INT(number_size(rows[i].text, &octets), NUMBER_OK, rows[i].text);
		OK(octets == rows[i].octets, rows[i].text);
		number_put_size(&b, octets);
		IS_STR(b.octets, rows[i].printed, "printed");
	}
	for (size_t i = 0; i < N_ELEMENTS(garbage); i++)
		IS_INT(number_size(garbage[i], &octets), NUMBER_GARBAGE, garbage[i]);
	IS_INT(number_size("16777216T", &octets), NUMBER_TOO_BIG, "2 to the 64");
}

static void
test_others(void)
{
	AUTO(buf) struct buf b = {0};
	bool yes = false;
	unsigned mode = 7;

	OK(number_yesno("yes", &yes) == NUMBER_OK && yes, "yes");
	OK(number_yesno("Off", &yes) == NUMBER_OK && !yes, "Off");
	OK(number_yesno("TRUE", &yes) == NUMBER_OK && yes, "TRUE");
	IS_INT(number_yesno("maybe", &yes), NUMBER_GARBAGE, "maybe");
	IS_INT(number_yesno("", &yes), NUMBER_GARBAGE, "neither yes nor no");
	OK(number_mode("0660", &mode) == NUMBER_OK && mode == 0660, "0660");
	OK(number_mode("7", &mode) == NUMBER_OK && mode == 7, "7");
	IS_INT(number_mode("0680", &mode), NUMBER_GARBAGE, "0680 is not octal");
	IS_INT(number_mode("rw", &mode), NUMBER_GARBAGE, "rw");
	IS_INT(number_mode("1777", &mode), NUMBER_TOO_BIG, "more than permissions");
	IS_INT(number_mode("00660", &mode), NUMBER_TOO_BIG, "five digits");
	number_put_mode(&b, 0660);
	IS_STR(b.octets, "0660", "printed");
}

int
main(void)
{
	test_unsigned();
	test_durations();
	test_sizes();
	test_others();
	return tap_done();
}
