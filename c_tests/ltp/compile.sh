#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What must compile, and what must not (spec ltp.md 2.2, 3.2). CC and CXX are asked, and
# clang if it is there. Prints only what is wrong.
set -u
include=$(cd "$(dirname "$0")/../../include/ltp" && pwd)
work=$(mktemp -d /tmp/ltp-compile.XXXXXX)
trap 'rm -rf "$work"' EXIT

compilers="${CC:-cc}"
cxx_compilers="${CXX:-c++}"
if command -v clang > /dev/null; then
	compilers="$compilers clang"
	cxx_compilers="$cxx_compilers clang++"
fi

# Every header alone and twice, as each language, without a warning. One command a line,
# and as many at once as there are CPUs.
for header in "$include"/*.h "$include"/lapi/*.h; do
	name=${header#"$include"/}
	source=$work/$(echo "$name" | tr / _)
	printf '#define TST_NO_DEFAULT_MAIN\n#include "%s"\n#include "%s"\nint unused;\n' \
		"$name" "$name" > "$source.c"
	for generation in 2023 2026; do
		flags="-Wall -Wextra -Werror -fsyntax-only -I$include \
			-DTST_API_GENERATION=$generation $source.c"
		for cc in $compilers; do
			for mode in '-std=c11' '-std=gnu99 -D_GNU_SOURCE' \
				'-std=gnu99 -Wold-style-definition -D_FILE_OFFSET_BITS=64'
			do
				echo "$cc $mode $flags"
			done
		done
		for cxx in $cxx_compilers; do
			echo "$cxx -std=c++11 -x c++ $flags"
		done
	done
done > "$work/commands"
xargs -P "$(nproc)" -I{} sh -c '{} || echo "failed: {}"' < "$work/commands" 2>&1 |
	sed "s#$work/##g"

# The type of a report.
cat > "$work/types.c" <<'END'
#include "tst_test.h"

static int type;

static void run(void)
{
	volatile int changing = TPASS;

	tst_res(type ? TPASS : TFAIL, "unknown to the compiler: %d", type);
	tst_res(changing, "neither");
	tst_res(TPASS | TTERRNO, "with a flag");
	type ? tst_res(TPASS, "an expression") : tst_res(TINFO, "of type void");
	if (type)
		tst_brk(type ? TBROK : TCONF, "unknown");
	else
		tst_brk(TCONF | TERRNO, "with a flag");
#ifdef WRONG
	WRONG;
#endif
}

static struct tst_test test = {.test_all = run};
END
for cc in $compilers; do
	for level in -O0 -O2; do
		flags="-std=gnu99 $level -Wall -Wextra -Werror -fsyntax-only -I$include"
		for generation in 2023 2026; do
			$cc $flags -DTST_API_GENERATION=$generation "$work/types.c" ||
				echo "$cc $level $generation: good reports do not build"
		done
		for wrong in 'tst_res(TBROK,"x")' 'tst_res(TBROK|TERRNO,"x")' 'tst_res(3,"x")' \
			'tst_brk(TPASS,"x")' 'tst_brk(TINFO,"x")' 'tst_brk(TWARN|TERRNO,"x")' \
			'tst_res(TPASS,"%s",1)' 'tst_brk(TBROK,"%d")' \
			'SAFE_FILE_SCANF("f","%d",1)' 'TST_EXP_PASS(0,"%s",1)'
		do
			$cc $flags "-DWRONG=$wrong" "$work/types.c" 2> /dev/null &&
				echo "$cc $level: $wrong builds"
		done
		# Since 2026 tst_brk() takes anything.
		$cc $flags -DTST_API_GENERATION=2026 '-DWRONG=tst_brk(TPASS,"x")' \
			"$work/types.c" || echo "$cc $level: tst_brk(TPASS) of 2026"
	done
done
echo "the headers are checked"
