/* src/desk/console.h - what `postern` asks over the control socket: one table of commands */
#ifndef CONSOLE_H
#define CONSOLE_H
#include "desk.h"
#include "serve.h"

/* Answer one request of an operator (a serve_handler).
 * Takes   self  a struct desk; who may connect is the socket's mode and group */
void console_serve(void *self, int fd, const struct serve_peer *peer);
#endif
