/* SPDX-License-Identifier: BSD-2-Clause */
/* The latch of latch.h for modules, which see it only as a pointer. */

#include "latch.h"

#include <stdlib.h>

box_latch_t *
box_latch_new(void)
{
	box_latch_t *latch = malloc(sizeof(*latch));
	if (latch != NULL)
		latch_create(&latch->l);
	return latch;
}

void
box_latch_delete(box_latch_t *latch)
{
	if (latch == NULL)
		return;
	latch_destroy(&latch->l);
	free(latch);
}

void
box_latch_lock(box_latch_t *latch)
{
	latch_lock(&latch->l);
}

int
box_latch_trylock(box_latch_t *latch)
{
	return latch_trylock(&latch->l);
}

void
box_latch_unlock(box_latch_t *latch)
{
	latch_unlock(&latch->l);
}
