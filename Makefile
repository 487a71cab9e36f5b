# Targets that need a cluster start a control plane built from test/cluster. Only
# `make demo` uses KUBECONFIG, if it is set.

export CGO_ENABLED := 0
# Tools built here take precedence over installed ones.
export PATH := $(CURDIR)/bin:$(PATH)

# Public samples, in a directory next to the checkout or fetched by `make corpus`.
# Tests that need them are skipped without them, or fail if CI is set.
export BLUEPRINT_CORPUS ?= $(or $(realpath ../shared/corpus),$(realpath bin/corpus))

# Kueue and LeaderWorkerSet for tests, their manifests, and the program that starts them.
CONTROLLERS := bin/kueue bin/lws bin/kueue.yaml bin/lws.yaml bin/controllers

LINTER := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2
VERSION ?= $(shell git describe --tags --match 'v*' --dirty 2>/dev/null || echo v0.0.0-dev)

GO_FILES := $(shell find cmd pkg charts -type f -not -name '*_test.go' 2>/dev/null)
CLUSTER_FILES := $(shell find test/cluster -type f -not -name '*_test.go' 2>/dev/null)

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# What runs in place of the model on the test control plane: a start of four seconds.
DEMO_MODEL := bin/app model -download=2s -load=1s -capture=1s
.PHONY: demo
demo: bin/kubectl-blueprint ## Run the NVIDIA NIM example on a test control plane (with KUBECONFIG=FILE: on your cluster)
	@sh hack/demo.sh offline
	@$(MAKE) --no-print-directory bin/kubectl $(if $(KUBECONFIG),,bin/cluster bin/app)
	@$(if $(KUBECONFIG),,bin/cluster -model-server="$(DEMO_MODEL)" --) sh hack/demo.sh cluster

# Nodes that are large enough for every sample recipe.
LARGE_NODES := -nodes=4 -gpus=1000 -amd-gpus=1000 $(foreach resource, \
	cpu=10k memory=100Pi ephemeral-storage=10Pi pods=250 \
	$(foreach slice,1g.5gb 1g.10gb 1g.20gb 1g.24gb.me 2g.20gb 3g.40gb 4g.40gb 7g.80gb,nvidia.com/mig-$(slice)=100), \
	-node-resource=$(resource))

# Tests in this module that need programs that take minutes to build.
INTEGRATION := %/test/storage

# The system tests come first: they wait most, and the others run meanwhile.
TESTED = ./test/system $(filter-out $(INTEGRATION),$(shell go list ./...))

.PHONY: test
test: tools ## Run unit tests and all tests that need only the control plane
	bin/cluster -crds bin/crds -- sh -c 'go test -short -parallel=8 $(TESTED) && go test -C test/registry -count=1 ./...' # the test cache ignores changes in bin
	cd test/cluster && BLUEPRINT_CLUSTER_BIN=$(CURDIR)/bin/cluster go test ./...

.PHONY: integration
integration: tools bin/sops bin/vals bin/rclone bin/versitygw $(CONTROLLERS) ## Run tests with Kueue, LeaderWorkerSet, rclone, an S3 server, sops, vals and krew
	bin/cluster -crds bin/crds -- sh -c 'go test ./test/storage && go test -C test/pipes -count=1 ./...'
	bin/cluster $(LARGE_NODES) -crds bin/crds -- bin/controllers -- sh -c 'go test -C test/controllers ./... && go test -parallel=8 ./test/conformance'
	cd test/krew && go test -count=1 ./... # the test cache ignores changes outside the module

.PHONY: faults
faults: tools restarts ## Kill, cut, stop and delay deploys at every request (make test runs a sample)
	bin/cluster -nodes=4 -crds bin/crds -- go test -count=1 -parallel=8 -timeout=30m ./test/system -run 'Killed|Faults|Delayed|Rivals|Stopped'

