/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every declaration of module.h has the type that modules were compiled for (spec ipc.md
 * 16, diag.md 9.2 and 15). Compiling is the test; nothing here is called, and no other header
 * of ours is there.
 */
#include "module.h"

#if defined(TARANTOOL_UTIL_H_INCLUDED) || defined(TARANTOOL_CONFIG_H_INCLUDED) || \
	defined(TARANTOOL_FIBER_H_INCLUDED)
#error "module.h includes more than the public parts"
#endif
#if PACKAGE_VERSION_MAJOR != 1 || PACKAGE_VERSION_MINOR != 10
#error "not the version that modules test for"
#endif

/* Modules have a macro of that name. */
#define TIMEOUT_INFINITY 365 * 86400 * 100.0

#define IS(name, ...) \
	static_assert(__builtin_types_compatible_p(__typeof__(name), __VA_ARGS__), #name)

/* What modules take it for granted that it brings in, besides the API. */
struct pair {
	int first, second;
};
struct pair *
pair_of(int *second);
struct pair *
pair_of(int *second)
{
	return container_of(second, struct pair, second);
}
IS(snprintf, int(char *, size_t, const char *, ...));
IS(stderr, FILE *);
IS(strerror, char *(int));
static_assert(sizeof(ssize_t) == sizeof(size_t) && EIO > 0, "C library");

IS(fiber_func, int (*)(va_list));
IS(fiber_attr_new, struct fiber_attr *(void));
IS(fiber_attr_delete, void(struct fiber_attr *));
IS(fiber_attr_setstacksize, int(struct fiber_attr *, size_t));
IS(fiber_attr_getstacksize, size_t(struct fiber_attr *));
IS(fiber_self, struct fiber *(void));
IS(fiber_new, struct fiber *(const char *, fiber_func));
IS(fiber_new_ex, struct fiber *(const char *, const struct fiber_attr *, fiber_func));
IS(fiber_start, void(struct fiber *, ...));
IS(fiber_yield, void(void));
IS(fiber_wakeup, void(struct fiber *));
IS(fiber_cancel, void(struct fiber *));
IS(fiber_set_cancellable, bool(bool));
IS(fiber_set_joinable, void(struct fiber *, bool));
IS(fiber_join, int(struct fiber *));
IS(fiber_sleep, void(double));
IS(fiber_is_cancelled, bool(void));
IS(fiber_reschedule, void(void));
IS(fiber_time, double(void));
IS(fiber_time64, uint64_t(void));
IS(fiber_clock, double(void));
IS(fiber_clock64, uint64_t(void));
IS(cord_slab_cache, struct slab_cache *(void));
IS(box_region_used, size_t(void));
IS(box_region_alloc, void *(size_t));
IS(box_region_aligned_alloc, void *(size_t, size_t));
IS(box_region_truncate, void(size_t));

IS(fiber_cond_new, struct fiber_cond *(void));
IS(fiber_cond_delete, void(struct fiber_cond *));
IS(fiber_cond_signal, void(struct fiber_cond *));
IS(fiber_cond_broadcast, void(struct fiber_cond *));
IS(fiber_cond_wait_timeout, int(struct fiber_cond *, double));
IS(fiber_cond_wait, int(struct fiber_cond *));

static_assert(COIO_READ == 0x1 && COIO_WRITE == 0x2, "events");
IS(coio_wait, int(int, int, double));
IS(coio_close, int(int));
IS(coio_call, ssize_t(ssize_t (*)(va_list), ...));
IS(coio_getaddrinfo, int(const char *, const char *, const struct addrinfo *,
			 struct addrinfo **, double));

IS(box_ibuf_t, struct ibuf);
IS(box_ibuf_reserve, void *(box_ibuf_t *, size_t));
IS(box_ibuf_read_range, void(box_ibuf_t *, char ***, char ***));
IS(box_ibuf_write_range, void(box_ibuf_t *, char ***, char ***));

IS(box_latch_t, struct box_latch);
IS(box_latch_new, box_latch_t *(void));
IS(box_latch_delete, void(box_latch_t *));
IS(box_latch_lock, void(box_latch_t *));
IS(box_latch_trylock, int(box_latch_t *));
IS(box_latch_unlock, void(box_latch_t *));

IS(clock_realtime, double(void));
IS(clock_monotonic, double(void));
IS(clock_process, double(void));
IS(clock_thread, double(void));
IS(clock_realtime64, uint64_t(void));
IS(clock_monotonic64, uint64_t(void));
IS(clock_process64, uint64_t(void));
IS(clock_thread64, uint64_t(void));

static_assert(S_FATAL == 0 && S_SYSERROR == 1 && S_ERROR == 2 && S_CRIT == 3 && S_WARN == 4 &&
	      S_INFO == 5 && S_VERBOSE == 6 && S_DEBUG == 7, "levels");
static_assert(SF_PLAIN == 0 && SF_JSON == 1 && say_format_MAX == 2, "formats");
IS(log_level, int);
IS(say_log_level_is_enabled, bool(int));
IS(_say, void (*)(int, const char *, int, const char *, const char *, ...));

IS(box_error_t, struct error);
IS(box_error_type, const char *(const box_error_t *));
IS(box_error_code, uint32_t(const box_error_t *));
IS(box_error_message, const char *(const box_error_t *));
IS(box_error_last, box_error_t *(void));
IS(box_error_clear, void(void));
static_assert(ER_ILLEGAL_PARAMS == 1 && ER_PROC_LUA == 32 && ER_PROC_C == 102, "codes");
IS(box_error_set, int(const char *, unsigned, uint32_t, const char *, ...));

/* Since later versions. */
IS(fiber_find, struct fiber *(uint32_t));
IS(fiber_join_timeout, int(struct fiber *, double));
IS(fiber_set_ctx, void(struct fiber *, void *));
IS(fiber_get_ctx, void *(struct fiber *));
IS(fiber_set_name_n, void(struct fiber *, const char *, uint32_t));
IS(fiber_name, const char *(struct fiber *));
IS(fiber_id, uint64_t(struct fiber *));
IS(fiber_csw, uint64_t(struct fiber *));

/* Every logging macro compiles, with and without arguments. */
void
use_macros(void);

void
use_macros(void)
{
	say_error("%d", 1);
	say_crit("%s", "text");
	say_warn("text");
	say_info("text");
	say_verbose("text");
	say_debug("text");
	say_syserror("%s", "text");
	say(S_INFO, NULL, "%d", 1);
	say_file_line(S_INFO, __FILE__, __LINE__, NULL, "text");
	if (TIMEOUT_INFINITY > 0)
		box_error_raise(ER_PROC_LUA, "%s", "text");
}

int
main(void)
{
	return 0;
}
