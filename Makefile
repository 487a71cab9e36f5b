# Every target that needs a cluster starts its own, a real control plane built
# from test/cluster; KUBECONFIG is used by nothing but `make demo`, on request.

export CGO_ENABLED := 0
# The tools of this tree before those of the machine.
export PATH := $(CURDIR)/bin:$(PATH)

# The public samples, where they lie beside the checkout; tests skip them elsewhere.
export BLUEPRINT_CORPUS ?= $(realpath ../shared/corpus)

LINTER := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2
VERSION ?= $(shell git describe --tags --match 'v*' --dirty 2>/dev/null || echo v0.0.0-dev)

GO_FILES := $(shell find cmd pkg charts -type f -not -name '*_test.go' 2>/dev/null)
CLUSTER_FILES := $(shell find test/cluster -type f -not -name '*_test.go' 2>/dev/null)

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: bin/kubectl-blueprint bin/kubectl ## Run the whole story on a control plane of its own (KUBECONFIG=FILE: on yours)
	@if [ -n "$$KUBECONFIG" ]; then sh hack/demo.sh; else $(MAKE) --no-print-directory bin/cluster && bin/cluster -- sh hack/demo.sh; fi

.PHONY: test
test: tools bin/rclone bin/versitygw ## Run every test, with a control plane started once for all of them
	bin/cluster -- sh -c 'go test ./... && go test -C test/registry ./...'
	cd test/cluster && BLUEPRINT_CLUSTER_BIN=$(CURDIR)/bin/cluster go test ./...
	cd test/krew && go test -count=1 ./... # the test cache does not see what lies outside the module

.PHONY: check
check: fmt vet lint test ## Format, vet, lint and test: what a change must pass

.PHONY: fmt
fmt: ## Fail where gofmt would change a file
	@files=$$(gofmt -l cmd pkg charts test hack) && if [ -n "$$files" ]; then echo "gofmt would change: $$files" >&2; exit 1; fi

.PHONY: vet
vet:
	go vet ./...
	cd test/cluster && go vet ./...
	cd test/krew && go vet ./...
	cd test/registry && go vet ./...
	cd test/storage/tools && go vet ./...

.PHONY: lint
lint: bin/golangci-lint ## Run golangci-lint, which also holds the import rules
	bin/golangci-lint run ./...

.PHONY: golden
golden: ## Write the golden files of testdata anew
	go test ./pkg/render ./pkg/cmd -update

.PHONY: cluster
cluster: bin/cluster ## Start the test control plane with simulated GPU nodes; Ctrl-C stops it
	bin/cluster -kubeconfig bin/kubeconfig

.PHONY: bench
bench: tools bin/helm ## Compare with kubectl and helm, and print ratios
	bin/cluster -- go run ./test/bench

.PHONY: dist
dist: ## Build the release archives and their krew manifest into dist/
	go run ./hack/dist -version $(VERSION)

.PHONY: build
build: bin/kubectl-blueprint ## Build the plugin into bin/

.PHONY: tools
tools: bin/kubectl-blueprint bin/cluster bin/kubectl

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin dist

bin/kubectl-blueprint: $(GO_FILES) go.mod go.sum
	@sh hack/build.sh . $@ ./cmd/kubectl-blueprint "-s -w"

bin/cluster: $(CLUSTER_FILES)
	@sh hack/build.sh test/cluster $@ . "$$(sh test/cluster/ldflags.sh)"

# rclone with the backends that the chart uses, and an S3 server to use it on.
STORAGE_FILES := $(wildcard test/storage/tools/go.* test/storage/tools/*/*.go)
bin/rclone: $(STORAGE_FILES)
	@sh hack/build.sh test/storage/tools $@ ./rclone "-s -w"

bin/versitygw: $(STORAGE_FILES)
	@sh hack/build.sh test/storage/tools $@ github.com/versity/versitygw/cmd/versitygw "-s -w"

bin/kubectl: test/cluster/go.mod test/cluster/go.sum
	@sh hack/build.sh test/cluster $@ k8s.io/kubernetes/cmd/kubectl "$$(sh test/cluster/ldflags.sh)"

# Helm's own build stamps the same: without it helm believes in Kubernetes 1.20.
HELM_KUBE := helm.sh/helm/v3/pkg/chartutil.k8sVersion
bin/helm: go.mod go.sum
	@sh hack/build.sh . $@ helm.sh/helm/v3/cmd/helm "-s -w -X $(HELM_KUBE)Major=1 -X $(HELM_KUBE)Minor=$$(go list -m -f '{{.Version}}' k8s.io/client-go | cut -d. -f2)"

bin/golangci-lint: Makefile
	GOBIN=$(CURDIR)/bin go install $(LINTER)
	@touch $@
