# Every command of the project. `make help` lists them; CONTRIBUTING.md explains them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Node >= 24: the machine's own where it is new enough, else the npm package of the same name (hack/node.sh).
export PATH := $(CURDIR)/node_modules/.bin:$(CURDIR)/.cache/node/bin:$(PATH)
NPM_STAMP := node_modules/.package-lock.json
VERSION = $(shell sed -n 's/^  "version": "\(.*\)",$$/\1/p' package.json)
TEST_TOOLS := etcd kube-apiserver kubectl helm kubeconform promtool

##@ Start here

.PHONY: help
help: ## Show this list
	@awk -F':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z0-9-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: needs-root build etcd ## Three hosts, a pool of VIPs, a move, a power cut, a failback: under two minutes (root; KEEP=1 leaves it running)
	@node e2e/demo/main.ts $(if $(KEEP),--keep)

.PHONY: demo-cluster
demo-cluster: needs-root deps ## A real Kubernetes cluster whose nodes are namespaces: helm install, a pool, a power cut, failback, helm uninstall (root; NODES=5, KEEP=1)
	@node e2e/cluster/demo.ts $(if $(KEEP),--keep)

##@ Develop

.PHONY: deps
deps: $(NPM_STAMP) ## Install Node (where needed) and the npm dependencies

.PHONY: build
build: deps ## Compile src/ to dist/
	@tsc -p tsconfig.build.json

.PHONY: format
format: deps ## Rewrite all files in the project's format
	@prettier --log-level=warn --write .

.PHONY: lint
lint: deps proto ## Check format, lint rules, types and the wire format
	@prettier --log-level=warn --check .
	@oxlint --type-aware --quiet
	@tsc -p tsconfig.json

.PHONY: proto
proto: deps ## Check the wire format: its style, and that older agents and controllers still understand it
	@buf lint
	@buf breaking --against proto/baseline.binpb

.PHONY: generate
generate: deps ## Write all generated files anew
	@node hack/generate.ts

.PHONY: manifests
manifests: deps ## Render deploy/install.yaml from the chart (helm)
	@node hack/tools/resolve.ts helm >/dev/null
	@node hack/manifests.ts

.PHONY: proto-baseline
proto-baseline: deps ## Take the wire format as it is as the one that later changes must stay compatible with
	@buf build --exclude-source-info -o proto/baseline.binpb

.PHONY: verify
verify: deps ## Fail when a generated file is not as generated
	@node hack/generate.ts --verify

.PHONY: image
image: ## Build the container image by docker, podman or buildah (IMAGE=NAME:TAG ARCHIVE=FILE NODE_IMAGE=... PLATFORM=linux/arm64)
	@hack/image.sh $(or $(IMAGE),vippool:$(VERSION)) $(ARCHIVE)

##@ Test

.PHONY: test
test: needs-linux build test-tools ## Everything below, with the sum at the end (STRICT=1: a skip is a failure)
	@node hack/test.ts

.PHONY: unit
unit: deps ## Unit tests (no privileges, no tools)
	@node hack/test.ts unit

.PHONY: sim
sim: deps ## Simulator: random faults in virtual time, SEEDS=100000 [FIRST=1] [WORKERS=2]; a failing seed is shrunk and shown
	@node src/testing/sim/main.ts --seeds $(or $(SEEDS),10000) --first $(or $(FIRST),1) --workers $(or $(WORKERS),2)

.PHONY: sim-planted
sim-planted: deps ## Plants a bug for each rule of the protocol in a copy of the source: every one must be caught by the simulator or its unit test
	@node src/testing/sim/main.ts --planted --workers $(or $(WORKERS),2)

.PHONY: integration
integration: needs-linux build test-tools ## Tests with a real etcd, API server and kernel (root for some)
	@node hack/test.ts integration

.PHONY: e2e
e2e: needs-root build test-tools ## Fault matrix, keepalived beside ours: reports/failover.json and a table (root; RUNS=5 ONLY=poweroff,freeze PROFILES=default,fast,turbo SYSTEMS=vippool,keepalived AWAY=4)
	@node e2e/matrix/main.ts

.PHONY: e2e-cluster
e2e-cluster: needs-root deps ## Faults of whole nodes, planned work, strangers and rights on real Kubernetes clusters: reports/cluster.json and a table (root; RUNS=3 NODES=3,5 ONLY=poweroff,dns-down,hostile,noon,roles,bad-manifests PROFILES=default,fast AWAY=4 NOON=10)
	@node e2e/cluster/matrix/main.ts

.PHONY: e2e-uninstall
e2e-uninstall: needs-root deps ## helm uninstall before and after the pools, with nodes up and down, on real Kubernetes clusters: nothing may be left (root; ONLY=release-first,pools-first-node-down,release-first-node-down)
	@node e2e/cluster/uninstall.ts

.PHONY: e2e-tests
e2e-tests: needs-root build test-tools ## Tests on hosts made of network namespaces (root)
	@node hack/test.ts e2e

.PHONY: spec
spec: deps ## Explore the TLA+ models of the protocol and their mutations (java, mvn; ALL=1: also those of many minutes)
	@node hack/spec.ts $(if $(ALL),--all) $(if $(ONLY),--only=$(ONLY))

.PHONY: bench
bench: needs-root build etcd ## All benchmarks, keepalived beside ours: reports/*.json and a table (root; RUNS=5 TRIALS=300 ONLY=failover,apply,footprint,bind,fence,simulator,placement,checks,silence,load,image AGENTS=1000 PROFILE=Default)
	@RUNS=$(or $(RUNS),5) node bench/main.ts

.PHONY: soak
soak: needs-root build etcd ## Nothing is done and nothing may move, idle and busy: MINUTES=10 [PROFILES=Default,Fast,Turbo] [LOAD=idle,busy] [TOGETHER=1] (root)
	@node e2e/soak/main.ts

.PHONY: rows
rows: deps ## Every promised behaviour with the tests that prove it
	@node hack/rows.ts

##@ Machine

.PHONY: tools
tools: deps ## External binaries for the tests, into .cache/tools where the machine lacks them
	@node hack/tools/resolve.ts $(TEST_TOOLS)
	@node hack/kube-schemas.ts

.PHONY: etcd
etcd: deps ## etcd alone, the only binary that the demo needs
	@node hack/tools/resolve.ts etcd

# A tool that cannot be had makes its tests skip, which the sum counts; only STRICT=1 wants all of them.
.PHONY: test-tools
test-tools: deps
	@node hack/tools/resolve.ts $(TEST_TOOLS) || [ "$(STRICT)" != 1 ]
	@node hack/kube-schemas.ts || [ "$(STRICT)" != 1 ]

.PHONY: node needs-linux needs-root
node:
	@hack/check-requirements.sh npm
	@hack/node.sh .cache/node

needs-linux:
	@hack/check-requirements.sh linux npm flock tar

needs-root:
	@hack/check-requirements.sh linux root npm flock tar ip

# Not `npm ci`: that fails where a registry lacks the optional packages of platforms that are not ours.
$(NPM_STAMP): package.json package-lock.json | node
	@npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
