/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The workloads of one allocator, which is named by macros: NAME, ALLOC(size) and
 * RELEASE(object, size). No include guard: to be included once for each allocator, so
 * that the compiler sees what is called.
 */
#define WORK_PASTE_(name, work) name##_##work
#define WORK_PASTE(name, work) WORK_PASTE_(name, work)
#define WORK(work) WORK_PASTE(NAME, work)

/** One object at a time. */
static void
WORK(pairs)(size_t size)
{
	for (int i = 0; i < BURST; i++) {
		void *object = ALLOC(size);
		touch(object, size);
		RELEASE(object, size);
	}
}

/** Many objects, then all of them back in another order. */
static void
WORK(burst)(size_t size)
{
	static void *objects[BURST];
	for (int i = 0; i < BURST; i++) {
		objects[i] = ALLOC(size);
		touch(objects[i], size);
	}
	for (int i = 0; i < BURST; i++)
		RELEASE(objects[shuffled[i]], size);
}

/** Objects that are replaced at random: of `size`, or of the sizes in the trace if 0. */
static void
WORK(mix)(size_t size)
{
	static struct {
		void *object;
		size_t size;
	} live[LIVE_MAX];
	static int position;
	for (int i = 0; i < BURST; i++) {
		const struct step *step = &trace[position++ % TRACE];
		uint32_t slot = step->slot % LIVE;
		if (live[slot].object != NULL)
			RELEASE(live[slot].object, live[slot].size);
		live[slot].size = size != 0 ? size : step->size;
		live[slot].object = ALLOC(live[slot].size);
		touch(live[slot].object, live[slot].size);
	}
}

#undef WORK
#undef WORK_PASTE
#undef WORK_PASTE_
#undef NAME
#undef ALLOC
#undef RELEASE
#undef LIVE
