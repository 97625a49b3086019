/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls on files and strings that take formats, and what is made of them (spec ltp.md
 * 14, 15). src/capi/ltp/scan.rs writes and judges.
 */
#define TST_NO_DEFAULT_MAIN
#include "tst_test.h"

#include "mem.h"
#include "tst_safe_stdio.h"

void cordage_ltp_cannot_read(const char *file, int lineno, int strict, const char *path);
int cordage_ltp_scanned(const char *file, int lineno, int strict, const char *path,
			int expected, int got);
int cordage_ltp_missing_breaks(void);
int cordage_ltp_write_file(const char *file, int lineno, int strict, const char *path,
			   const char *text);
int cordage_ltp_open(const char *file, int lineno, void (*cleanup_fn)(void),
		     const char *path, int oflags, mode_t mode);
void cordage_ltp_refuse_cleanup(const char *file, int lineno, void (*cleanup_fn)(void));

int safe_open(const char *file, const int lineno, void (*cleanup_fn)(void),
	      const char *path, int oflags, ...)
{
	mode_t mode = 0;

	/* O_TMPFILE contains the bit of O_DIRECTORY. */
	if ((oflags & O_CREAT) || (oflags & O_TMPFILE) == O_TMPFILE) {
		va_list va;

		va_start(va, oflags);
		mode = (mode_t)va_arg(va, unsigned int);
		va_end(va);
	}
	return cordage_ltp_open(file, lineno, cleanup_fn, path, oflags, mode);
}

/*
 * The format against the start of the file. Nothing is read but what the format needs:
 * the file may have no end, or be a pipe of the kernel's.
 */
static int scan_file(const char *file, int lineno, int strict, const char *path,
		     const char *fmt, va_list va)
{
	FILE *stream = fopen(path, "re");
	int got;

	if (!stream) {
		cordage_ltp_cannot_read(file, lineno, strict, path);
		return 1;
	}
	got = vfscanf(stream, fmt, va);
	fclose(stream);
	return cordage_ltp_scanned(file, lineno, strict, path,
				   tst_count_scanf_conversions(fmt), got);
}

void safe_file_scanf(const char *file, const int lineno, void (*cleanup_fn)(void),
		     const char *path, const char *fmt, ...)
{
	va_list va;

	cordage_ltp_refuse_cleanup(file, lineno, cleanup_fn);
	va_start(va, fmt);
	scan_file(file, lineno, 1, path, fmt, va);
	va_end(va);
}

int file_scanf(const char *file, const int lineno, const char *path, const char *fmt, ...)
{
	va_list va;
	int ret;

	va_start(va, fmt);
	ret = scan_file(file, lineno, 0, path, fmt, va);
	va_end(va);
	return ret;
}

/* The format against each line, of which the newline is part; the first that has it all. */
static int scan_lines(const char *file, int lineno, int strict, const char *path,
		      const char *fmt, va_list va)
{
	int wanted = tst_count_scanf_conversions(fmt);
	FILE *stream = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	int got = 0;

	if (!stream) {
		if (strict || cordage_ltp_missing_breaks())
			cordage_ltp_cannot_read(file, lineno, 1, path);
		return 1;
	}
	while (got != wanted && getline(&line, &size, stream) > 0) {
		va_list again;

		va_copy(again, va);
		got = vsscanf(line, fmt, again);
		va_end(again);
	}
	free(line);
	fclose(stream);
	if (got != wanted && strict)
		tst_brk_(file, lineno, TBROK, "Expected %i conversions got %i FILE '%s'",
			 wanted, got, path);
	return got != wanted;
}

int file_lines_scanf(const char *file, const int lineno, void (*cleanup_fn)(void),
		     int strict, const char *path, const char *fmt, ...)
{
	va_list va;
	int ret;

	cordage_ltp_refuse_cleanup(file, lineno, cleanup_fn);
	va_start(va, fmt);
	ret = scan_lines(file, lineno, strict, path, fmt, va);
	va_end(va);
	return ret;
}

