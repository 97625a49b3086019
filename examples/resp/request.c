/* SPDX-License-Identifier: BSD-2-Clause */
#include "request.h"

#include "client.h"

#include <ctype.h>

enum {
	LINE_MAX_SIZE = 64 * 1024,
	BULK_MAX_SIZE = 64 * 1024 * 1024,
};

bool
reply(struct client *c, const char *format, ...)
{
	char line[512];
	va_list ap;
	va_start(ap, format);
	int size = vsnprintf(line, sizeof(line) - 2, format, ap);
	va_end(ap);
	if (size > (int)sizeof(line) - 3)
		size = sizeof(line) - 3;
	memcpy(line + size, "\r\n", 2);
	return buffer_append(&c->out, line, size + 2);
}

bool
reply_bulk(struct client *c, struct slice s)
{
	return reply(c, "$%zu", s.size) && buffer_append(&c->out, s.data, s.size) &&
	       buffer_append(&c->out, "\r\n", 2);
}

/** The line at *at, without its end. A bare newline ends it as well. */
static enum parsed
parse_line(struct client *c, size_t *at, struct slice *line)
{
	const char *start = c->in.data + *at;
	size_t left = c->in.used - *at;
	const char *newline = left > 0 ? memchr(start, '\n', left) : NULL;
	if (newline == NULL) {
		if (left < LINE_MAX_SIZE)
			return INCOMPLETE;
		reply(c, "-ERR Protocol error: too big inline request");
		return MALFORMED;
	}
	*at += newline - start + 1;
	line->data = start;
	line->size = newline - start;
	if (line->size > 0 && start[line->size - 1] == '\r')
		line->size--;
	return PARSED;
}

/** "<type><number>" */
static enum parsed
parse_length(struct client *c, size_t *at, char type, int64_t max, int64_t *value)
{
	struct slice line;
	enum parsed result = parse_line(c, at, &line);
	if (result != PARSED)
		return result;
	if (line.size == 0 || line.data[0] != type) {
		char got = line.size > 0 && isprint((unsigned char)line.data[0]) ?
			   line.data[0] : '?';
		reply(c, "-ERR Protocol error: expected '%c', got '%c'", type, got);
		return MALFORMED;
	}
	struct slice number = { line.data + 1, line.size - 1 };
	if (!slice_number(number, value) || *value > max || *value < 0) {
		reply(c, "-ERR Protocol error: invalid %s length",
		      type == '*' ? "multibulk" : "bulk");
		return MALFORMED;
	}
	return PARSED;
}

/** Words on a line. */
static enum parsed
parse_inline(struct client *c, size_t *at, struct slice *args, int *count)
{
	struct slice line;
	enum parsed result = parse_line(c, at, &line);
	for (size_t i = 0; result == PARSED && i < line.size && *count < ARGS_MAX;) {
		size_t start = i;
		while (i < line.size && line.data[i] != ' ')
			i++;
		if (i > start)
			args[(*count)++] = (struct slice){ line.data + start, i - start };
		i++;
	}
	return result;
}

/** An array of bulk strings. */
static enum parsed
parse_array(struct client *c, size_t *at, struct slice *args, int *count)
{
	int64_t n;
	enum parsed result = parse_length(c, at, '*', ARGS_MAX, &n);
	while (result == PARSED && *count < n) {
		int64_t bulk;
		result = parse_length(c, at, '$', BULK_MAX_SIZE, &bulk);
		if (result != PARSED)
			break;
		if (c->in.used - *at < (size_t)bulk + 2)
			return INCOMPLETE;
		args[(*count)++] = (struct slice){ c->in.data + *at, bulk };
		if (memcmp(c->in.data + *at + bulk, "\r\n", 2) != 0) {
			reply(c, "-ERR Protocol error: bulk string without its end");
			return MALFORMED;
		}
		*at += bulk + 2;
	}
	return result;
}

enum parsed
request_parse(struct client *c, struct slice args[ARGS_MAX], int *count)
{
	size_t at = c->done;
	*count = 0;
	if (c->in.used == at)
		return INCOMPLETE;
	enum parsed result = c->in.data[at] == '*' ? parse_array(c, &at, args, count) :
						     parse_inline(c, &at, args, count);
	if (result == PARSED)
		c->done = at;
	return result;
}
