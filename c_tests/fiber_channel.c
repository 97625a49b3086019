/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channels (spec ipc.md 3): what passes without waiting, who waits and is served when, and
 * that no message is lost. fiber_channel_close.c has the ends of waiting.
 */
#include "main_fiber.h"
#include "fiber_channel.h"

/** A number as payload. */
#define V(n) ((void *)(uintptr_t)(n))

/** What happened to the fibers below, in order: "r1=5" reader 1 got 5, "w2" writer 2 is
 * done, "!" after the name of one that failed. */
static char journal[256];

static bool
journal_is(const char *expected)
{
	bool equal = strcmp(journal, expected) == 0;
	if (!equal)
		fprintf(stderr, "# journal: '%s', expected: '%s'\n", journal, expected);
	journal[0] = '\0';
	return equal;
}

static int
read_f(va_list ap)
{
	struct fiber_channel *ch = va_arg(ap, struct fiber_channel *);
	int name = va_arg(ap, int);
	void *value = NULL;
	if (fiber_channel_get(ch, &value) == 0)
		strcat(journal, tt_sprintf("r%d=%d ", name, (int)(uintptr_t)value));
	else
		strcat(journal, tt_sprintf("r%d! ", name));
	return 0;
}

static int
write_f(va_list ap)
{
	struct fiber_channel *ch = va_arg(ap, struct fiber_channel *);
	int name = va_arg(ap, int);
	bool done = fiber_channel_put(ch, V(name)) == 0;
	strcat(journal, tt_sprintf("w%d%s ", name, done ? "" : "!"));
	return 0;
}

static struct fiber *
start(fiber_func f, struct fiber_channel *ch, int name)
{
	struct fiber *result = fiber_new("party", f);
	fiber_start(result, ch, name);
	return result;
}

/** A message taken without waiting, or -1. */
static int
get_now(struct fiber_channel *ch)
{
	void *value = V(0xbad);
	if (fiber_channel_get_timeout(ch, &value, 0) != 0)
		return value == V(0xbad) ? -1 : -2;
	return (int)(uintptr_t)value;
}

static bool
error_is(const char *type)
{
	struct error *e = diag_last_error(diag_get());
	bool equal = e != NULL && strcmp(e->type->name, type) == 0;
	diag_clear(diag_get());
	return equal;
}

static void
test_buffer(void)
{
	header();
	plan(14);
	struct fiber_channel *ch = fiber_channel_new(3);
	is(fiber_channel_memsize(3), 40 + 3 * sizeof(void *), "a channel with its buffer");
	ok(fiber_channel_size(ch) == 3 && fiber_channel_count(ch) == 0, "of 3 messages, none yet");
	ok(fiber_channel_is_empty(ch) && !fiber_channel_is_full(ch), "it is empty");
	int csw = fiber()->csw;
	is(get_now(ch), -1, "there is nothing to get");
	ok(error_is("TimedOut"), "the time of 0 is out");
	int failed = 0;
	for (int i = 1; i <= 3; i++)
		failed += fiber_channel_put(ch, V(i)) != 0;
	is(failed, 0, "3 messages fit");
	ok(fiber_channel_count(ch) == 3 && fiber_channel_is_full(ch) && !fiber_channel_is_empty(ch),
	   "it is full");
	ok(fiber_channel_put_timeout(ch, V(4), 0) == -1 && error_is("TimedOut"), "a 4th does not");
	/* Around the ring, several times. */
	int wrong = 0;
	for (int i = 4; i < 20; i++) {
		wrong += get_now(ch) != i - 3;
		wrong += fiber_channel_put_timeout(ch, V(i), 0) != 0;
	}
	is(wrong, 0, "first in, first out");
	ok(get_now(ch) == 17 && get_now(ch) == 18 && get_now(ch) == 19 && get_now(ch) == -1,
	   "up to the last one");
	ok(fiber_channel_put(ch, NULL) == 0 && get_now(ch) == 0, "NULL is a message");
	is(fiber()->csw, csw, "none of this has yielded");
	ok(!fiber_channel_has_readers(ch) && !fiber_channel_has_writers(ch), "nobody waits");
	is(fiber_channel_is_closed(ch), false, "it is open");
	fiber_channel_delete(ch);
	check_plan();
	footer();
}

static void
test_readers(void)
{
	header();
	plan(6);
	struct fiber_channel *ch = fiber_channel_new(2);
	start(read_f, ch, 1);
	start(read_f, ch, 2);
	struct fiber *third = start(read_f, ch, 3);
	ok(fiber_channel_has_readers(ch) && !fiber_channel_has_writers(ch), "readers wait");
	fiber_channel_put(ch, V(5));
	is(fiber_channel_count(ch), 0, "a put hands the message to a reader");
	ok(journal_is(""), "and does not yield");
	fiber_channel_put(ch, V(6));
	fiber_sleep(0);
	ok(journal_is("r1=5 r2=6 "), "readers are served in their order");
	start(read_f, ch, 4);
	fiber_wakeup(third);
	fiber_sleep(0);
	fiber_channel_put(ch, V(7));
	fiber_channel_put(ch, V(8));
	fiber_sleep(0);
	ok(journal_is("r3=7 r4=8 "), "one woken by chance keeps its turn");

	start(read_f, ch, 5);
	third = start(read_f, ch, 6);
	fiber_wakeup(third);
	for (int i = 10; i < 13; i++)
		fiber_channel_put(ch, V(i));
	fiber_sleep(0);
	ok(journal_is("r6=11 r5=10 ") && get_now(ch) == 12,
	   "or finds in the buffer what came meanwhile");
	fiber_channel_delete(ch);
	check_plan();
	footer();
}