/*
 * What TST_ASSERT_* compare: the first conversion at the start of the file, or behind the
 * prefix in one of its lines.
 */
static int scan_value(const char *file, int lineno, const char *path, const char *prefix,
		      const char *conversion, ...)
{
	char fmt[PATH_MAX];
	va_list va;
	int ret;

	snprintf(fmt, sizeof(fmt), "%s%s", prefix ? prefix : "", conversion);
	va_start(va, conversion);
	ret = prefix ? scan_lines(file, lineno, 1, path, fmt, va)
		     : scan_file(file, lineno, 1, path, fmt, va);
	va_end(va);
	return ret;
}

void tst_assert_number_(const char *file, const int lineno, const char *path,
			const char *prefix, long long val)
{
	const char *blank = prefix ? " " : "";
	long long found;

	if (scan_value(file, lineno, path, prefix, "%lld", &found))
		return;
	if (!prefix)
		prefix = "";
	if (found == val)
		tst_res_(file, lineno, TPASS, "%s%s%s = %lld", path, blank, prefix, val);
	else
		tst_res_(file, lineno, TFAIL, "%s%s%s != %lld got %lld", path, blank,
			 prefix, val, found);
}

void tst_assert_ulong(const char *file, const int lineno, const char *path,
		      unsigned long val)
{
	unsigned long found;

	if (scan_value(file, lineno, path, NULL, "%lu", &found))
		return;
	if (found == val)
		tst_res_(file, lineno, TPASS, "%s = %lu", path, val);
	else
		tst_res_(file, lineno, TFAIL, "%s != %lu got %lu", path, val, found);
}

void tst_assert_text_(const char *file, const int lineno, const char *path,
		      const char *prefix, const char *val)
{
	const char *blank = prefix ? " " : "";
	char found[1025];

	if (scan_value(file, lineno, path, prefix, "%1024s", found))
		return;
	if (!prefix)
		prefix = "";
	if (!strcmp(found, val))
		tst_res_(file, lineno, TPASS, "%s%s%s = '%s'", path, blank, prefix, val);
	else
		tst_res_(file, lineno, TFAIL, "%s%s%s != '%s' got '%s'", path, blank,
			 prefix, val, found);
}

static int print_file(const char *file, int lineno, int strict, const char *path,
		      const char *fmt, va_list va)
{
	char *text;
	int ret;

	if (vasprintf(&text, fmt, va) < 0) {
		tst_brk_(file, lineno, TBROK | TERRNO, "Failed to print to FILE '%s'", path);
		return 1;
	}
	ret = cordage_ltp_write_file(file, lineno, strict, path, text);
	free(text);
	return ret;
}

void safe_file_printf(const char *file, const int lineno, void (*cleanup_fn)(void),
		      const char *path, const char *fmt, ...)
{
	va_list va;

	cordage_ltp_refuse_cleanup(file, lineno, cleanup_fn);
	va_start(va, fmt);
	print_file(file, lineno, 1, path, fmt, va);
	va_end(va);
}

void safe_try_file_printf(const char *file, const int lineno, void (*cleanup_fn)(void),
			  const char *path, const char *fmt, ...)
{
	va_list va;

	cordage_ltp_refuse_cleanup(file, lineno, cleanup_fn);
	if (access(path, F_OK))
		return;
	va_start(va, fmt);
	print_file(file, lineno, 1, path, fmt, va);
	va_end(va);
}

int file_printf(const char *file, const int lineno, const char *path, const char *fmt, ...)
{
	va_list va;
	int ret;

	va_start(va, fmt);
	ret = print_file(file, lineno, 0, path, fmt, va);
	va_end(va);
	return ret;
}

void safe_file_read_str(const char *file, const int lineno, const char *path, char *buf,
			size_t buf_size)
{
	FILE *stream = fopen(path, "re");

	if (buf_size > 0)
		buf[0] = '\0';
	if (!stream) {
		cordage_ltp_cannot_read(file, lineno, 1, path);
		return;
	}
	if (buf_size > 0 && fgets(buf, (int)MIN(buf_size, (size_t)INT_MAX), stream))
		buf[strcspn(buf, "\n")] = '\0';
	fclose(stream);
}

