#!/bin/sh
# Installs kubectl-blueprint from a release archive, after checking its checksum and the
# signature of the checksums. Run with --help for the options.
set -eu

# A release sets both.
version=latest
public_key=

releases=https://github.com/kubectl-blueprint/kubectl-blueprint/releases
base_url=${BLUEPRINT_BASE_URL:-}
dir=${BLUEPRINT_INSTALL_DIR:-}
key_file=
require_signature=no

usage() {
	cat <<'EOF'
Installs kubectl-blueprint and its script for kubectl's shell completion.

Usage: install.sh [OPTIONS]

  --version VERSION     release to install, such as v0.1.0
  --dir DIR             directory for the programs, on your PATH
                        (default: /usr/local/bin, or ~/.local/bin if that is not writable)
  --base-url URL        directory with the files of the release, such as a mirror
  --key FILE            public key to verify the signature with
  --require-signature   fail if the signature cannot be verified
  -h, --help            print this help

BLUEPRINT_BASE_URL and BLUEPRINT_INSTALL_DIR set --base-url and --dir.
EOF
}

fail() {
	printf 'Error: %s\n' "$1" >&2
	[ $# -lt 2 ] || printf 'hint: %s\n' "$2" >&2
	exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

parse() {
	while [ $# -gt 0 ]; do
		case $1 in
		--require-signature) require_signature=yes ;;
		-h | --help) usage && exit 0 ;;
		--version | --dir | --base-url | --key)
			[ $# -gt 1 ] || fail "$1 requires a value"
			case $1 in
			--version) version=$2 ;;
			--dir) dir=$2 ;;
			--base-url) base_url=$2 ;;
			--key) key_file=$2 ;;
			esac
			shift
			;;
		*) fail "unknown option $1" "run install.sh --help" ;;
		esac
		shift
	done
}

# archive_name prints the name of the archive for this machine.
archive_name() {
	case $(uname -s) in
	Linux) os=linux ;;
	Darwin) os=darwin ;;
	*) fail "$(uname -s) is not supported by this script" "download a .zip archive from $releases" ;;
	esac
	case $(uname -m) in
	x86_64 | amd64) arch=amd64 ;;
	aarch64 | arm64) arch=arm64 ;;
	*) fail "CPU $(uname -m) is not supported" "build from source: go install github.com/kubectl-blueprint/kubectl-blueprint/cmd/kubectl-blueprint@$version" ;;
	esac
	printf 'kubectl-blueprint_%s_%s.tar.gz\n' "$os" "$arch"
}

# download URL FILE
download() {
	if have curl; then
		curl -fsSL --retry 3 -o "$2" "$1"
	elif have wget; then
		wget -q -O "$2" "$1"
	else
		fail "curl or wget not found"
	fi || fail "cannot download $1"
}

sha256() {
	if have sha256sum; then
		sha256sum "$1"
	elif have shasum; then
		shasum -a 256 "$1"
	else
		openssl dgst -sha256 -r "$1"
	fi | cut -d ' ' -f 1
}

# verify_signature checks checksums.txt with openssl or cosign.
verify_signature() {
	reason=
	if [ -n "$key_file" ]; then
		cp "$key_file" "$work/key.pub" || fail "cannot read $key_file"
	elif [ -n "$public_key" ]; then
		printf '%s\n' "$public_key" >"$work/key.pub"
	else
		reason="no public key; use --key"
	fi
	have openssl || have cosign || reason="neither openssl nor cosign found"
	if [ -n "$reason" ]; then
		[ $require_signature = no ] || fail "cannot verify the signature: $reason"
		printf 'Note: the signature was not verified: %s\n' "$reason" >&2
		return
	fi
	download "$base_url/checksums.txt.sig" "$work/checksums.txt.sig"
	if have openssl; then
		openssl base64 -d -A -in "$work/checksums.txt.sig" -out "$work/signature" &&
			openssl dgst -sha256 -verify "$work/key.pub" -signature "$work/signature" "$work/checksums.txt"
	else
		cosign verify-blob --key "$work/key.pub" --signature "$work/checksums.txt.sig" --insecure-ignore-tlog=true "$work/checksums.txt"
	fi >/dev/null 2>&1 || fail "the signature of checksums.txt is not valid; nothing was installed"
	echo "signature verified"
}

# verify_checksum ARCHIVE
verify_checksum() {
	expected=$(awk -v name="$1" '$2 == name { print $1 }' "$work/checksums.txt")
	[ -n "$expected" ] || fail "checksums.txt does not list $1; nothing was installed"
	[ "$(sha256 "$work/$1")" = "$expected" ] || fail "the checksum of $1 does not match; nothing was installed"
	echo "checksum verified"
}

# install_program NAME replaces a running program, and never leaves a partial one.
install_program() {
	new=$dir/.$1.$$
	if ! { cp "$work/files/$1" "$new" && chmod 755 "$new" && mv -f "$new" "$dir/$1"; }; then
		fail "cannot write $dir/$1" "choose another directory with --dir"
	fi
	echo "installed $dir/$1"
}

main() {
	parse "$@"
	if [ -z "$base_url" ]; then
		base_url=$releases/latest/download
		[ "$version" = latest ] || base_url=$releases/download/$version
	fi
	archive=$(archive_name)
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT TERM

	download "$base_url/checksums.txt" "$work/checksums.txt"
	verify_signature
	download "$base_url/$archive" "$work/$archive"
	verify_checksum "$archive"
	mkdir "$work/files"
	tar -xzf "$work/$archive" -C "$work/files"

	if [ -z "$dir" ]; then
		dir=/usr/local/bin
		[ -w "$dir" ] || dir=$HOME/.local/bin
	fi
	mkdir -p "$dir" || fail "cannot create $dir" "choose another directory with --dir"
	install_program kubectl-blueprint
	install_program kubectl_complete-blueprint
	"$dir/kubectl-blueprint" version
	case ":$PATH:" in
	*":$dir:"*) ;;
	*) printf 'Note: %s is not on your PATH\n' "$dir" >&2 ;;
	esac
}

main "$@" # last, so that an incomplete download of this script does nothing
