#!/bin/sh
# The whole story of the README against the cluster of KUBECONFIG, in a
# namespace of its own that is removed at the end. Each command is printed
# before its output.
set -eu
cd "$(dirname "$0")/../testdata"

namespace=blueprint-demo
if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi
run() {
	printf '\n%s$ %s%s\n' "$bold" "$*" "$plain"
	"$@"
}
clean() { kubectl delete namespace "$namespace" --ignore-not-found --wait=false >/dev/null; }

# The payload takes the key from here, so that no file holds it.
export NGC_API_KEY="${NGC_API_KEY:-nvapi-0000000000000000000000000000000000000000}"

kubectl create namespace "$namespace" >/dev/null
trap clean EXIT
trap 'exit 130' INT TERM

run kubectl blueprint secrets apply -n "$namespace" -f payloads/nim.json
run kubectl blueprint secrets list -n "$namespace"
run kubectl blueprint render recipes/nim-service.json
# Simulated nodes pull nothing, and the key may be a made-up one: no registry is asked.
run kubectl blueprint deploy -n "$namespace" recipes/nim-service.json --timeout=5m --preflight=off
run kubectl get pods -n "$namespace" -o wide
run kubectl blueprint list -n "$namespace"
run kubectl blueprint undeploy -n "$namespace" recipes/nim-service.json
