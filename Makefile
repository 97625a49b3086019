# SPDX-License-Identifier: BSD-2-Clause
#
# make demo    build, run a server on our fibers under load, run the two seed tests
# make test    build Debug and Release, run every test
# make soak    the long tests
# make bench-small   the allocators beside malloc
#
# Both install what Debian has and this machine lacks, say so, and may be repeated.

BUILD ?= build
TYPES = Debug Release
JOBS != nproc

.PHONY: demo test soak bench-small deps clean
.DELETE_ON_ERROR:

demo: deps
	scripts/build.sh Debug $(BUILD)/Debug
	scripts/build.sh Release $(BUILD)/Release
	scripts/demo.sh $(BUILD)

test: deps
	cargo test --locked
	set -e; for type in $(TYPES); do \
		scripts/build.sh $$type $(BUILD)/$$type; \
		ctest --test-dir $(BUILD)/$$type --output-on-failure -j $(JOBS); \
	done

soak: deps
	scripts/build.sh Release $(BUILD)/Release
	CORDAGE_SOAK=1 ctest --test-dir $(BUILD)/Release --output-on-failure
	PROPTEST_CASES=10000 cargo test --locked --test small_models

bench-small: deps
	scripts/build.sh Release $(BUILD)/Release
	bench/small/deps.sh
	bench/small/run.py $(BUILD)/Release/libcordage.a $(BUILD)/bench-small --docs docs/allocators.md

deps:
	scripts/deps.sh

clean:
	rm -rf $(BUILD) target
