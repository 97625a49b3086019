/* SPDX-License-Identifier: BSD-2-Clause */
/* Of trivia/util.h, what is thread-local data of C or variadic. */

#include "trivia/util.h"

#include <sys/resource.h>

__thread char tt_static_buf_storage[TT_STATIC_BUF_COUNT][TT_STATIC_BUF_LEN + 1];
/* The first to be handed out is number 0. */
__thread int tt_static_buf_i = TT_STATIC_BUF_COUNT - 1;

void
close_all_xcpt(int fdc, ...)
{
	struct rlimit limit;
	int end = 10000;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t)INT32_MAX)
		end = (int)limit.rlim_cur;
	for (int fd = STDERR_FILENO + 1; fd < end; fd++) {
		bool keep = false;
		va_list kept;
		va_start(kept, fdc);
		for (int i = 0; i < fdc && !keep; i++)
			keep = va_arg(kept, int) == fd;
		va_end(kept);
		if (!keep)
			close(fd);
	}
}

/* False if not all of it could be written. */
static bool
write_piece(int fd, const char *text, size_t length, ssize_t *total)
{
	ssize_t written = write(fd, text, length);
	if (written > 0)
		*total += written;
	return written == (ssize_t)length;
}

/* The digits of `value`, at the end of the buffer. */
static char *
format_int(int value, char *end)
{
	unsigned magnitude = value < 0 ? -(unsigned)value : (unsigned)value;
	do {
		*--end = '0' + magnitude % 10;
		magnitude /= 10;
	} while (magnitude > 0);
	if (value < 0)
		*--end = '-';
	return end;
}

ssize_t
fdprintf(int fd, const char *format, ...)
{
	ssize_t total = 0;
	bool ok = true;
	va_list ap;
	va_start(ap, format);
	while (ok && *format != '\0') {
		size_t length = strcspn(format, "%");
		if (length > 0) {
			ok = write_piece(fd, format, length, &total);
			format += length;
			continue;
		}
		char digits[12];
		const char *piece;
		switch (format[1]) {
		case 's':
			piece = va_arg(ap, const char *);
			if (piece == NULL)
				piece = "(null)";
			length = strlen(piece);
			break;
		case 'd':
		case 'u':
			piece = format_int(va_arg(ap, int), digits + sizeof(digits));
			length = digits + sizeof(digits) - piece;
			break;
		case '%':
			piece = "%";
			length = 1;
			break;
		default:
			piece = format;
			length = strnlen(format, 2);
			break;
		}
		if (length > 0)
			ok = write_piece(fd, piece, length, &total);
		format += strnlen(format, 2);
	}
	va_end(ap);
	return total;
}
