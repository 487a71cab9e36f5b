#!/bin/sh
# usage: hack/build.sh MODULE OUTPUT PACKAGE LDFLAGS
# Builds PACKAGE of the module in directory MODULE into OUTPUT. Prints progress,
# because the first build of the control plane takes minutes.
set -eu
module=$1 output=$PWD/$2 package=$3 ldflags=$4

tty=0
[ -t 2 ] && tty=1
{
	if go build -C "$module" -v -buildvcs=false -ldflags="$ldflags" -o "$output" "$package" 2>&1; then
		touch "$output" # make compares times, and go does not rewrite unchanged files
	else
		echo "go build failed"
	fi
} | awk -v name="$2" -v tty="$tty" -v count="go list -C '$module' -deps '$package' | wc -l" '
	function say(text) { printf "%s%s%s", (tty ? "\r\033[K" : ""), text, (tty ? "" : "\n") > "/dev/stderr" }
	/^go: downloading/ {
		if (tty || ++downloads % 50 == 1) say(name ": " $0)
		next
	}
	/^[a-z0-9.-]+(\/[^ ]*)?$/ { # -v prints each compiled package
		if (++n == 50) count | getline total
		if (tty || n % 100 == 0) say(name ": " n (total ? " of at most " total : "") " packages compiled")
		next
	}
	{ say($0); if (tty) say("") }
	/^go build failed$/ { failed = 1 }
	END { if (n && !failed) { say(name ": built, " n " packages compiled"); if (tty) printf "\n" > "/dev/stderr" }; exit failed }
'
