/* SPDX-License-Identifier: BSD-2-Clause */
#include "buffer.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
buffer_reserve(struct buffer *b, size_t more)
{
	if (b->size - b->used >= more)
		return true;
	size_t size = b->size * 2 > b->used + more ? b->size * 2 : b->used + more;
	char *data = realloc(b->data, size);
	if (data == NULL)
		return false;
	b->data = data;
	b->size = size;
	return true;
}

bool
buffer_append(struct buffer *b, const void *data, size_t size)
{
	if (!buffer_reserve(b, size))
		return false;
	memcpy(b->data + b->used, data, size);
	b->used += size;
	return true;
}

bool
slice_number(struct slice s, int64_t *value)
{
	char text[32], *end;
	if (s.size == 0 || s.size >= sizeof(text) || isspace((unsigned char)s.data[0]))
		return false;
	memcpy(text, s.data, s.size);
	text[s.size] = '\0';
	errno = 0;
	*value = strtoll(text, &end, 10);
	return errno == 0 && end == text + s.size;
}

bool
slice_is(struct slice s, const char *word)
{
	return strlen(word) == s.size && strncasecmp(word, s.data, s.size) == 0;
}
