/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PMATOMIC_H__
#define PMATOMIC_H__
/**
 * @file
 * Atomic operations on ordinary objects: what C11 <stdatomic.h> gives to
 * _Atomic ones, for C and C++ alike (spec small.md 3).
 *
 * `object` is always a pointer to a plain integer or pointer object of at most
 * 8 bytes. Names without _explicit use sequential consistency.
 */
#include "trivia/config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#ifndef __has_builtin
#define __has_builtin(x) 0
#endif
/** Whether the compiler claims to be GCC maj.min or later. */
#ifndef __GNUC_PREREQ__
#define __GNUC_PREREQ__(maj, min) \
	(__GNUC__ > (maj) || (__GNUC__ == (maj) && __GNUC_MINOR__ >= (min)))
#endif

/** The orders of C11, with the values that the compiler's builtins take. */
typedef enum pm_memory_order {
	pm_memory_order_relaxed = __ATOMIC_RELAXED,
	pm_memory_order_consume = __ATOMIC_CONSUME,
	pm_memory_order_acquire = __ATOMIC_ACQUIRE,
	pm_memory_order_release = __ATOMIC_RELEASE,
	pm_memory_order_acq_rel = __ATOMIC_ACQ_REL,
	pm_memory_order_seq_cst = __ATOMIC_SEQ_CST
} pm_memory_order;

/** Orders memory accesses between threads. */
static inline void
pm_atomic_thread_fence(pm_memory_order order)
{
	__atomic_thread_fence(order);
}

/** Orders memory accesses between a thread and its own signal handlers. */
static inline void
pm_atomic_signal_fence(pm_memory_order order)
{
	__atomic_signal_fence(order);
}

#define pm_atomic_load_explicit(object, order) \
	__atomic_load_n((object), (order))

#define pm_atomic_store_explicit(object, desired, order) \
	__atomic_store_n((object), (desired), (order))

/** Value: what was there before. */
#define pm_atomic_exchange_explicit(object, desired, order) \
	__atomic_exchange_n((object), (desired), (order))

/**
 * If *object equals *expected, stores `desired` and is true. Otherwise stores
 * what was seen in *expected and is false; the weak form may do that
 * spuriously.
 */
#define pm_atomic_compare_exchange_strong_explicit(object, expected, desired, success, failure) \
	__atomic_compare_exchange_n((object), (expected), (desired), 0, (success), (failure))
#define pm_atomic_compare_exchange_weak_explicit(object, expected, desired, success, failure) \
	__atomic_compare_exchange_n((object), (expected), (desired), 1, (success), (failure))

/**
 * Value: what was there before. Adding to or subtracting from a pointer counts
 * bytes, not elements.
 */
#define pm_atomic_fetch_add_explicit(object, operand, order) \
	__atomic_fetch_add((object), (operand), (order))
#define pm_atomic_fetch_sub_explicit(object, operand, order) \
	__atomic_fetch_sub((object), (operand), (order))
#define pm_atomic_fetch_and_explicit(object, operand, order) \
	__atomic_fetch_and((object), (operand), (order))
#define pm_atomic_fetch_or_explicit(object, operand, order) \
	__atomic_fetch_or((object), (operand), (order))
#define pm_atomic_fetch_xor_explicit(object, operand, order) \
	__atomic_fetch_xor((object), (operand), (order))

#define pm_atomic_load(object) \
	pm_atomic_load_explicit((object), pm_memory_order_seq_cst)
#define pm_atomic_store(object, desired) \
	pm_atomic_store_explicit((object), (desired), pm_memory_order_seq_cst)
#define pm_atomic_exchange(object, desired) \
	pm_atomic_exchange_explicit((object), (desired), pm_memory_order_seq_cst)
#define pm_atomic_compare_exchange_strong(object, expected, desired) \
	pm_atomic_compare_exchange_strong_explicit((object), (expected), (desired), \
						   pm_memory_order_seq_cst, \
						   pm_memory_order_seq_cst)
#define pm_atomic_compare_exchange_weak(object, expected, desired) \
	pm_atomic_compare_exchange_weak_explicit((object), (expected), (desired), \
						 pm_memory_order_seq_cst, \
						 pm_memory_order_seq_cst)
#define pm_atomic_fetch_add(object, operand) \
	pm_atomic_fetch_add_explicit((object), (operand), pm_memory_order_seq_cst)
#define pm_atomic_fetch_sub(object, operand) \
	pm_atomic_fetch_sub_explicit((object), (operand), pm_memory_order_seq_cst)
#define pm_atomic_fetch_and(object, operand) \
	pm_atomic_fetch_and_explicit((object), (operand), pm_memory_order_seq_cst)
#define pm_atomic_fetch_or(object, operand) \
	pm_atomic_fetch_or_explicit((object), (operand), pm_memory_order_seq_cst)
#define pm_atomic_fetch_xor(object, operand) \
	pm_atomic_fetch_xor_explicit((object), (operand), pm_memory_order_seq_cst)

#endif /* PMATOMIC_H__ */
