module github.com/kubectl-blueprint/kubectl-blueprint/test/crds

go 1.26.0

// No package here imports these: copy.sh takes their CRD files. `go mod tidy`
// would drop them, so it is not for this module. Kueue's and LeaderWorkerSet's
// come from ../controllers, which runs the controllers as well.
require (
	github.com/kedacore/keda/v2 v2.21.0
	github.com/prometheus-operator/prometheus-operator v0.85.0
	sigs.k8s.io/gateway-api v1.4.0
)
