# SPDX-License-Identifier: BSD-2-Clause
#
# make demo    build, run a server on our fibers under load, run the two seed tests
# make test    build Debug and Release, run every test, with clang, too, if it is there
# make soak    the long tests
# make bench   compare with other libraries, into $(BUILD)/bench and docs/performance.md;
#              BENCH_QUICK=1 only sees that it works
# make bench-small   the allocators beside malloc
# make million a million fibers
#
# They install what Debian has and this machine lacks, say so, and may be repeated.

BUILD ?= build
TYPES = Debug Release
JOBS != nproc

.PHONY: demo test test-clang soak bench bench-small million deps clean
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
	if command -v clang++ >/dev/null; then $(MAKE) test-clang; fi

# Our headers in programs that clang compiles, whose debug information Valgrind cannot read.
# The archive is gcc's here, too.
test-clang:
	set -e; for type in $(TYPES); do \
		scripts/build.sh $$type $(BUILD)/clang-$$type \
			-DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ \
			-DCORDAGE_CARGO_DIR=$(abspath $(BUILD))/$$type/cargo; \
		ctest --test-dir $(BUILD)/clang-$$type --output-on-failure -j $(JOBS) \
			-E '^(examples|abi|ltp)/|^headers$$|^hugemmap_race$$|_valgrind$$'; \
	done

soak: deps
	scripts/build.sh Release $(BUILD)/Release
	CORDAGE_SOAK=1 ctest --test-dir $(BUILD)/Release --output-on-failure
	PROPTEST_CASES=10000 cargo test --locked --test small_models

bench-small: deps
	scripts/build.sh Release $(BUILD)/Release
	bench/small/deps.sh
	bench/small/run.py $(BUILD)/Release/libcordage.a $(BUILD)/bench-small --docs docs/allocators.md

# In one build directory, so that the programs of the comparison are built once.
bench: deps
	bench/deps.sh
	scripts/build.sh Release $(BUILD)/Release
	cmake --build $(BUILD)/Release --target bench_peers
	bench/run.py --programs $(BUILD)/Release/bench/programs \
		$(if $(BENCH_QUICK),--quick --out $(BUILD)/bench/quick,\
			--out $(BUILD)/bench --docs docs/performance.md) $(BENCH_FLAGS)

million: deps
	scripts/build.sh Release $(BUILD)/Release
	$(BUILD)/Release/bench/programs/million

deps:
	scripts/deps.sh

clean:
	rm -rf $(BUILD) target
