/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the program may provide. Rust has no weak references; the pointers are NULL where
 * the program has no such function.
 */

#include <stddef.h>

/* Called by the main cord before each switch (spec fiber.md 4.6). */
extern void cord_on_yield(void) __attribute__((weak));

void (*const cordage_on_yield)(void) = cord_on_yield;

/* AddressSanitizer, if the program is built with it (spec fiber.md 11.10). */
extern void __sanitizer_start_switch_fiber(void **fake_stack_save, const void *bottom,
					   size_t size) __attribute__((weak));
extern void __sanitizer_finish_switch_fiber(void *fake_stack_save, const void **bottom_old,
					    size_t *size_old) __attribute__((weak));
extern void __asan_unpoison_memory_region(void const volatile *addr,
					  size_t size) __attribute__((weak));

/* ThreadSanitizer (sanitizer/tsan_interface.h), likewise. */
extern void *__tsan_get_current_fiber(void) __attribute__((weak));
extern void *__tsan_create_fiber(unsigned flags) __attribute__((weak));
extern void __tsan_destroy_fiber(void *fiber) __attribute__((weak));
extern void __tsan_switch_to_fiber(void *fiber, unsigned flags) __attribute__((weak));
extern void __tsan_acquire(void *addr) __attribute__((weak));
extern void __tsan_release(void *addr) __attribute__((weak));

/* In every sanitizer's runtime: whether there is any. */
extern void __sanitizer_print_stack_trace(void) __attribute__((weak));

void (*const cordage_sanitizer)(void) = __sanitizer_print_stack_trace;
void (*const cordage_asan_start)(void **, const void *, size_t) =
	__sanitizer_start_switch_fiber;
void (*const cordage_asan_finish)(void *, const void **, size_t *) =
	__sanitizer_finish_switch_fiber;
void (*const cordage_asan_unpoison)(void const volatile *, size_t) =
	__asan_unpoison_memory_region;
void *(*const cordage_tsan_current)(void) = __tsan_get_current_fiber;
void *(*const cordage_tsan_create)(unsigned) = __tsan_create_fiber;
void (*const cordage_tsan_destroy)(void *) = __tsan_destroy_fiber;
void (*const cordage_tsan_switch)(void *, unsigned) = __tsan_switch_to_fiber;
void (*const cordage_tsan_acquire)(void *) = __tsan_acquire;
void (*const cordage_tsan_release)(void *) = __tsan_release;
