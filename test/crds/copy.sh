#!/bin/sh
# usage: test/crds/copy.sh OUTPUT
# Copies into the directory OUTPUT the definitions of the third-party APIs that
# recipes make use of, from the Go modules of the projects themselves. go.sum
# says what they must be. Downloads 17 MB where they are not in the module cache.
set -eu
here=$(dirname "$0")
rm -rf "$1.new"
mkdir -p "$1.new"

# copy MODULE PATH KINDS: each file of the module whose name is PATH and a kind.
copy() {
	module=$1 from=$2 path=$3
	shift 3
	go -C "$here/$from" mod download "$module"
	dir=$(go -C "$here/$from" list -m -f '{{.Dir}}' "$module")
	for kind; do
		cp "$dir/$path$kind.yaml" "$output/"
	done
}
output=$1.new
copy github.com/kedacore/keda/v2 . config/crd/bases/keda.sh_ scaledobjects triggerauthentications
copy github.com/prometheus-operator/prometheus-operator . example/prometheus-operator-crd/monitoring.coreos.com_ servicemonitors
copy sigs.k8s.io/gateway-api . config/crd/standard/gateway.networking.k8s.io_ gatewayclasses gateways httproutes
copy sigs.k8s.io/kueue ../controllers config/components/crd/bases/kueue.x-k8s.io_ \
	clusterqueues localqueues resourceflavors workloadpriorityclasses
copy sigs.k8s.io/lws ../controllers config/crd/bases/leaderworkerset.x-k8s.io_ leaderworkersets
cp "$here"/kong/*.yaml "$output/"

chmod u+w "$output"/* # the module cache is read-only
rm -rf "$1"
mv "$output" "$1"
