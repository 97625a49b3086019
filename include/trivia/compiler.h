/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * Attributes and what one C compiler spells differently from another, or from C++: the part
 * of trivia/util.h that modules get, too.
 *
 * Origin: spec diag.md 12.1, 12.2.
 */
#ifndef CORDAGE_TRIVIA_COMPILER_H_INCLUDED
#define CORDAGE_TRIVIA_COMPILER_H_INCLUDED

#include <assert.h>
#include <stdalign.h>
#include <stddef.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#ifndef __has_builtin
#define __has_builtin(x) 0
#endif
#ifndef __has_attribute
#define __has_attribute(x) 0
#endif
#ifndef __has_cpp_attribute
#define __has_cpp_attribute(x) 0
#endif

/* C++ has no restrict; both compilers know this spelling in both languages. */
#undef restrict
#define restrict __restrict__

#if !defined(__cplusplus) && !defined(static_assert)
#define static_assert _Static_assert
#endif

#if !defined(alignas) && !defined(__cplusplus)
#define alignas(x) __attribute__((aligned(x)))
#endif
#if !defined(alignof) && !defined(__cplusplus)
#define alignof(x) __alignof__(x)
#endif

/** The structure that `ptr`, the address of its `member`, belongs to. */
#ifndef container_of
#define container_of(ptr, type, member) ({				\
	const __typeof__(((type *)NULL)->member) *member_ptr_ = (ptr);	\
	(type *)((char *)member_ptr_ - offsetof(type, member));		\
})
#endif

/** Which way a branch usually goes; the value is 0 or 1. */
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/** prefetch(address[, for_writing[, locality]]) */
#define prefetch(addr, ...) __builtin_prefetch(addr, ##__VA_ARGS__)

/** Control never gets here: checked in Debug, a promise to the compiler in Release. */
#ifndef unreachable
#define unreachable() (assert(0), __builtin_unreachable())
#endif

/*
 * Attributes. They go in front of a declaration (before `static`), where both the
 * C++ and the GNU spelling are accepted.
 */
#define MAYBE_UNUSED __attribute__((unused))
#define NOINLINE __attribute__((noinline))
#define PACKED __attribute__((packed))
#define DEPRECATED(msg) __attribute__((deprecated(msg)))
/** CFORMAT(printf, index of the format, index of the first argument or 0 for a va_list) */
#define CFORMAT(archetype, stringindex, firsttocheck) \
	__attribute__((format(archetype, stringindex, firsttocheck)))

#if defined(__cplusplus)
#define NORETURN [[noreturn]]
#else
#define NORETURN __attribute__((noreturn))
#endif

#if defined(__cplusplus) && __cplusplus >= 201703L
#define NODISCARD [[nodiscard]]
#else
#define NODISCARD __attribute__((warn_unused_result))
#endif

#if defined(__cplusplus) && __cplusplus >= 201703L
#define FALLTHROUGH [[fallthrough]]
#elif __has_attribute(fallthrough)
#define FALLTHROUGH __attribute__((fallthrough))
#else
#define FALLTHROUGH
#endif

/** A function that loadable modules may call. It never throws. */
#if defined(__cplusplus)
#define API_EXPORT extern "C" __attribute__((nothrow, visibility("default")))
#else
#define API_EXPORT extern __attribute__((nothrow, visibility("default")))
#endif

#endif /* CORDAGE_TRIVIA_COMPILER_H_INCLUDED */
