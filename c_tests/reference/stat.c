/* SPDX-License-Identifier: BSD-2-Clause */
/* Histograms, latencies, rolling means: the same results for the same values. */
#include "trace.h"
#include "histogram.h"
#include "latency.h"
#include "rmean.h"

static void
print_histogram(struct histogram *h, int room)
{
	char text[1000] = "";
	printf("%zu values up to %lld:", h->total, (long long)h->max);
	for (int percent = 0; percent <= 100; percent += 5)
		printf(" %lld/%lld", (long long)histogram_percentile(h, percent),
		       (long long)histogram_percentile_lower(h, percent));
	int length = histogram_snprint(text, room, h);
	printf(" %d '%s'\n", length, length > 0 ? text : "");
}

static void
histograms(void)
{
	for (int i = 0; i < 300; i++) {
		int64_t bounds[20], bound = (int64_t)any(50) - 20, values[200];
		int buckets = any(20) + 1, number = any(200);
		for (int j = 0; j < buckets; j++, bound += any(30) + 1)
			bounds[j] = bound;
		struct histogram *h = histogram_new(bounds, buckets);
		for (int j = 0; j < number; j++) {
			values[j] = (int64_t)any(700) - 60;
			histogram_collect(h, values[j]);
		}
		for (int j = 0; j < number / 3; j++)
			histogram_discard(h, values[j]);
		print_histogram(h, any(300) + 1);
		histogram_reset(h);
		print_histogram(h, 100);
		histogram_delete(h);
	}
}

static void
latencies(void)
{
	struct latency latency;
	if (latency_create(&latency) != 0)
		abort();
	for (int i = 0; i < 2000; i++) {
		latency_collect(&latency, any(any(3) == 0 ? 13000000 : 1000) / 1e6);
		if (i % 50 != 0)
			continue;
		for (int percent = 0; percent <= 100; percent += 5)
			printf(" %f", latency_get(&latency, percent));
		printf("\n");
	}
	latency_reset(&latency);
	printf("%f\n", latency_get(&latency, 99));
	latency_destroy(&latency);
}

static void
means(void)
{
	int64_t value[RMEAN_WINDOW + 1] = { 0 };
	for (int i = 0; i < 3000; i++) {
		value[0] += any(1000);
		double seconds = any(3) == 0 ? 1 : (any(8000) + 10) / 1000.0;
		rmean_roll(value, seconds);
		printf("%.3f s:", seconds);
		for (int j = 0; j <= RMEAN_WINDOW; j++)
			printf(" %lld", (long long)value[j]);
		printf("\n");
	}
}

static void
trace(void)
{
	histograms();
	latencies();
	means();
}

TRACE(reference_stat)
