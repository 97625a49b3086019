/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PING [text], ECHO text, SET key value, GET key, DEL key..., INCR key, INFO, CONFIG GET
 * parameter, QUIT.
 */
#ifndef RESP_COMMAND_H_INCLUDED
#define RESP_COMMAND_H_INCLUDED

#include "buffer.h"

struct client;

/** Run a command and write its reply. False when the connection must end: the client said
 * QUIT, or there is no memory. */
bool
command_execute(struct client *c, struct slice *args, int count);

#endif /* RESP_COMMAND_H_INCLUDED */
