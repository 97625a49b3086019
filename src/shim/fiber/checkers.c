/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the allocators call if the program is built with a sanitizer. Rust has no weak
 * references; the pointers are NULL where there is no such function. src/small/checkers.rs
 * is the only reader.
 */
#include <stddef.h>

/* AddressSanitizer. The last one reports bytes that must not be read. */
extern void __asan_poison_memory_region(void const volatile *addr, size_t size)
	__attribute__((weak));
extern void __asan_unpoison_memory_region(void const volatile *addr, size_t size)
	__attribute__((weak));
extern void __asan_loadN(void const *addr, size_t size) __attribute__((weak));

/* LeakSanitizer: where else to look for pointers. */
extern void __lsan_register_root_region(void const *addr, size_t size)
	__attribute__((weak));
extern void __lsan_unregister_root_region(void const *addr, size_t size)
	__attribute__((weak));

/* In files that include small/region.h and are compiled with AddressSanitizer. */
extern char cordage_region_watched __attribute__((weak));

struct cordage_checkers {
	void (*asan_poison)(void const volatile *, size_t);
	void (*asan_unpoison)(void const volatile *, size_t);
	void (*asan_load)(void const *, size_t);
	void (*lsan_register)(void const *, size_t);
	void (*lsan_unregister)(void const *, size_t);
	const char *region_watched;
};

const struct cordage_checkers cordage_checkers = {
	__asan_poison_memory_region,
	__asan_unpoison_memory_region,
	__asan_loadN,
	__lsan_register_root_region,
	__lsan_unregister_root_region,
	&cordage_region_watched,
};
