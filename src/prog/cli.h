/* src/prog/cli.h - what the commands of postern(1) have in common */
#ifndef CLI_H
#define CLI_H
#include "buf.h"
#include "json.h"
#include "why.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct settings;

struct cli {
	struct arena *arena;
	const char *conf_path; /* NULL: built-in defaults */
	const char *const *overrides;
	size_t n_overrides;
	const char *socket; /* -s, or NULL: that of the settings */
	bool json;
	int argc; /* what is left, from the command's name on */
	char **argv;
	struct settings *settings; /* read when first needed */
	bool handed_over;          /* deliver: the daemon answered for every recipient */
};

/* A request that is being asked: each frame of the answer goes to read, which prints or keeps it.
 */
typedef void cli_reader(void *self, const struct json *answer);

/* Ask the daemon.
 * Takes   request  takes; octets  borrows, may be NULL
 *         read     called for each frame that is not an error
 * Gives   EX_OK, or the status to exit with: the words are on standard error already */
int cli_ask(struct cli *c, struct json *request, const struct buf *octets, cli_reader *read,
            void *self);

/* A request for a command of the console. Gives  new, for cli_ask */
struct json *cli_request(const char *command);

/* Ask and print the answer, one frame, as one JSON value. */
int cli_ask_json(struct cli *c, struct json *request, const struct buf *octets);

/* A JSON array printed as its elements come, however many there are. */
struct cli_array {
	const char *name; /* of the array in each frame, for cli_ask_array */
	bool any;
};

/* Print one element of the array, and what must stand before it. */
void cli_array_add(struct cli_array *array, const struct json *element);

/* End the array, begun or not. */
void cli_array_end(struct cli_array *array);

/* Ask and print the elements of the arrays called name in all frames as one JSON array. */
int cli_ask_array(struct cli *c, struct json *request, const char *name);

/* The settings, read from the file once; NULL after words on standard error. */
const struct settings *cli_settings(struct cli *c);

/* Say "postern: …" on standard error. Gives  status, for return */
int cli_fail(int status, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The option's value where argv[*i] is NAME VALUE or NAME=VALUE; *i moves. NULL: it is another
 * word. */
const char *cli_option(struct cli *c, int *i, const char *name);

/* Read a whole file, "-" for standard input, at most max_octets.
 * Gives   false after words on standard error */
bool cli_read(const char *path, size_t max_octets, struct buf *out);

/* Write octets to standard output. Gives  EX_OK or EX_IOERR */
int cli_write(const struct buf *b);

/* The frames of {"base64": …} as octets on standard output: a cli_reader; self is a struct buf. */
void cli_take_base64(void *self, const struct json *answer);
#endif
