/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol: requests out of a client's input, replies into its output. */
#ifndef RESP_REQUEST_H_INCLUDED
#define RESP_REQUEST_H_INCLUDED

#include "buffer.h"

enum {
	ARGS_MAX = 256,
};

struct client;

enum parsed {
	PARSED,
	/** More has to arrive first. */
	INCOMPLETE,
	/** An error reply was written, and the connection must end. */
	MALFORMED,
};

/**
 * The next request: its arguments, which stay in the input buffer. The client's `done` is
 * moved behind it. An empty line is a request without arguments.
 */
enum parsed
request_parse(struct client *c, struct slice args[ARGS_MAX], int *count);

/** A reply of one line. False without memory. */
__attribute__((format(printf, 2, 3))) bool
reply(struct client *c, const char *format, ...);

/** A reply of any bytes. False without memory. */
bool
reply_bulk(struct client *c, struct slice s);

#endif /* RESP_REQUEST_H_INCLUDED */
