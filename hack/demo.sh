#!/bin/sh
# usage: hack/demo.sh offline|cluster
# Runs the README's example and prints each command before its output. The
# offline part needs only the plugin. The cluster part uses the cluster of
# KUBECONFIG, in a new namespace that it deletes at the end.
set -eu

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi
run() {
	printf '\n%s$ kubectl' "$bold"
	for word; do
		case $word in
		*' '*) printf ' "%s"' "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '%s\n' "$plain"
	if [ "$1" = blueprint ]; then # kubectl may not be built yet
		shift
		kubectl-blueprint "$@"
	else
		kubectl "$@"
	fi
}

offline() {
	directory=$(mktemp -d)
	trap 'rm -rf "$directory"' EXIT
	cd "$directory"
	run blueprint init nim
	run blueprint validate .
	run blueprint explain recipe_nvidia_gpu_count
	run blueprint render nim.yaml
}

cluster() {
	cd "$(dirname "$0")/../testdata"
	namespace=blueprint-demo
	kubectl create namespace "$namespace" >/dev/null
	trap 'kubectl delete namespace "$namespace" --ignore-not-found --wait=false >/dev/null' EXIT
	trap 'exit 130' INT TERM

	# The payload reads the key from the environment, so that no file contains it.
	export NGC_API_KEY="${NGC_API_KEY:-nvapi-0000000000000000000000000000000000000000}"
	run blueprint secrets apply -n "$namespace" -f payloads/nim.json
	run blueprint secrets list -n "$namespace"
	# Skip the check of images: simulated nodes pull none, and the default key is not valid.
	run blueprint deploy -n "$namespace" recipes/nim-service.json --timeout=5m --preflight=off
	run get pods -n "$namespace" -o wide
	run blueprint list -n "$namespace"
	if [ -n "${BLUEPRINT_TEST_CLUSTER-}" ]; then
		printf '\n# The model of the test control plane repeats the question.'
	fi
	run blueprint ask -n "$namespace" nim "What is a Kubernetes pod?"
}

case ${1-} in
offline | cluster) "$1" ;;
*)
	echo "usage: $0 offline|cluster" >&2
	exit 2
	;;
esac
