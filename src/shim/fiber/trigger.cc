/* SPDX-License-Identifier: BSD-2-Clause */
/* The run over triggers is C++, because a trigger fails by throwing. */

#include "trigger.h"
#include "exception.h"

/** Looks at the list only: the memory of a trigger that was taken out may be gone. */
static bool
is_in(struct rlist *list, struct rlist *link)
{
	struct rlist *other = list->next;
	while (other != list && other != link)
		other = other->next;
	return other == link;
}

int
trigger_run(struct rlist *list, void *event)
{
	try {
		struct rlist *link = list->next;
		while (link != list) {
			struct rlist *next = link->next, *after_next = next->next;
			struct trigger *trigger = rlist_entry(link, struct trigger, link);
			trigger->run(trigger, event);
			/* After the last one, the list itself may be gone. */
			if (next != list && !is_in(list, next)) {
				if (is_in(list, link))
					next = link->next;
				else
					next = is_in(list, after_next) ? after_next : list;
			}
			link = next;
		}
	} catch (Exception *) {
		return -1;
	}
	return 0;
}
