/* SPDX-License-Identifier: BSD-2-Clause */
/* trivia/util.h, from C (spec diag.md 12, small.md 13.2). */
#include "trivia/util.h"
#include "unit.h"
#include "child.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <wchar.h>

/* {{{ Macros */

#define COLOUR(_) _(RED, 0) _(GREEN, 2) _(BLUE, 3)
ENUM(colour, COLOUR);
STRS(colour, COLOUR);

#define FRUIT(_) _(APPLE, "sweet") _(LEMON, "sour")
ENUM0(fruit, FRUIT);

struct pair {
	char first;
	long second;
};

static_assert(sizeof(struct pair) == 16, "static_assert");

struct PACKED packed_pair {
	char first;
	long second;
};

alignas(64) static char aligned;

static const char *
fall_through(int n)
{
	switch (n) {
	case 0:
		n++;
		FALLTHROUGH;
	case 1:
		return "fell";
	default:
		return "no";
	}
}

static int
chain(char *buf, int size, const char *a, int b, int error)
{
	int total = 0;
	SNPRINT(total, snprintf, buf, size, "%s-", a);
	SNPRINT(total, snprintf, buf, size, "%d", b);
	if (error)
		SNPRINT(total, snprintf, buf, size, "%lc", (wint_t)0x110000);
	SNPRINT(total, snprintf, buf, size, "!");
	return total;
}

static void
test_macros(void)
{
	header();
	plan(27);
	ok(GREEN == 2 && colour_MAX == 4, "ENUM");
	ok(APPLE == 0 && LEMON == 1 && fruit_MAX == 2, "ENUM0");
	ok(strcmp(colour_strs[BLUE], "BLUE") == 0 && colour_strs[1] == NULL &&
	   colour_strs[colour_MAX] == NULL, "STRS");
	/* The lookup ends at a gap, so only what comes before one can be found. */
	is(STR2ENUM(colour, "red"), RED, "STR2ENUM");
	is(STR2ENUM(colour, "black"), colour_MAX, "no such name");
	is(STRN2ENUM(colour, "redundant", 3), RED, "STRN2ENUM");
	is(STRN2ENUM(colour, "re", 2), colour_MAX, "not a part of a name");

	ok(MAX(1, 2) == 2 && MIN(1, 2) == 1, "MAX, MIN");
	int a = 1, b = 2;
	SWAP(a, b);
	ok(a == 2 && b == 1, "SWAP");
	ok(DIV_ROUND_UP(10, 5) == 2 && DIV_ROUND_UP(11, 5) == 3, "DIV_ROUND_UP");
	int array[7];
	ok(nelem(array) == 7 && lengthof(array) == 7, "nelem, lengthof");
	is(field_sizeof(struct pair, second), sizeof(long), "field_sizeof");
	struct pair pair = { 'x', 1 };
	is(container_of(&pair.second, struct pair, second), &pair, "container_of");
	is(sizeof(struct packed_pair), 9, "PACKED");
	ok((uintptr_t)&aligned % 64 == 0 && alignof(long) == 8, "alignas, alignof");
	ok(likely(5) == 1 && unlikely(0) == 0, "likely, unlikely");
	prefetch(&pair);
	prefetch(&pair, 1, 3);
	is(strcmp(fall_through(0), "fell"), 0, "FALLTHROUGH");
	TRASH(&pair);
#ifndef NDEBUG
	ok(pair.first == '#' && pair.second == 0x2323232323232323, "TRASH");
#else
	ok(pair.first == 'x' && pair.second == 1, "TRASH");
#endif

	char buf[16];
	is(chain(buf, sizeof(buf), "abc", 12, 0), 7, "SNPRINT");
	is(strcmp(buf, "abc-12!"), 0, "its text");
	is(chain(buf, 7, "abc", 12, 0), 7, "it does not fit");
	is(strcmp(buf, "abc-12"), 0, "what fits");
	is(chain(buf, 4, "abc", 12, 0), 7, "less fits");
	is(strcmp(buf, "abc"), 0, "and the rest is only counted");
	is(chain(NULL, 0, "abc", 12, 0), 7, "nothing fits");
	is(chain(buf, sizeof(buf), "abc", 12, 1), -1, "an error");

	char *p = xrealloc(xcalloc(3, 5), 100);
	char *s = xstrdup("text"), *n = xstrndup("text", 2);
	ok(p[14] == 0 && strcmp(s, "text") == 0 && strcmp(n, "te") == 0, "checked allocation");
	free(p);
	free(s);
	free(n);
	check_plan();
	footer();
}

