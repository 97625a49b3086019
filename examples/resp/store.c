/* SPDX-License-Identifier: BSD-2-Clause */
#include "store.h"

#include <inttypes.h>
#include <pthread.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** A key and its value in one allocation. */
struct pair {
	struct slice key;
	struct slice value;
	char bytes[];
};

enum { PARTS = 64 };

static struct part {
	/** Apart, or they would share a cache line. */
	_Alignas(64) pthread_rwlock_t lock;
	/** A tree of tsearch(3). */
	void *pairs;
} parts[PARTS] = {
	[0 ... PARTS - 1] = { PTHREAD_RWLOCK_INITIALIZER, NULL },
};

/** FNV-1a */
static struct part *
part_of(struct slice key)
{
	uint64_t hash = 14695981039346656037ULL;
	for (size_t i = 0; i < key.size; i++)
		hash = (hash ^ (unsigned char)key.data[i]) * 1099511628211ULL;
	return &parts[(hash >> 32) % PARTS];
}

static int
pair_compare(const void *a, const void *b)
{
	const struct slice *x = &((const struct pair *)a)->key;
	const struct slice *y = &((const struct pair *)b)->key;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return memcmp(x->data, y->data, x->size);
}

/** With the lock held, as the next two. */
static struct pair *
find(struct part *part, struct slice key)
{
	struct pair pattern = { .key = key };
	struct pair **found = tfind(&pattern, &part->pairs, pair_compare);
	return found != NULL ? *found : NULL;
}

/** Old values go only when there is memory for the new one. */
static bool
set(struct part *part, struct slice key, struct slice value)
{
	struct pair *pair = malloc(sizeof(*pair) + key.size + value.size);
	if (pair == NULL)
		return false;
	memcpy(pair->bytes, key.data, key.size);
	memcpy(pair->bytes + key.size, value.data, value.size);
	pair->key = (struct slice){ pair->bytes, key.size };
	pair->value = (struct slice){ pair->bytes + key.size, value.size };
	struct pair **place = tsearch(pair, &part->pairs, pair_compare);
	if (place == NULL) {
		free(pair);
		return false;
	}
	if (*place != pair) {
		/* The key was there: the new entry takes its place in the tree. */
		free(*place);
		*place = pair;
	}
	return true;
}

static enum increased
increase(struct part *part, struct slice key, int64_t *value)
{
	*value = 0;
	struct pair *pair = find(part, key);
	if ((pair != NULL && !slice_number(pair->value, value)) || *value == INT64_MAX)
		return NOT_A_NUMBER;
	char text[32];
	int size = snprintf(text, sizeof(text), "%" PRId64, ++*value);
	return set(part, key, (struct slice){ text, size }) ? INCREASED : NO_MEMORY;
}

bool
store_get(struct slice key, struct slice *value)
{
	struct part *part = part_of(key);
	pthread_rwlock_rdlock(&part->lock);
	struct pair *pair = find(part, key);
	if (pair == NULL) {
		pthread_rwlock_unlock(&part->lock);
		return false;
	}
	*value = pair->value;
	return true;
}

void
store_release(struct slice key)
{
	pthread_rwlock_unlock(&part_of(key)->lock);
}

bool
store_set(struct slice key, struct slice value)
{
	struct part *part = part_of(key);
	pthread_rwlock_wrlock(&part->lock);
	bool result = set(part, key, value);
	pthread_rwlock_unlock(&part->lock);
	return result;
}

bool
store_delete(struct slice key)
{
	struct part *part = part_of(key);
	pthread_rwlock_wrlock(&part->lock);
	struct pair *pair = find(part, key);
	if (pair != NULL) {
		tdelete(pair, &part->pairs, pair_compare);
		free(pair);
	}
	pthread_rwlock_unlock(&part->lock);
	return pair != NULL;
}

enum increased
store_increase(struct slice key, int64_t *value)
{
	struct part *part = part_of(key);
	pthread_rwlock_wrlock(&part->lock);
	enum increased result = increase(part, key, value);
	pthread_rwlock_unlock(&part->lock);
	return result;
}

void
store_free(void)
{
	for (size_t i = 0; i < PARTS; i++) {
		tdestroy(parts[i].pairs, free);
		parts[i].pairs = NULL;
	}
}
