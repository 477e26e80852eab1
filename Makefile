# `make` lists what there is. Nothing here reaches an AWS account: real
# credentials are taken out of the environment, and those put in belong to nobody.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

GO        ?= go
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS   := -s -w -X main.version=$(VERSION)
PACKAGES  ?= ./...
TESTFLAGS ?=
FUZZTIME  ?= 20s
# More flags of the benchmark: BENCHFLAGS="-rounds 5 -at-once 3", or "-parts main,slow".
BENCHFLAGS ?=
# What takes longest is begun first.
LONGEST   := ./test/acceptance ./internal/conformance ./cmd/cicdctl ./test/fleetscale ./test/browser
# Tests, and the programs that scripts start, make much garbage and hold little: it is collected when it is eight times
# what they hold, and at 2 GiB a process.
TESTGC    := GOGC=800 GOMEMLIMIT=2GiB
# The version of moto that its patches are tried on beside the pinned one. They hold what
# AWS does, so what holds on two versions does not come from one.
OTHERMOTO := 5.2.1
# The longest a file of Go may be. What does not fit is two things.
MAXLINES  := 400

# All targets but the one that is for a real account.
ifneq ($(MAKECMDGOALS),acceptance)
unexport AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_ROLE_ARN AWS_WEB_IDENTITY_TOKEN_FILE
unexport AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3
export AWS_ACCESS_KEY_ID           := nobody
export AWS_SECRET_ACCESS_KEY       := nothing
export AWS_REGION                  := eu-west-3
export AWS_CONFIG_FILE             := /dev/null
export AWS_SHARED_CREDENTIALS_FILE := /dev/null
export AWS_EC2_METADATA_DISABLED   := true
endif

##@ Product

.PHONY: build
build: ## Build bin/cicdctl
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/cicdctl ./cmd/cicdctl

.PHONY: demo
demo: build ## Show a client's life in the sandbox: create, show, plan, destroy
	scripts/demo.sh

.PHONY: demo-report
demo-report: build ## Write the dossier of a sample client as HTML and PDF into OUT (default: bin/dossier)
	scripts/demo-report.sh '$(or $(OUT),bin/dossier)'

##@ Proof

.PHONY: test
test: ## Run all tests; the first time, this installs the AWS emulator moto (two versions, 140 MB each)
ifeq ($(PACKAGES),./...)
	$(TESTGC) $(GO) test -timeout 40m $(TESTFLAGS) $(LONGEST) ./...
	CICDCTL_MOTO_VERSION=$(OTHERMOTO) $(TESTGC) $(GO) test -count=1 $(TESTFLAGS) ./internal/awsapi/mototest
else
	$(TESTGC) $(GO) test -timeout 40m $(TESTFLAGS) $(PACKAGES)
endif

.PHONY: race
race: ## Run all tests in random order under the race detector (slow)
	$(GO) test -race -shuffle=on $(TESTFLAGS) $(PACKAGES)

.PHONY: lint
lint: bin/golangci-lint ## Check style, layers and the length of files
	bin/golangci-lint run $(PACKAGES)
	@git ls-files -co --exclude-standard -- '*.go' | while read -r file; do \
		[ -f "$$file" ] || continue; lines=$$(wc -l <"$$file"); \
		if [ "$$lines" -gt $(MAXLINES) ]; then echo "$$file has $$lines lines, more than $(MAXLINES): split it"; fi; \
	done | { ! grep . ; }

.PHONY: fuzz
fuzz: ## Feed nonsense to every parser, $(FUZZTIME) each
	@grep -rlE --include='*_test.go' '^func Fuzz' . | while read -r file; do \
		for name in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/p' "$$file"); do \
			echo "$$(dirname "$$file") $$name"; \
			$(GO) test "$$(dirname "$$file")" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) || exit 1; \
		done; \
	done

.PHONY: cover
cover: ## Run all tests and write cover.html
	$(GO) test -coverpkg=./internal/... -coverprofile=cover.out $(TESTFLAGS) $(PACKAGES)
	$(GO) tool cover -html=cover.out -o cover.html
	@$(GO) tool cover -func=cover.out | tail -n 1

.PHONY: bench
bench: ## Measure calls, time and memory on moto and write BENCHMARKS.md; VS=PATH compares an older build
	$(GO) run ./test/bench $(if $(VS),-vs $(VS)) $(BENCHFLAGS)

.PHONY: acceptance
acceptance: build ## Try a client's life in a real account: make acceptance ACCOUNT=… REGION=… IMAGE=… (costs money)
	$(GO) run ./test/acceptance -account '$(ACCOUNT)' -region '$(REGION)' -image '$(IMAGE)'

##@ Release

.PHONY: snapshot
snapshot: ## Build all that a release consists of, but for the container image, into dist (minutes)
	@git remote get-url origin >/dev/null || { echo "without a remote, GoReleaser takes no version from git: git remote add origin URL"; exit 1; }
	scripts/goreleaser.sh check
	scripts/goreleaser.sh release --snapshot --clean --timeout 3h # from nothing, two processors take most of GoReleaser's own limit, an hour

.PHONY: release-test
release-test: ## Build a release twice, install its packages here and remove them: as root, on a fresh Debian 12
	test/release/run.sh

##@ Upkeep

.PHONY: golden
golden: ## Rewrite the golden files from what the code says now; read the diff
	$(GO) test $$(grep -rlE --include='*_test.go' '(flag\.Bool\("update"|golden\.|browser\.Golden)' . | xargs -n1 dirname | sort -u) -update

.PHONY: docs
docs: ## Write the reference of commands, the man pages and the list of controls
	$(GO) test ./cmd/cicdctl -run TestReferenceIsCurrent -count=1 -update
	$(GO) test ./internal/audit -run TestControlsPageIsCurrent -count=1 -update

.PHONY: catalog
catalog: ## List the texts that lack a French one, and French ones that nothing says any more
	@$(GO) test ./internal/lang -run 'Every|Each|Translations' -count=1 | { ! grep -E 'catalog_test|counts_test'; }

.PHONY: fmt
fmt: bin/golangci-lint ## Format the code
	bin/golangci-lint fmt $(PACKAGES)

.PHONY: clean
clean: ## Remove what was built here
	rm -rf bin build dist cover.out cover.html

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST) | sed 's/\$$(FUZZTIME)/$(FUZZTIME)/'

# The linter is built from the version that tools/go.mod pins, and kept.
bin/golangci-lint: tools/go.mod tools/go.sum
	$(GO) build -trimpath -modfile=tools/go.mod -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
