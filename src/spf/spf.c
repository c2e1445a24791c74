/* src/spf/spf.c - may this client send mail for that domain (RFC 7208): question and answer */
#include "spf.h"

const char *
spf_result_name(enum spf_result result)
{
	static const char *const names[SPF_RESULT_COUNT] = {
		[SPF_NONE] = "none",           [SPF_NEUTRAL] = "neutral",
		[SPF_PASS] = "pass",           [SPF_FAIL] = "fail",
		[SPF_SOFTFAIL] = "softfail",   [SPF_TEMPERROR] = "temperror",
		[SPF_PERMERROR] = "permerror",
	};

	return names[result];
}

bool
spf_result_from(unsigned n, enum spf_result *result_r)
{
	if (n >= SPF_RESULT_COUNT)
		return false;
	*result_r = (enum spf_result)n;
	return true;
}