long tst_sys_conf_long_get_(const char *file, const int lineno, const char *path)
{
	long value = -1;

	safe_file_scanf(file, lineno, NULL, path, "%ld", &value);
	return value;
}

void tst_sys_conf_long_set_(const char *file, const int lineno, const char *path, long val,
			    int check)
{
	long found;

	tst_res_(file, lineno, TINFO, "Setting %s to %ld", path, val);
	safe_file_printf(file, lineno, NULL, path, "%ld", val);
	if (!check)
		return;
	found = tst_sys_conf_long_get_(file, lineno, path);
	if (found != val)
		tst_brk_(file, lineno, TBROK, "Wrote %ld to %s but read back %ld", val, path,
			 found);
}

long get_sys_tune(char *sys_file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), PATH_SYSVM "%s", sys_file);
	return tst_sys_conf_long_get_(__FILE__, __LINE__, path);
}

void set_sys_tune(char *sys_file, long tune, int check)
{
	char path[PATH_MAX];
	long found;

	tst_res_(__FILE__, __LINE__, TINFO, "set %s to %ld", sys_file, tune);
	snprintf(path, sizeof(path), PATH_SYSVM "%s", sys_file);
	safe_file_printf(__FILE__, __LINE__, NULL, path, "%ld", tune);
	if (!check)
		return;
	found = get_sys_tune(sys_file);
	if (found != tune)
		tst_brk_(__FILE__, __LINE__, TBROK, "%s = %ld, but expect %ld", sys_file,
			 found, tune);
}

int safe_sscanf(const char *file, const int lineno, const char *buffer,
		const char *format, ...)
{
	int wanted = tst_count_scanf_conversions(format);
	va_list va;
	int got;

	va_start(va, format);
	got = vsscanf(buffer, format, va);
	va_end(va);
	if (got == EOF)
		tst_brk_(file, lineno, TBROK, "The string '%s' ended prematurely", buffer);
	else if (got != wanted)
		tst_brk_(file, lineno, TBROK, "Expected %i conversions got %i in '%s'",
			 wanted, got, buffer);
	return got;
}

int safe_asprintf(const char *file, const int lineno, char **strp, const char *fmt, ...)
{
	va_list va;
	int ret;

	va_start(va, fmt);
	ret = vasprintf(strp, fmt, va);
	va_end(va);
	if (ret < 0)
		tst_brk_(file, lineno, TBROK | TERRNO, "asprintf(%s,...) failed", fmt);
	return ret;
}

/* A guarded buffer of exactly the text's length. */
static char *guarded(const char *prefix, const char *fmt, va_list va)
{
	size_t before = strlen(prefix);
	va_list again;
	char *text;
	int len;

	va_copy(again, va);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0) {
		tst_brk_(__FILE__, __LINE__, TBROK | TERRNO, "vsnprintf(%s) failed", fmt);
		return NULL;
	}
	text = (char *)tst_alloc(before + (size_t)len + 1);
	if (!text)
		return NULL;
	memcpy(text, prefix, before);
	vsnprintf(text + before, (size_t)len + 1, fmt, va);
	return text;
}

char *tst_aprintf(const char *fmt, ...)
{
	va_list va;
	char *text;

	va_start(va, fmt);
	text = guarded("", fmt, va);
	va_end(va);
	return text;
}

char *tst_tmpdir_genpath(const char *fmt, ...)
{
	const char *dir = tst_tmpdir_path();
	char prefix[PATH_MAX];
	va_list va;
	char *text;

	if (!dir)
		return NULL;
	snprintf(prefix, sizeof(prefix), "%s/", dir);
	va_start(va, fmt);
	text = guarded(prefix, fmt, va);
	va_end(va);
	return text;
}
