/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bare contexts (spec fiber.md 13): creation, the switch and what it saves where, stacks
 * with guards, and a function that returns although it must not.
 */
#include <sys/resource.h>

#include "coro/coro.h"
#include "child.h"
#include "unit.h"

enum { PAGE = 4096, STACK = 64 << 10 };

static coro_context main_context, other_context;
static char memory[STACK] __attribute__((aligned(4096)));

static int steps;
static bool in_stack, aligned, chain_ends;
static void *argument;

/** Whether saved frame pointers lead up to a last one, 0, within the stack. */
NOINLINE static bool
walk_frames(void **frame)
{
	for (int depth = 0; depth < 10; depth++) {
		if (frame == NULL)
			return true;
		if ((char *)frame < memory || (char *)frame >= memory + STACK)
			return false;
		frame = (void **)*frame;
	}
	return false;
}

static void
ping(void *arg)
{
	argument = arg;
	char *frame = (char *)__builtin_frame_address(0);
	in_stack = frame > memory && frame < memory + STACK && memory + STACK - frame < 512;
	aligned = (uintptr_t)frame % 16 == 0;
	chain_ends = walk_frames((void **)frame);
	while (true) {
		steps++;
		coro_transfer(&other_context, &main_context);
	}
}

static void
test_switch(void)
{
	header();
	plan(9);
	is(sizeof(coro_context), sizeof(void *), "a context is a stack pointer");
	coro_context empty = { NULL };
	coro_create(&empty, NULL, NULL, NULL, 0);
	ok(empty.sp == NULL, "without a function nothing is created");
	coro_create(&other_context, ping, &steps, memory, sizeof(memory));
	is(steps, 0, "a new context does not run");
	coro_transfer(&main_context, &other_context);
	ok(steps == 1 && argument == &steps, "it runs when it is resumed, with its argument");
	ok(in_stack && aligned, "near the top of its stack, aligned");
	ok(chain_ends, "where frame pointers end");
	for (int i = 0; i < 100000; i++)
		coro_transfer(&main_context, &other_context);
	is(steps, 100001, "and goes on where it was");
	coro_destroy(&other_context);

	/* The end of the memory need not be aligned. */
	int misaligned = 0;
	for (size_t odd = 0; odd < 16; odd++) {
		coro_create(&other_context, ping, &steps, memory, sizeof(memory) - odd);
		coro_transfer(&main_context, &other_context);
		misaligned += !aligned || !in_stack;
	}
	is(misaligned, 0, "memory of any size will do");
	coro_create(&other_context, ping, NULL, memory, sizeof(memory));
	memset(&main_context, 0, sizeof(main_context));
	coro_transfer(&main_context, &other_context);
	ok(argument == NULL, "a context may be made again");
	check_plan();
	footer();
}

/* {{{ Registers */

/* rbp, rbx, r12, r13, r14, r15 */
typedef uint64_t registers[6];

/** Sets the registers that a function has to preserve, switches, and stores them. */
void
transfer_with(coro_context *prev, coro_context *next, const registers in, registers out);

__asm__(
	".text\n"
	".globl transfer_with\n"
	".type transfer_with, @function\n"
	"transfer_with:\n"
	"	push %rbp; push %rbx; push %r12; push %r13; push %r14; push %r15\n"
	"	push %rcx\n"
	"	mov 0(%rdx), %rbp; mov 8(%rdx), %rbx; mov 16(%rdx), %r12\n"
	"	mov 24(%rdx), %r13; mov 32(%rdx), %r14; mov 40(%rdx), %r15\n"
	"	call coro_transfer@PLT\n"
	".globl after_transfer\n"
	"after_transfer:\n"
	"	pop %rcx\n"
	"	mov %rbp, 0(%rcx); mov %rbx, 8(%rcx); mov %r12, 16(%rcx)\n"
	"	mov %r13, 24(%rcx); mov %r14, 32(%rcx); mov %r15, 40(%rcx)\n"
	"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbx; pop %rbp\n"
	"	ret\n"
	".size transfer_with, . - transfer_with\n"
);

