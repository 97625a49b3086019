/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * Callbacks on an event: a list of triggers, run from the one added last.
 *
 * The list and its triggers belong to one thread. Origin: spec diag.md 7.
 */
#ifndef TARANTOOL_TRIGGER_H_INCLUDED
#define TARANTOOL_TRIGGER_H_INCLUDED

#include "trivia/config.h"

#include <stddef.h>

#include "small/rlist.h"
#if defined(__cplusplus)
#include "diag.h"
#endif

#if defined(__cplusplus)
extern "C" {
#endif

struct trigger;
typedef void (*trigger_f)(struct trigger *trigger, void *event);
typedef void (*trigger_f0)(struct trigger *trigger);

/** Memory of the caller's. `{ RLIST_LINK_INITIALIZER, run, data, destroy }` is a valid
 * static initialiser of a trigger that is in no list yet. */
struct trigger {
	struct rlist link;
	/** Called with what trigger_run() was given. In C++ it may throw an Exception *. */
	trigger_f run;
	/** For the owner's use. */
	void *data;
	/** Called by trigger_destroy() if not NULL; may free the trigger. */
	trigger_f0 destroy;
};

static inline void
trigger_create(struct trigger *trigger, trigger_f run, void *data, trigger_f0 destroy)
{
	rlist_create(&trigger->link);
	trigger->run = run;
	trigger->data = data;
	trigger->destroy = destroy;
}

/** Puts the trigger first. One that is added by a running trigger has to wait for the
 * next run. */
static inline void
trigger_add(struct rlist *list, struct trigger *trigger)
{
	rlist_add_entry(list, trigger, link);
}

/** The same, unless a trigger with this `run` and `data` is there already. */
static inline void
trigger_add_unique(struct rlist *list, struct trigger *trigger)
{
	struct trigger *other;
	rlist_foreach_entry(other, list, link) {
		if (other->run == trigger->run && other->data == trigger->data)
			return;
	}
	trigger_add(list, trigger);
}

/** Takes the trigger out of its list, if it is in one. Does not call `destroy`. */
static inline void
trigger_clear(struct trigger *trigger)
{
	rlist_del_entry(trigger, link);
}

/** Empties the list and calls the triggers' `destroy`. */
static inline void
trigger_destroy(struct rlist *list)
{
	struct trigger *trigger, *next;
	rlist_foreach_entry_safe(trigger, list, link, next) {
		trigger_clear(trigger);
		if (trigger->destroy != NULL)
			trigger->destroy(trigger);
	}
}

/**
 * Calls every trigger, first to last. One that throws an `Exception *` ends the run:
 * the result is then -1 and the error is where the thrower has put it, in the current
 * fiber's area. Otherwise 0, whatever is in the area. Other exceptions pass through.
 *
 * A trigger may take out itself and others, which then do not run. (In the reference not the
 * one that comes next.) If it takes out itself and the next two, the run ends with it.
 */
int
trigger_run(struct rlist *list, void *event);

#if defined(__cplusplus)
} /* extern "C" */

/** trigger_run(), with a failure thrown on. */
static inline void
trigger_run_xc(struct rlist *list, void *event)
{
	if (trigger_run(list, event) != 0)
		diag_raise();
}
#endif

#endif /* TARANTOOL_TRIGGER_H_INCLUDED */
