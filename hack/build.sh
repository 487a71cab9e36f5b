#!/bin/sh
# usage: hack/build.sh MODULE OUTPUT PACKAGE LDFLAGS
# Builds PACKAGE of the module in directory MODULE into OUTPUT, and says how far
# it is: the first build of the control plane takes minutes.
set -eu
module=$1 output=$PWD/$2 package=$3 ldflags=$4

step=50
[ -t 2 ] && step=1
{
	if go build -C "$module" -v -buildvcs=false -ldflags="$ldflags" -o "$output" "$package" 2>&1; then
		touch "$output" # make compares times, go does not write what has not changed
	else
		echo "go build failed"
	fi
} | awk -v name="$2" -v step="$step" '
	/^go: downloading/ { if (step == 1) printf "\r\033[K%s: %s", name, $0 > "/dev/stderr"; else if (++got % step == 1) print name ": " $0 " …" > "/dev/stderr"; next }
	/^[a-z0-9.-]+(\/[^ ]*)?$/ { if (++n % step == 0) { if (step == 1) printf "\r\033[K%s: %d packages compiled, now %s", name, n, $0 > "/dev/stderr"; else print name ": " n " packages compiled" > "/dev/stderr" } next }
	{ print > "/dev/stderr" }
	/^go build failed$/ { failed = 1 }
	END { if (n) print (step == 1 ? "\r\033[K" : "") name ": built, " n " packages compiled" > "/dev/stderr"; exit failed }
'
