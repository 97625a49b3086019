#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Links the archive with a second Rust static library, as cargo makes it, into one C
# program, in both orders, and runs it: two_rust.sh ARCHIVE DIRECTORY
set -eu
archive=$1
directory=$2
source_dir=$(cd "$(dirname "$0")/../.." && pwd)
rm -rf "$directory"
mkdir -p "$directory"
cd "$directory"

cat >other.rs <<'RUST'
//! A library that brings its own copy of the standard library, panics included.
#[unsafe(no_mangle)]
pub extern "C" fn other_caught() -> i32 {
    std::panic::set_hook(Box::new(|_| {}));
    let words: Vec<String> = (0..3).map(|n| format!("{n}")).collect();
    std::panic::catch_unwind(|| words[3].len()).is_err() as i32
}
RUST
cat >main.c <<'C'
#include "memory.h"
#include "fiber.h"

int other_caught(void);

static int
main_f(va_list ap)
{
	*va_arg(ap, int *) = other_caught();
	return 0;
}

int
main(void)
{
	int caught = 0;
	memory_init();
	fiber_init(fiber_c_invoke);
	fiber_start(fiber_new("main", main_f), &caught);
	fiber_free();
	return caught ? 0 : 1;
}
C
rustc --edition 2024 --crate-type staticlib -O other.rs -o libother.a
gcc -D_GNU_SOURCE -I"$source_dir/include" -c main.c
for order in "$archive libother.a" "libother.a $archive"; do
	# shellcheck disable=SC2086 # two paths
	gcc main.o $order -lev -lstdc++ -lm -lpthread -ldl -o both
	./both
	echo "linked and ran: $order"
done