.PHONY: restarts
restarts: tools ## Restart the API server during deploys
	bin/cluster -- sh -c 'BLUEPRINT_RESTARTS=1 go test -count=1 -run=TestServerRestarts ./test/system'

# Detect a stopped kubelet after 10 seconds instead of 40.
FAST_NODE_MONITORING := node-monitor-grace-period=10s node-monitor-period=1s
.PHONY: e2e
e2e: bin/kubectl-blueprint bin/cluster bin/node bin/kubelet bin/pause bin/app bin/registry bin/kubectl ## Deploy on a real node with kubelet, containerd and a private registry (needs root and Debian packages)
	BLUEPRINT_NODE_BIN=$(CURDIR)/bin go test -count=1 ./test/node
	bin/cluster -nodes=0 -kubelet=real-node $(FAST_NODE_MONITORING:%=-controller-manager-flag=--%) -- bin/node -- go test -count=1 -parallel=16 ./test/e2e $(E2E_FLAGS)

.PHONY: check
check: fmt vet lint test integration ## Run all checks that a change must pass

.PHONY: fmt
fmt: ## Check the formatting
	@files=$$(gofmt -l cmd pkg charts test hack) && if [ -n "$$files" ]; then echo "gofmt would change: $$files" >&2; exit 1; fi

.PHONY: vet
vet:
	go vet ./...
	cd test/cluster && go vet ./...
	cd test/controllers && go vet ./...
	cd test/krew && go vet ./...
	cd test/registry && go vet ./...
	cd test/storage/tools && go vet ./...
	cd test/pipes && go vet ./...
	cd hack/tools && go vet ./...

.PHONY: lint
lint: bin/golangci-lint ## Run golangci-lint, which also enforces the import rules, and check the workflows
	bin/golangci-lint run ./...
	go tool -modfile=hack/tools/go.mod actionlint

.PHONY: vulncheck
vulncheck: ## Search the plugin for known vulnerabilities (downloads vuln.go.dev)
	go tool -modfile=hack/tools/go.mod govulncheck ./cmd/...

.PHONY: golden
golden: ## Update the golden files (for those of e2e: make e2e E2E_FLAGS=-update)
	go test ./hack/reference ./pkg/signature ./pkg/render ./pkg/cmd ./test/conformance -update

.PHONY: corpus
corpus: ## Fetch the public sample files for tests
	go run ./hack/corpus -out bin/corpus

.PHONY: cluster
cluster: bin/cluster bin/crds bin/app ## Start the test control plane with simulated GPU nodes, until Ctrl-C
	bin/cluster -crds bin/crds -model-server="$(DEMO_MODEL)" -kubeconfig bin/kubeconfig

.PHONY: bench
bench: tools bin/helm ## Compare the performance with kubectl and Helm
	bin/cluster -- go run ./test/bench

.PHONY: dist
dist: ## Build the release archives and the krew manifest in dist/
	go run ./hack/dist -version $(VERSION)

.PHONY: release-dry-run
release-dry-run: ## Build all files of a release in dist/ and check them (signed with SIGNING_KEY or a throw-away key)
	rm -rf dist
	go run ./hack/dist -version $(VERSION) -all
	RELEASE_DIR=$(CURDIR)/dist go test -count=1 ./hack/dist

.PHONY: docs
docs: bin/kubectl-blueprint ## Build the documentation site in dist/site, and check its links and the schemas (needs Node.js and npm)
	PATH="$${PATH#$(CURDIR)/bin:}" sh hack/docs.sh dist/.docs dist/site # bin/node is not Node.js

.PHONY: build
build: bin/kubectl-blueprint ## Build the plugin in bin/

.PHONY: tools
tools: bin/kubectl-blueprint bin/cluster bin/app bin/crds bin/kubectl

.PHONY: clean
clean: ## Delete build output
	rm -rf bin dist

