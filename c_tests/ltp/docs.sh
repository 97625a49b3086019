#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What docs/ltp.md tells kernel testers to type, typed: the compiler's line, the example,
# and the output it promises.
. "$(dirname "$0")/lib.sh"

here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$WORK"
ln -s "$here/include" include
ln -s "$BIN/../../../libcordage.a" libcordage.a

# block FIRST: the indented block that begins with a line like FIRST, without the blank
# lines behind it.
block()
{
	awk -v first="$1" '
		!inside && $0 ~ "^    " first { inside = 1 }
		inside && /^[^ ]/ { exit }
		inside && /^$/ { blank = blank "\n"; next }
		inside { sub(/^    /, blank); print; blank = "" }' "$here/docs/ltp.md"
}

block '#include' > example.c
block 'gcc' > line
block 'example.c:5: TPASS' > promised
cat line
sh ./line || exit 1
./example > output 2>&1
echo "exit $?"
tail -n "$(grep -c '' promised)" output | diff promised - && cat promised
