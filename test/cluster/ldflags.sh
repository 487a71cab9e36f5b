#!/bin/sh
# Prints the -ldflags of this module's binaries: stripped, and stamped with the
# Kubernetes version of go.mod, which the API server serves at /version and
# kubectl prints. The date and commit are fixed, so that a rebuild is the same.
set -eu
version=$(sed -n 's#^[[:space:]]*k8s.io/kubernetes \(v[^ ]*\).*#\1#p' "$(dirname "$0")/go.mod" | head -n 1)
minor=${version#v1.}
minor=${minor%%.*}
package=k8s.io/component-base/version
printf '%s' "-s -w -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=$minor"
printf '%s\n' " -X $package.gitCommit=0000000000000000000000000000000000000000 -X $package.gitTreeState=clean -X $package.buildDate=2026-01-01T00:00:00Z"
