/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread-local objects of small/static.h, whose inlines address them
 * directly. Rust cannot define such objects.
 */
#include "small/static.h"

__thread char static_storage_buffer[SMALL_STATIC_SIZE]
	__attribute__((aligned(16)));
__thread size_t static_storage_pos;
