# Every command of the project. `make help` lists them; CONTRIBUTING.md explains them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Node >= 24: the machine's own where it is new enough, else the npm package of the same name (hack/node.sh).
export PATH := $(CURDIR)/node_modules/.bin:$(CURDIR)/.cache/node/bin:$(PATH)
NPM_STAMP := node_modules/.package-lock.json
JEST := node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js

.PHONY: help
help: ## Show this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: node
node:
	@hack/node.sh .cache/node

$(NPM_STAMP): package.json package-lock.json | node
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: deps
deps: $(NPM_STAMP) ## Install Node (where needed) and the npm dependencies

.PHONY: build
build: deps ## Compile src/ to dist/
	@tsc -p tsconfig.build.json

.PHONY: format
format: deps ## Rewrite all files in the project's format
	@prettier --log-level=warn --write .

.PHONY: lint
lint: deps ## Check format, lint rules and types
	@prettier --log-level=warn --check .
	@oxlint --type-aware --quiet
	@tsc -p tsconfig.json

.PHONY: unit
unit: deps ## Unit tests (no privileges, no tools)
	@$(JEST) --selectProjects unit

.PHONY: generate
generate: deps ## Regenerate code and documents from proto/ and crds/
	@buf generate
	@node hack/generate-api.ts
