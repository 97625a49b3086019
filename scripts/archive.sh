#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Builds libcordage.a: archive.sh BUILD_TYPE TARGET_DIR OUTPUT
#
# cargo's static library is not fit for strangers as it comes: the whole of Rust's
# standard library is in it, under names that clash with any second Rust library. So
# each section of exports.txt becomes one relocatable object, linked from only
# what it needs, in which every symbol that exports.txt does not name is local.
# One object a feature, because a program that brings its own TAP harness, or knows
# nothing of fibers, must be able to leave the others out.
set -eu

build_type=$1
source_dir=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$2"
target_dir=$(cd "$2" && pwd)
output=$3
exports=$source_dir/exports.txt

# Only "Debug" has checks and error injection, as in the reference.
if [ "$build_type" = Debug ]; then
	profile=dev profile_dir=debug
else
	profile=release profile_dir=release
fi

# cargo would warn that it cannot use the jobserver of a make that does not pass it on.
unset MAKEFLAGS MFLAGS
# RUSTFLAGS of the user replace those of .cargo/config.toml, of which one is a must.
if [ -n "${RUSTFLAGS-}" ]; then
	export RUSTFLAGS="$RUSTFLAGS -C force-frame-pointers=yes"
fi

rust_libraries=$(rustc --print target-libdir)
mkdir -p "$target_dir/members" "$(dirname "$output")"
objects=
for member in $(sed -n 's/^\[\(.*\)\]$/\1/p' "$exports"); do
	raw=$target_dir/members/$member.a
	object=$target_dir/members/cordage_$member.o
	names=$target_dir/members/$member.exports
	weak=$target_dir/members/$member.weak

	(cd "$source_dir" && cargo rustc --locked --quiet --lib --crate-type staticlib --profile "$profile" \
		--no-default-features --features "$member" --target-dir "$target_dir")
	cp "$target_dir/$profile_dir/libcordage.a" "$raw"

	section() {
		sed -n "/^\[$member\]\$/,/^\[/ { /^[[#]/d; /^\$/d; p; }" "$exports"
	}
	section | sed 's/^weak //' >"$names"
	section | sed -n 's/^weak //p' >"$weak"

	# The standard library's debug information is ten times ours, and nobody steps
	# through it. Its bitcode makes binutils consult an LLVM plugin, if there is one,
	# which may be too old for it. Its objects carry the names of the toolchain's
	# libraries.
	unpacked=$target_dir/members/$member
	rm -rf "$unpacked"
	mkdir "$unpacked"
	(cd "$unpacked" && ar x "$raw" && for object in *.o; do
		[ ! -e "$rust_libraries/lib${object%%.*}.rlib" ] || echo "$object"
	done | xargs strip --strip-debug --remove-section=.llvmbc --remove-section=.llvmcmd)
	rm "$raw"
	ar crsD "$raw" "$unpacked"/*.o

	# Unwind tables and thread-local storage survive; what no exported symbol
	# reaches does not. Without groups, because one whose symbol is local would still
	# be merged with another library's group of that name.
	sed 's/^/--undefined=/' "$names" >"$names.ld"
	ld -r --gc-sections --force-group-allocation -o "$object" "@$names.ld" "$raw"

	# What the C++ compiler made weak (vtables, type information, inline functions)
	# is shared with every other object that has it. What Rust's made so is not: another
	# Rust library may come from another release.
	readelf -Ws "$object" |
		awk '$5 == "WEAK" && $7 != "UND" && $8 ~ /^(_Z|DW\.ref\._)/ { print $8 }' >>"$names"
	# Undefined symbols that only discarded code used would still be looked for, and
	# as strong ones.
	readelf -Ws "$object" | awk '$7 == "UND" && NF == 8 { print $8 }' >"$names.undefined"
	objcopy --keep-global-symbols="$names" --strip-unneeded-symbols="$names.undefined" \
		"$object"
	# objcopy takes an empty list for an error.
	[ ! -s "$weak" ] || objcopy --weaken-symbols="$weak" "$object"
	if [ "$build_type" = Release ]; then
		objcopy --strip-debug "$object"
	fi
	objects="$objects $object"
done

# From scratch: ar would keep members that are gone. An archive that has not changed keeps
# its date, so that nothing is linked again.
rm -f "$output.new"
# shellcheck disable=SC2086 # the object paths are ours
ar crsD "$output.new" $objects
if cmp -s "$output.new" "$output"; then
	rm "$output.new"
else
	mv "$output.new" "$output"
fi