static void
allocate_too_much(void *kind)
{
	static volatile size_t much = SIZE_MAX / 2;
	void *p = NULL;
	switch (*(int *)kind) {
	case 0:
		p = xmalloc(much);
		break;
	case 1:
		p = xcalloc(much, 1);
		break;
	case 2:
		p = xrealloc(p, much);
		break;
	}
	printf("%p", p);
}

static void
test_out_of_memory(void)
{
	header();
	plan(3);
	for (int kind = 0; kind < 3; kind++) {
		static struct child_result result;
		child_run(allocate_too_much, &kind, &result);
		static const char text[] = "Can't allocate 9223372036854775807 bytes at ";
		ok(child_exited_with(&result, 1) && strncmp(result.err, text,
		   strlen(text)) == 0 && strchr(result.err, '\n') == NULL,
		   "%s", ((const char *[]){ "malloc", "calloc", "realloc" })[kind]);
	}
	check_plan();
	footer();
}

/* }}} */

/* {{{ Text */

static void *
first_buffer(void *arg)
{
	*(char **)arg = tt_static_buf();
	return arg;
}

static void
test_static_buf(void)
{
	header();
	plan(9);
	is(sizeof(tt_static_buf_storage), 4 * 1025, "size");
	is(tt_static_buf_i, 3, "the index at first");
	is(tt_static_buf(), tt_static_buf_storage[0], "the first buffer");
	char *bufs[5];
	for (int i = 0; i < 5; i++)
		bufs[i] = tt_static_buf();
	ok(bufs[0] != bufs[1] && bufs[4] == bufs[0], "four in a ring");
	char *other;
	pthread_t thread;
	fail_unless(pthread_create(&thread, NULL, first_buffer, &other) == 0);
	pthread_join(thread, NULL);
	ok(other < tt_static_buf_storage[0] || other > tt_static_buf_storage[3],
	   "another thread has its own");

	is(strcmp(tt_cstr("abcdef", 3), "abc"), 0, "tt_cstr");
	char text[2000];
	memset(text, 'x', sizeof(text));
	is(strlen(tt_cstr(text, sizeof(text))), 1023, "is cut");
	is(strcmp(tt_sprintf("%d %s", 5, "five"), "5 five"), 0, "tt_sprintf");
	is(strlen(tt_sprintf("%2000d", 1)), 1023, "is cut");
	check_plan();
	footer();
}

static void
check_escape(const char *text, const char *expected)
{
	char buf[64];
	int length = json_escape(buf, sizeof(buf), text);
	ok(strcmp(buf, expected) == 0 && length == (int)strlen(expected), "[%s]", expected);
}

static int
printable(const char *text)
{
	return utf8_check_printable(text, strlen(text));
}

static void
test_text(void)
{
	header();
	plan(47);
	static const char *words[] = { "Zero", "one", "TWO", NULL, "four" };
	is(strindex(words, "zero", 5), 0, "strindex");
	is(strindex(words, "two", 5), 2, "any case");
	is(strindex(words, "two", 2), 2, "up to the maximum");
	is(strindex(words, "four", 5), 5, "up to a NULL");
	is(strindex(words, "", 5), 5, "nothing");
	is(strnindex(words, "one more", 3, 5), 1, "strnindex");
	is(strnindex(words, "on", 2, 5), 5, "a part");
	is(strnindex(words, "one", 0, 5), 5, "of no length");
	is(strnindex(words, "ones", 4, 5), 5, "too long");

	is(strcmp(int2str(0), "0"), 0, "0");
	is(strcmp(int2str(-1), "-1"), 0, "-1");
	is(strcmp(int2str(INT64_MIN), "-9223372036854775808"), 0, "the least");
	is(strcmp(int2str(INT64_MAX), "9223372036854775807"), 0, "the greatest");

	check_escape("", "");
	check_escape("plain", "plain");
	check_escape("\"\\/", "\\\"\\\\\\/");
	check_escape("\b\t\n\f\r", "\\b\\t\\n\\f\\r");
	check_escape("\x01\x1f\x7f", "\\u0001\\u001f\\u007f");
	check_escape("\xd0\xaf\xff", "\xd0\xaf\xff");
	char small[4];
	is(json_escape(small, sizeof(small), "abcd"), 4, "one byte too long");
	is(strcmp(small, "abc"), 0, "is cut");
	is(json_escape(NULL, 0, "a\n"), 3, "no room");

	ok(printable(""), "nothing");
	ok(printable("ascii \x01\x7f"), "ASCII");
	ok(printable("\xc2\xa0"), "U+00A0");
	ok(!printable("\xc2\x80"), "U+0080");
	ok(!printable("\xc2\x9f"), "U+009F");
	ok(printable("\xd0\xaf"), "two bytes");
	ok(printable("\xe2\x82\xac"), "three bytes");
	ok(printable("\xef\xbf\xbd"), "U+FFFD");
	ok(!printable("\xef\xbb\xbf"), "U+FEFF");
	ok(!printable("\xef\xbf\xbe"), "U+FFFE");
	ok(!printable("\xef\xbf\xbf"), "U+FFFF");
	ok(!printable("\xed\xa0\x80"), "a surrogate");
	ok(!printable("\xf0\x9f\x98\x80"), "four bytes");
	ok(!printable("\xd0"), "cut");
	ok(!printable("\xaf"), "no beginning");
	ok(!printable("\xc0\xaf"), "longer than need be");
	ok(!utf8_check_printable("a\xd0\xaf", 2), "of this length");
	ok(utf8_check_printable("a\0b", 3), "a zero is ASCII");

	char number[FPCONV_G_FMT_BUFSIZE];
	fpconv_g_fmt(number, 1.0 / 3, 3);
	is(strcmp(number, "0.333"), 0, "%s", number);
	fpconv_g_fmt(number, 1.0 / 3, 0);
	is(strcmp(number, "0.33333333333333"), 0, "%s", number);
	fpconv_g_fmt(number, 1.0 / 3, 15);
	is(strcmp(number, "0.33333333333333"), 0, "%s", number);
	is(fpconv_g_fmt(number, -1e-300, 14), 7, "%s", number);
	ok(strcmp(precision_fmts[0], "%.0lg") == 0 && strcmp(precision_fmts[14], "%.14lg") == 0,
	   "formats");
	is(fpconv_strtod("0.5", NULL), 0.5, "fpconv_strtod");
	fpconv_check();
	ok(true, "the locale");
	check_plan();
	footer();
}

