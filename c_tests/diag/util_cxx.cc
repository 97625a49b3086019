/* SPDX-License-Identifier: BSD-2-Clause */
/* trivia/util.h, from C++: what differs from C. */
#include "trivia/util.h"
#include "unit.h"

#define COLOUR(_) _(RED, 0) _(GREEN, 1) _(BLUE, 4)
ENUM(colour, COLOUR);
STRS(colour, COLOUR);

struct PACKED Packed {
	char first;
	long second;
};

MAYBE_UNUSED static int unused;

NODISCARD NOINLINE static int
answer()
{
	return 42;
}

NORETURN static void
leave(int status)
{
	exit(status);
}

API_EXPORT int
exported_by_a_module(void)
{
	return 1;
}

static int
find(int *restrict haystack, int needle)
{
	int *found = haystack;
	while (*found != needle)
		found++;
	return found - haystack;
}

int
main()
{
	header();
	plan(12);
	ok(strcmp(colour_strs[RED], "RED") == 0 && strcmp(colour_strs[BLUE], "BLUE") == 0 &&
	   colour_strs[2] == NULL && lengthof(colour_strs) == colour_MAX, "STRS");
	is(STR2ENUM(colour, "green"), GREEN, "STR2ENUM");
	is(STRN2ENUM(colour, "green!", 5), GREEN, "STRN2ENUM");
	is(sizeof(Packed), 9, "PACKED");
	is(answer(), 42, "NODISCARD, NOINLINE");
	is(exported_by_a_module(), 1, "API_EXPORT");
	int haystack[] = { 1, 2, 3 };
	is(find(haystack, 3), 2, "restrict");
	Packed packed = { 'x', 1 };
	is(container_of(&packed.first, Packed, first), &packed, "container_of");
	char *s = xstrdup("text");
	int *p = (int *)xmalloc(sizeof(*p));
	is(strcmp(s, "text"), 0, "xstrdup");
	TRASH(p);
	free(p);
	free(s);
	alignas(32) char aligned[32];
	ok((uintptr_t)aligned % 32 == 0 && alignof(long) == 8, "alignas, alignof");
	is(strcmp(tt_sprintf("%d", 1), "1"), 0, "tt_sprintf");
	int a = 1, b = 2;
	SWAP(a, b);
	ok(a == 2 && MAX(a, b) == 2, "SWAP, MAX");
	int rc = check_plan();
	footer();
	leave(rc);
}
