/* SPDX-License-Identifier: BSD-2-Clause */
/* The run over triggers is C++, because a trigger fails by throwing. */

#include "trigger.h"
#include "exception.h"

int
trigger_run(struct rlist *list, void *event)
{
	try {
		struct trigger *trigger, *next;
		rlist_foreach_entry_safe(trigger, list, link, next)
			trigger->run(trigger, event);
	} catch (Exception *) {
		return -1;
	}
	return 0;
}
