#!/bin/sh
# Rewrites go.mod and go.sum for another Kubernetes: ./update-kubernetes.sh v1.37.2
#
# k8s.io/kubernetes requires its staging modules (k8s.io/api and the rest) at
# v0.0.0 and points them at ./staging with replace directives. A dependency's
# replace directives do not count, so this module repeats each of them with the
# published version that belongs to the release: v1.37.2 goes with v0.37.2.
set -eu
cd "$(dirname "$0")"

version=${1:?usage: update-kubernetes.sh vX.Y.Z}
staging=v0.${version#v1.}
upstream=$(GOFLAGS=-mod=mod GOWORK=off go mod download -json "k8s.io/kubernetes@$version" |
	sed -n 's/.*"GoMod": "\(.*\)",*/\1/p')
provisioner=$(sed -n 's#^\t\(.*external-provisioner/.*\)#\1#p' go.mod) # not of a release
etcd=$(sed -n 's#.*go.etcd.io/etcd/server/v3 \(v[^ ]*\).*#\1#p' "$upstream" | head -n 1)

{
	printf 'module github.com/kubectl-blueprint/kubectl-blueprint/test/cluster\n\n'
	printf 'go %s\n\n' "$(sed -n 's/^go //p' "$upstream")"
	printf 'tool (\n\tk8s.io/kubernetes/cmd/kubectl\n\tk8s.io/kubernetes/cmd/kubelet\n)\n\n'
	printf 'require (\n\tgo.etcd.io/etcd/server/v3 %s\n\tk8s.io/kubernetes %s\n\t%s\n)\n\n' "$etcd" "$version" "$provisioner"
	printf 'replace (\n'
	sed -n 's#^\t\(k8s.io/[a-z-]*\) => ./staging.*#\1#p' "$upstream" |
		while read -r module; do printf '\t%s => %s %s\n' "$module" "$module" "$staging"; done
	printf ')\n'
} > go.mod.new
mv go.mod.new go.mod
rm -f go.sum
go mod tidy
