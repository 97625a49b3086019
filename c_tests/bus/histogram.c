/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Histograms and latencies (spec ipc.md 15.2, 15.3), against sorted arrays.
 */
#include "../main_fiber.h"
#include "histogram.h"
#include "latency.h"

enum { VALUES = 2000, BUCKETS = 50 };

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static bool
prints(struct histogram *hist, const char *expected)
{
	char text[256];
	memset(text, '#', sizeof(text));
	int length = histogram_snprint(text, sizeof(text), hist);
	bool right = length == (int)strlen(expected) && strcmp(text, expected) == 0;
	if (!right)
		fprintf(stderr, "# '%s', expected: '%s'\n", text, expected);
	return right;
}

static void
test_small(void)
{
	header();
	plan(16);
	static const int64_t bounds[] = { 0, 10, 11, 100 };
	struct histogram *hist = histogram_new(bounds, 4);
	ok(hist->n_buckets == 4 && hist->total == 0 && hist->max == 100, "an empty histogram");
	ok(prints(hist, ""), "has nothing to print");
	is(histogram_percentile(hist, 50), 100, "its percentiles are the last bound");
	histogram_collect(hist, 0);
	histogram_collect(hist, 1);
	histogram_collect(hist, 10);
	histogram_collect(hist, 11);
	histogram_collect(hist, 101);
	ok(hist->buckets[0].count == 1 && hist->buckets[1].count == 2 &&
	   hist->buckets[2].count == 1 && hist->buckets[3].count == 0, "bounds are inclusive");
	ok(hist->total == 5 && hist->max == 101, "what is too large counts in the total");
	ok(prints(hist, "[0]:1 [1-10]:2 [11]:1"), "buckets that are not empty are printed");
	char small[8];
	is(histogram_snprint(small, sizeof(small), hist), 21, "as far as there is room");
	is(strcmp(small, "[0]:1 ["), 0, "like snprintf");
	is(histogram_snprint(NULL, 0, hist), 21, "or not at all");
	is(histogram_percentile(hist, 0), 0, "percentile 0");
	is(histogram_percentile(hist, 19), 0, "more than 19 percent are 0");
	is(histogram_percentile(hist, 20), 10, "but not more than 20");
	ok(histogram_percentile_lower(hist, 20) == 0 && histogram_percentile_lower(hist, 0) == 0,
	   "the bound below");
	ok(histogram_percentile(hist, 99) == 101 && histogram_percentile_lower(hist, 99) == 101,
	   "beyond all buckets is the maximum");
	histogram_discard(hist, 10);
	histogram_discard(hist, 101);
	ok(hist->buckets[1].count == 1 && hist->total == 3 && hist->max == 101, "values are taken back");
	histogram_reset(hist);
	ok(prints(hist, "") && hist->total == 0 && hist->max == 100, "or all forgotten");
	histogram_delete(hist);
	footer();
	check_plan();
}

static void
test_random(void)
{
	header();
	plan(4);
	static int64_t bounds[BUCKETS], values[VALUES];
	srand(1);
	int64_t bound = -100;
	for (int i = 0; i < BUCKETS; i++)
		bounds[i] = bound += 1 + rand() % 20;
	struct histogram *hist = histogram_new(bounds, BUCKETS);
	for (int i = 0; i < VALUES; i++) {
		values[i] = rand() % (bound + 50) - 40;
		histogram_collect(hist, values[i]);
	}
	int wrong = 0;
	for (int b = 0; b < BUCKETS; b++) {
		size_t count = 0;
		for (int i = 0; i < VALUES; i++)
			count += values[i] <= bounds[b] && (b == 0 || values[i] > bounds[b - 1]);
		wrong += hist->buckets[b].count != count;
	}
	is(wrong, 0, "values are in their buckets");
	qsort(values, VALUES, sizeof(values[0]), compare);
	is(hist->max, values[VALUES - 1], "the maximum");
	for (int percent = 0; percent < 100; percent += 5) {
		/* The first value that more than `percent` percent do not exceed. */
		int64_t value = values[VALUES * percent / 100];
		int64_t upper = histogram_percentile(hist, percent);
		int64_t lower = histogram_percentile_lower(hist, percent);
		bool above_all = value > bounds[BUCKETS - 1];
		wrong += !(above_all ? upper == hist->max && lower == hist->max
				     : lower <= value && value <= upper);
	}
	is(wrong, 0, "every fifth percentile is between its bounds");
	for (int i = 0; i < VALUES; i++)
		histogram_discard(hist, values[i]);
	is(hist->total, 0, "all are taken back");
	histogram_delete(hist);
	footer();
	check_plan();
}

static bool
nearly(double a, double b)
{
	return a > b - 1e-9 && a < b + 1e-9;
}

static void
test_latency(void)
{
	header();
	plan(8);
	struct latency latency;
	is(latency_create(&latency), 0, "a latency");
	is(latency.histogram->n_buckets, 64, "has 64 ranges");
	ok(latency.histogram->total == 1 && nearly(latency_get(&latency, 50), 1e-6),
	   "and one observation of 0");
	for (int i = 0; i < 9; i++)
		latency_collect(&latency, 0.0042);
	ok(nearly(latency_get(&latency, 50), 0.005), "4.2 ms are up to 5 ms");
	for (int i = 0; i < 90; i++)
		latency_collect(&latency, 7);
	ok(nearly(latency_get(&latency, 50), 7), "7 s are 7 s");
	ok(nearly(latency_get(&latency, 5), 0.005), "the others are still there");
	latency_reset(&latency);
	latency_collect(&latency, 1e-6);
	latency_collect(&latency, 25);
	ok(latency.histogram->total == 3 && nearly(latency_get(&latency, 99), 25),
	   "what is too long is the maximum");
	latency_reset(&latency);
	ok(latency.histogram->total == 1 && nearly(latency_get(&latency, 99), 1e-6), "all is forgotten");
	latency_destroy(&latency);
	footer();
	check_plan();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(3);
	test_small();
	test_random();
	test_latency();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}
