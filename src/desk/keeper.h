/* src/desk/keeper.h - what is done about held mail as time goes by */
#ifndef KEEPER_H
#define KEEPER_H
#include "desk.h"

/* One look: let go what was held for held_keep_s and was told of, forget what became of others so
 * long ago, and promise the postmaster a summary when one is due.
 * Takes   now_s  UTC seconds
 * Fails   false: why says what the store had against it; the next look tries again
 * Cost    at most two transactions of some hundred entries each */
bool keeper_look(struct desk *d, int64_t now_s, struct why *why) MUST_USE;
#endif
