/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All injections in table order, which is name order, with their state, in the format
 * of the reference's functional test (spec diag.md 8.5).
 */
#include "errinj.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

static int
print(struct errinj *e, void *line)
{
	printf(++*(int *)line == 1 ? "- - " : "  - ");
	switch (e->type) {
	case ERRINJ_BOOL:
		printf("%s: %s\n", e->name, e->bparam ? "true" : "false");
		break;
	case ERRINJ_INT:
		printf("%s: %" PRId64 "\n", e->name, e->iparam);
		break;
	case ERRINJ_DOUBLE:
		printf("%s: %g\n", e->name, e->dparam);
		break;
	}
	return 0;
}

int
main(void)
{
	int lines = 0;
	errinj_foreach(print, &lines);
	return lines == errinj_id_MAX ? 0 : 1;
}