extern char after_transfer[];

static const registers in_main = { 0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1006 };
static const registers in_other = { 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006 };
static registers out_main, out_other;

static void
with_registers(void *arg)
{
	(void)arg;
	while (true)
		transfer_with(&other_context, &main_context, in_other, out_other);
}

static void
test_registers(void)
{
	header();
	plan(5);
	coro_create(&other_context, with_registers, NULL, memory, sizeof(memory));
	transfer_with(&main_context, &other_context, in_main, out_main);
	is(memcmp(in_main, out_main, sizeof(registers)), 0, "our registers are preserved");
	const uint64_t *saved = (const uint64_t *)other_context.sp;
	ok(saved[5] == in_other[0] && saved[4] == in_other[1],
	   "a suspended context keeps rbp and rbx");
	ok(saved[3] == in_other[2] && saved[2] == in_other[3] && saved[1] == in_other[4] &&
	   saved[0] == in_other[5], "r12 to r15 in their order");
	ok((char *)saved[6] == after_transfer, "and the return address");
	transfer_with(&main_context, &other_context, in_main, out_main);
	is(memcmp(in_other, out_other, sizeof(registers)), 0, "it gets them back");
	check_plan();
	footer();
}

/* }}} */

static void
return_at_once(void *arg)
{
	(void)arg;
}

static int
let_it_return(const void *arg)
{
	(void)arg;
	coro_create(&other_context, return_at_once, NULL, memory, sizeof(memory));
	coro_transfer(&main_context, &other_context);
	return 0;
}

static void
test_stacks(void)
{
	header();
	plan(13);
	struct coro_stack stack;
	is(coro_stack_alloc(&stack, 0), 1, "a stack of the default size");
	is(stack.ssze, 256 * 1024 * sizeof(void *), "is 2 MiB");
	char *bytes = (char *)stack.sptr;
	memset(bytes, 's', stack.ssze);
	ok(is_readable(bytes) && is_readable(bytes + stack.ssze - 1), "all of it can be used");
	int open = 0;
	for (int i = 1; i <= 4 * PAGE; i += PAGE - 1)
		open += is_readable(bytes - i);
	is(open, 0, "below it are four pages that cannot");
	coro_stack_free(&stack);
	ok(!is_readable(bytes), "it is unmapped");

	is(coro_stack_alloc(&stack, 513), 1, "513 words");
	is(stack.ssze, 2 * PAGE, "are two pages");
	coro_create(&other_context, with_registers, NULL, stack.sptr, stack.ssze);
	transfer_with(&main_context, &other_context, in_main, out_main);
	is(memcmp(in_main, out_main, sizeof(registers)), 0, "a context can run on them");
	coro_stack_free(&stack);

	stack.sptr = NULL;
	stack.ssze = 0;
	coro_stack_free(&stack);
	ok(true, "without a stack there is nothing to free");

	struct rlimit old, limit;
	getrlimit(RLIMIT_AS, &old);
	limit = old;
	limit.rlim_cur = 1 << 20;
	setrlimit(RLIMIT_AS, &limit);
	stack.sptr = memory;
	int result = coro_stack_alloc(&stack, 1 << 20);
	setrlimit(RLIMIT_AS, &old);
	ok(result == 0 && stack.sptr == NULL, "no memory, no stack");
	coro_stack_free(&stack);
	is(coro_stack_alloc(&stack, 1), 1, "one word");
	is(stack.ssze, PAGE, "is a page");
	coro_stack_free(&stack);

	struct child_end end;
	watch_child(let_it_return, NULL, &end);
	is(end.status, -SIGABRT, "a function that returns aborts the process");
	check_plan();
	footer();
}

int
main(void)
{
	header();
	plan(3);
	test_switch();
	test_registers();
	test_stacks();
	footer();
	return check_plan();
}
