/* SPDX-License-Identifier: BSD-2-Clause */
#include "command.h"

#include "client.h"
#include "cordage/guard.h"
#include "request.h"
#include "store.h"
#include "worker.h"

#include <strings.h>

static bool
do_ping(struct client *c, struct slice *args, int count)
{
	return count > 1 ? reply_bulk(c, args[1]) : reply(c, "+PONG");
}

static bool
do_echo(struct client *c, struct slice *args, int count)
{
	(void)count;
	return reply_bulk(c, args[1]);
}

static bool
do_set(struct client *c, struct slice *args, int count)
{
	(void)count;
	return store_set(args[1], args[2]) ? reply(c, "+OK") : reply(c, "-ERR out of memory");
}

static bool
do_get(struct client *c, struct slice *args, int count)
{
	(void)count;
	struct slice value;
	if (!store_get(args[1], &value))
		return reply(c, "$-1");
	bool good = reply_bulk(c, value);
	store_release(args[1]);
	return good;
}

static bool
do_del(struct client *c, struct slice *args, int count)
{
	int deleted = 0;
	for (int i = 1; i < count; i++)
		deleted += store_delete(args[i]);
	return reply(c, ":%d", deleted);
}

static bool
do_incr(struct client *c, struct slice *args, int count)
{
	(void)count;
	int64_t value;
	switch (store_increase(args[1], &value)) {
	case INCREASED:
		return reply(c, ":%" PRId64, value);
	case NOT_A_NUMBER:
		return reply(c, "-ERR value is not an integer or out of range");
	default:
		return reply(c, "-ERR out of memory");
	}
}

static int
count_fiber(struct fiber *f, void *count)
{
	(void)f;
	++*(int *)count;
	return 0;
}

static bool
do_info(struct client *c, struct slice *args, int count)
{
	(void)args;
	(void)count;
	int fibers = 0;
	fiber_stat(count_fiber, &fibers);
	uint64_t now, total;
	workers_count(&now, &total);
	char text[256];
	int size = snprintf(text, sizeof(text),
			    "workers:%d\r\nfibers_of_this_cord:%d\r\n"
			    "connections:%" PRIu64 "\r\nconnections_total:%" PRIu64 "\r\n"
			    "guard_backend:%s\r\n",
			    workers_number(), fibers, now, total, cordage_guard_backend());
	return reply_bulk(c, (struct slice){ text, size });
}

/** redis-benchmark asks about persistence before it starts: there is none. */
static bool
do_config(struct client *c, struct slice *args, int count)
{
	if (count != 3 || !slice_is(args[1], "get"))
		return reply(c, "-ERR only CONFIG GET parameter is known");
	return reply(c, "*2") && reply_bulk(c, args[2]) &&
	       reply_bulk(c, (struct slice){ "", 0 });
}

static bool
do_quit(struct client *c, struct slice *args, int count)
{
	(void)args;
	(void)count;
	return reply(c, "+OK");
}

static const struct command {
	const char *name;
	bool (*run)(struct client *c, struct slice *args, int count);
	/** Arguments, the name included. */
	int min, max;
} commands[] = {
	{ "ping", do_ping, 1, 2 },      { "echo", do_echo, 2, 2 },
	{ "set", do_set, 3, 3 },        { "get", do_get, 2, 2 },
	{ "del", do_del, 2, ARGS_MAX }, { "incr", do_incr, 2, 2 },
	{ "info", do_info, 1, 2 },      { "quit", do_quit, 1, 1 },
	{ "config", do_config, 2, ARGS_MAX },
};

bool
command_execute(struct client *c, struct slice *args, int count)
{
	const struct command *command = commands;
	const struct command *end = commands + lengthof(commands);
	while (command != end && !slice_is(args[0], command->name))
		command++;
	if (command == end) {
		int size = args[0].size < 128 ? args[0].size : 128;
		return reply(c, "-ERR unknown command '%.*s'", size, args[0].data);
	}
	if (count < command->min || count > command->max)
		return reply(c, "-ERR wrong number of arguments for '%s' command",
			     command->name);
	return command->run(c, args, count) && command->run != do_quit;
}