# Without local paths, as in releases, so that both share the build cache.
bin/kubectl-blueprint: $(GO_FILES) go.mod go.sum
	@GOFLAGS="$$GOFLAGS -trimpath" sh hack/build.sh . $@ ./cmd/kubectl-blueprint "-s -w -funcalign=8"

bin/cluster: $(CLUSTER_FILES)
	@sh hack/build.sh test/cluster $@ . "$$(sh test/cluster/ldflags.sh)"

bin/kubelet: test/cluster/go.mod test/cluster/go.sum
	@sh hack/build.sh test/cluster $@ k8s.io/kubernetes/cmd/kubelet "$$(sh test/cluster/ldflags.sh)"

bin/node: $(filter-out %_test.go,$(wildcard test/node/*.go test/node/config/* test/node/image/*))
	@sh hack/build.sh . $@ ./test/node "-s -w"

# Programs that run in the pods of test/e2e and next to them.
bin/pause: $(wildcard test/node/pause/*)
	@sh hack/build.sh . $@ ./test/node/pause "-s -w"

bin/app: $(wildcard test/e2e/app/* test/modelserver/*.go)
	@sh hack/build.sh . $@ ./test/e2e/app "-s -w"

bin/registry: $(wildcard test/registry/go.* test/registry/server/*)
	@sh hack/build.sh test/registry $@ ./server "-s -w"

# rclone with the backends that the chart uses, and an S3 server for it.
STORAGE_FILES := $(wildcard test/storage/tools/go.* test/storage/tools/*/*.go)
bin/rclone: $(STORAGE_FILES)
	@sh hack/build.sh test/storage/tools $@ ./rclone "-s -w"

bin/versitygw: $(STORAGE_FILES)
	@sh hack/build.sh test/storage/tools $@ github.com/versity/versitygw/cmd/versitygw "-s -w"

bin/crds: $(wildcard test/crds/*.* test/crds/kong/*) test/controllers/go.mod
	sh test/crds/copy.sh $@

bin/kubectl: test/cluster/go.mod test/cluster/go.sum
	@sh hack/build.sh test/cluster $@ k8s.io/kubernetes/cmd/kubectl "$$(sh test/cluster/ldflags.sh)"

bin/kueue bin/lws: test/controllers/go.mod test/controllers/go.sum
	@sh hack/build.sh test/controllers $@ sigs.k8s.io/$(if $(findstring kueue,$@),kueue/cmd/kueue,lws/cmd) "-s -w"

bin/kueue.yaml bin/lws.yaml: bin/%.yaml: bin/% bin/kubectl
	bin/kubectl kustomize "$$(go -C test/controllers list -m -f '{{.Dir}}' sigs.k8s.io/$*)/config/default" > $@.new
	@mv $@.new $@

bin/controllers: $(filter-out %_test.go,$(wildcard test/controllers/*))
	@sh hack/build.sh test/controllers $@ . "-s -w"

# The Kubernetes version that Helm's own build sets. Without it, Helm assumes 1.20.
HELM_KUBE := helm.sh/helm/v3/pkg/chartutil.k8sVersion
bin/helm: go.mod go.sum
	@sh hack/build.sh . $@ helm.sh/helm/v3/cmd/helm "-s -w -X $(HELM_KUBE)Major=1 -X $(HELM_KUBE)Minor=$$(go list -m -f '{{.Version}}' k8s.io/client-go | cut -d. -f2)"

bin/sops: test/pipes/go.mod test/pipes/go.sum
	@sh hack/build.sh test/pipes $@ github.com/getsops/sops/v3/cmd/sops "-s -w"

# Without the tag, vals includes the SDKs of all clouds.
bin/vals: test/pipes/go.mod test/pipes/go.sum
	@GOFLAGS=-tags=custom_providers sh hack/build.sh test/pipes $@ github.com/helmfile/vals/cmd/vals "-s -w"

bin/golangci-lint: Makefile
	GOBIN=$(CURDIR)/bin go install $(LINTER)
	@touch $@
