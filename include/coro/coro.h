/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORO_H
#define CORO_H

/*
 * Bare execution contexts: a stack pointer each, and a switch (spec fiber.md 13).
 *
 * The fiber core is built on these; programs rarely need them. A context may be
 * resumed only in the thread that suspended it. The mask of blocked signals,
 * errno and the floating-point control words are not part of a context.
 *
 * A suspended x86-64 context keeps, from `sp` upwards: r15, r14, r13, r12, rbx, rbp,
 * return address. Backtrace code may rely on that order.
 */

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CORO_VERSION 3

#ifndef CORO_STACKALLOC
#define CORO_STACKALLOC 1
#endif

/** What runs on a fresh context. Must not return: the process would abort. */
typedef void (*coro_func)(void *arg);

typedef struct coro_context coro_context;

struct coro_context {
	/** Saved stack pointer; valid only while suspended. */
	void **sp;
};

/**
 * Prepare ctx to run f(arg) on the memory [sptr, sptr + ssize) when it is resumed
 * for the first time. With f == NULL do nothing: a zeroed context is fit to be
 * the source of a transfer as it is.
 */
void
coro_create(coro_context *ctx, coro_func f, void *arg, void *sptr, size_t ssize);

/** Suspend the caller in prev, resume next. */
void
coro_transfer(coro_context *prev, coro_context *next);

/** A context owns nothing but the memory of its stack, which is the caller's. */
#define coro_destroy(ctx) ((void)(ctx))

#if CORO_STACKALLOC

struct coro_stack {
	/** Lowest usable byte, NULL without a stack. */
	void *sptr;
	/** Usable bytes. */
	size_t ssze;
};

/**
 * Map a stack of `size` pointers (0: 256 * 1024), rounded up to whole pages, with
 * inaccessible pages below it. 1 on success; 0, with sptr NULL and errno
 * set, when there is no memory.
 */
int
coro_stack_alloc(struct coro_stack *stack, unsigned int size);

/** Unmap a stack; harmless if sptr is NULL. Nothing may run on it. */
void
coro_stack_free(struct coro_stack *stack);

#endif /* CORO_STACKALLOC */

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CORO_H */
