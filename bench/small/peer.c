/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same workloads on malloc and free: those of the C library, or of whatever library
 * this is linked with.
 */
#include "harness.h"

#define NAME general
#define ALLOC(size) malloc(size)
#define RELEASE(object, size) free(object)
#define LIVE LIVE_MAX
#include "work.h"

/* As aligned as a slab of such a size would be. */
#define NAME slab
#define ALLOC(size) aligned_alloc(4096, ((size) + 4095) / 4096 * 4096)
#define RELEASE(object, size) free(object)
#define LIVE 256
#include "work.h"

/* Pieces of memory that somebody has to remember and free one by one. */
static void
request(size_t size)
{
	static void *pieces[BURST];
	static int position;
	for (int i = 0; i < BURST; i++) {
		size_t piece = size != 0 ? size : trace[position++ % TRACE].size;
		touch(pieces[i] = malloc(piece), piece);
	}
	for (int i = 0; i < BURST; i++)
		free(pieces[i]);
}

int
main(void)
{
	prepare(16, 4096);
	measure("pairs", "malloc", general_pairs, 64, BURST);
	measure("burst", "malloc", general_burst, 64, BURST);
	measure("mix", "malloc", general_mix, 64, BURST);
	measure("mixed sizes", "malloc", general_mix, 0, BURST);
	measure("request", "malloc", request, 32, BURST);
	measure("request, mixed sizes", "malloc", request, 0, BURST);
	measure("64 KiB pairs", "malloc", slab_pairs, 65536, BURST);
	measure("64 KiB burst", "malloc", slab_burst, 65536, BURST);
	prepare(4096, 262144);
	measure("4 to 256 KiB", "malloc", slab_mix, 0, BURST);
	return 0;
}