static void
test_writers(void)
{
	header();
	plan(9);
	struct fiber_channel *ch = fiber_channel_new(2);
	for (int i = 1; i <= 5; i++)
		start(write_f, ch, i);
	ok(journal_is("w1 w2 "), "a put waits when the buffer is full");
	ok(fiber_channel_has_writers(ch) && !fiber_channel_has_readers(ch) &&
	   fiber_channel_count(ch) == 2, "the messages of writers are not counted");
	is(get_now(ch), 1, "a get takes the oldest message");
	is(fiber_channel_count(ch), 2, "a writer's comes into the buffer");
	fiber_sleep(0);
	ok(journal_is("w3 "), "and only that writer goes on");
	ok(get_now(ch) == 2 && get_now(ch) == 3 && get_now(ch) == 4 && get_now(ch) == 5 &&
	   get_now(ch) == -1, "the order is kept");
	fiber_sleep(0);
	ok(journal_is("w4 w5 "), "all are done");

	start(write_f, ch, 1);
	start(write_f, ch, 2);
	struct fiber *third = start(write_f, ch, 3);
	start(write_f, ch, 4);
	fiber_wakeup(third);
	fiber_sleep(0);
	ok(fiber_channel_has_writers(ch) && journal_is("w1 w2 "),
	   "a writer woken by chance waits on");
	ok(get_now(ch) == 1 && get_now(ch) == 2 && get_now(ch) == 3 && get_now(ch) == 4,
	   "and keeps its turn");
	fiber_sleep(0);
	journal_is("w3 w4 ");
	fiber_channel_delete(ch);
	check_plan();
	footer();
}

static void
test_rendezvous(void)
{
	header();
	plan(8);
	struct fiber_channel *ch = fiber_channel_new(0);
	ok(fiber_channel_is_empty(ch) && fiber_channel_is_full(ch), "no buffer: empty and full");
	ok(fiber_channel_put_timeout(ch, V(1), 0) == -1 && error_is("TimedOut") &&
	   get_now(ch) == -1 && error_is("TimedOut"), "nothing passes without a partner");
	start(write_f, ch, 1);
	start(write_f, ch, 2);
	ok(journal_is("") && fiber_channel_count(ch) == 0, "a put waits for a reader");
	is(get_now(ch), 1, "a get takes the message from the writer");
	fiber_sleep(0);
	ok(journal_is("w1 ") && get_now(ch) == 2, "which then is done");
	start(read_f, ch, 3);
	is(fiber_channel_put_timeout(ch, V(3), 0), 0, "a put to a waiting reader is done at once");
	ok(!fiber_channel_has_readers(ch), "the reader does not wait any more");
	fiber_sleep(0);
	ok(journal_is("w2 r3=3 "), "it has the message");
	fiber_channel_delete(ch);
	check_plan();
	footer();
}

/* {{{ Messages of one's own */

static int destroyed;

static void
count_destroyed(struct ipc_msg *msg)
{
	(void)msg;
	destroyed++;
}

static void
test_messages(void)
{
	header();
	plan(8);
	struct fiber_channel *ch = fiber_channel_new(1);
	struct ipc_msg a = { count_destroyed }, b = { count_destroyed }, *msg = NULL;
	is(fiber_channel_put_msg_timeout(ch, &a, 1), 0, "any message can be put");
	ok(fiber_channel_put_msg_timeout(ch, &b, 0) == -1 && destroyed == 0,
	   "one that could not be put is left to its owner");
	diag_clear(diag_get());
	ok(fiber_channel_get_msg_timeout(ch, &msg, 1) == 0 && msg == &a, "the same comes out");
	ok(fiber_channel_get_msg_timeout(ch, &msg, 0) == -1 && msg == &a,
	   "a failed get touches nothing");
	is(destroyed, 0, "a message that was taken is its taker's");

	struct ipc_value *value = ipc_value_new();
	ok(value != NULL && value->base.destroy == ipc_value_delete, "a value is a message");
	value->data = V(77);
	fiber_channel_put_msg_timeout(ch, &value->base, 0);
	is(get_now(ch), 77, "which a plain get unwraps");

	/* Values that are put and taken come from a pool. */
	for (int i = 0; i < 1000; i++) {
		fiber_channel_put(ch, V(i));
		get_now(ch);
	}
	size_t bytes = slab_bytes();
	for (int i = 0; i < 10000; i++) {
		fiber_channel_put(ch, V(i));
		fiber_channel_put_timeout(ch, V(i), 0);
		get_now(ch);
	}
	is(slab_bytes(), bytes, "none of them is lost");
	fiber_channel_delete(ch);
	check_plan();
	footer();
}

static void
test_caller_memory(void)
{
	header();
	plan(2);
	enum { SIZE = 5 };
	uint64_t memory[(40 + SIZE * sizeof(void *)) / 8 + 1];
	memset(memory, 0xee, sizeof(memory));
	struct fiber_channel *ch = (struct fiber_channel *)memory;
	fiber_channel_create(ch, SIZE);
	for (int i = 0; i < SIZE; i++)
		fiber_channel_put(ch, V(i));
	ok(get_now(ch) == 0 && fiber_channel_count(ch) == SIZE - 1,
	   "a channel may be in memory of the caller");
	fiber_channel_destroy(ch);
	is(memory[lengthof(memory) - 1], UINT64_C(0xeeeeeeeeeeeeeeee), "it fits");
	check_plan();
	footer();
}

/* }}} */

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(6);
	test_buffer();
	test_readers();
	test_writers();
	test_rendezvous();
	test_messages();
	test_caller_memory();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}