/* }}} */

/* {{{ Files */

static ssize_t printed;

static void
print_to_stderr(void *arg)
{
	(void)arg;
	printed = fdprintf(2, "%s,%s,%d,%d,%u,%%,%x,%", "text", (char *)NULL, -12, INT32_MIN, 34);
	printf("%zd %zd %zd", printed, fdprintf(-1, "lost %d", 5), fdprintf(2, "%s", ""));
}

static void
test_fdprintf(void)
{
	header();
	static struct child_result result;
	child_run(print_to_stderr, NULL, &result);
	printf("[%s] %s\n", result.err, result.out);
	footer();
}

static void
close_all(void *arg)
{
	(void)arg;
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 100;
	setrlimit(RLIMIT_NOFILE, &limit);
	int fds[] = { dup(0), dup(0), dup(0), dup2(0, 99) };
	close_all_xcpt(2, fds[1], 77);
	for (size_t i = 0; i < lengthof(fds); i++)
		printf("%d", fcntl(fds[i], F_GETFD) != -1);
	close_all_xcpt(0);
	printf(" %d", fcntl(fds[1], F_GETFD) != -1);
}

static void
test_files(void)
{
	header();
	plan(13);
	static struct child_result result;
	child_run(close_all, NULL, &result);
	is(strcmp(result.out, "0100 0"), 0, "close_all_xcpt");

	char *path = abspath("/a/b");
	is(strcmp(path, "/a/b"), 0, "abspath of an absolute path");
	free(path);
	path = abspath("a/b");
	char expected[4096];
	fail_unless(getcwd(expected, sizeof(expected) - 5) != NULL);
	strcat(expected, "/a/b");
	is(strcmp(path, expected), 0, "of a relative one");
	free(path);

	umask(022);
	char directories[] = "one/two/three/file";
	is(mkdirpath(directories), 0, "mkdirpath");
	is(strcmp(directories, "one/two/three/file"), 0, "restores its argument");
	struct stat st;
	ok(stat("one/two/three", &st) == 0 && S_ISDIR(st.st_mode) &&
	   (st.st_mode & 0777) == 0755, "they are there");
	ok(stat("one/two/three/file", &st) != 0, "the last is not");
	is(mkdirpath(directories), 0, "again");
	char file[] = "file";
	is(mkdirpath(file), 0, "no directory");
	is(access("file", F_OK), -1, "nothing made");
	char absolute[4096];
	fail_unless(getcwd(absolute, sizeof(absolute) - 20) != NULL);
	strcat(absolute, "/four//five/");
	ok(mkdirpath(absolute) == 0 && stat("four/five", &st) == 0, "absolute, with two slashes");
	close(open("plain", O_CREAT | O_WRONLY, 0644));
	char below[] = "plain/x/y";
	errno = 0;
	is(mkdirpath(below), -1, "below a file");
	ok(errno == ENOTDIR && strcmp(below, "plain/x/y") == 0, "errno, and restored");
	check_plan();
	footer();
}

/* }}} */

int
main(void)
{
	test_macros();
	test_out_of_memory();
	test_static_buf();
	test_text();
	test_fdprintf();
	test_files();
	return 0;
}
