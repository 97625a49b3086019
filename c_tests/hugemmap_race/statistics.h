/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How far apart two racers started, and how often their faults overlapped (spec ltp.md
 * 20.5). Times are nanoseconds of one clock.
 */
#ifndef C_TESTS_HUGEMMAP_RACE_STATISTICS_H
#define C_TESTS_HUGEMMAP_RACE_STATISTICS_H

#include "tst_test.h"
#include "tst_timer.h"

/* One for each racer, on its own cache lines. */
struct stamps {
	long long start;
	long long end;
} __attribute__((aligned(128)));

enum { BUCKETS = 9 };

struct statistics {
	unsigned long races;
	unsigned long measured;   /* races whose racers both survived */
	unsigned long overlapping;
	double skew;              /* sum of |start 1 - start 2|, us */
	double worst_skew;
	double window;            /* sum of the longer stores, us */
	unsigned long skews[BUCKETS];
};

/* Upper bounds of start 2 - start 1 in microseconds; the last bucket has none. */
static const int statistics_bounds[BUCKETS - 1] = {-64, -16, -4, -1, 1, 4, 16, 64};

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return tst_timespec_to_ns(t);
}

/* Adds a race; 1 if each fault started before the other one had ended. */
static int statistics_record(struct statistics *s, const struct stamps *one,
			     const struct stamps *two)
{
	double skew = llabs(one->start - two->start) / 1000.0;
	double window = MAX(one->end - one->start, two->end - two->start) / 1000.0;
	int overlapped = one->start < two->end && two->start < one->end;
	int bucket = 0;

	s->measured++;
	s->overlapping += overlapped;
	s->skew += skew;
	s->worst_skew = MAX(s->worst_skew, skew);
	s->window += window;
	while (bucket < BUCKETS - 1 &&
	       two->start - one->start >= statistics_bounds[bucket] * 1000LL)
		bucket++;
	s->skews[bucket]++;
	return overlapped;
}

static void statistics_report(const struct statistics *s, const char *mode)
{
	double n = s->measured ? s->measured : 1;

	tst_res(TINFO,
		"%s: %lu races, start skew avg %.1fus max %.1fus, fault window avg %.1fus, overlapping %lu (%.1f%%)",
		mode, s->races, s->skew / n, s->worst_skew, s->window / n, s->overlapping,
		100.0 * s->overlapping / n);
}

/* How the second racer's start lay to the first one's. */
static void statistics_histogram(const struct statistics *s, const char *mode)
{
	static const char bar[] = "########################################";
	const int *bounds = statistics_bounds;
	unsigned long most = 1;
	int i;

	for (i = 0; i < BUCKETS; i++)
		most = MAX(most, s->skews[i]);

	for (i = 0; i < BUCKETS; i++) {
		int length = s->skews[i] * (sizeof(bar) - 1) / most;
		char range[32];

		if (i == 0)
			snprintf(range, sizeof(range), "below %d", bounds[0]);
		else if (i == BUCKETS - 1)
			snprintf(range, sizeof(range), "from %d", bounds[i - 1]);
		else
			snprintf(range, sizeof(range), "%d to %d", bounds[i - 1],
				 bounds[i]);
		tst_res(TINFO, "%s: skew %10s us: %7lu %.*s", mode, range, s->skews[i],
			length, bar);
	}
}

#endif
