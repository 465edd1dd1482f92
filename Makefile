# One gate for people and machines: `make check`. `make help` lists the targets.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Pure Go: no C compiler is needed, neither to build nor to test.
export CGO_ENABLED := 0

VERSION      := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
TESTFLAGS    ?=
PACKAGES     ?= ./...
FUZZTIME     ?= 10m
RAPID_CHECKS ?= 100000
CRASH_ROUNDS ?= 300
TOOL         := go tool -modfile=tools/go.mod

.PHONY: help build demo test test-clients client-libraries check format-check lint bench bench-large fuzz properties crash format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/kohorte
	go build -trimpath -buildvcs=false -ldflags '-X main.version=$(VERSION)' -o bin/kohorte ./cmd/kohorte

demo: build ## build, invent two companies with their data, show their segments
	bin/kohorte demo

test: ## run all tests, house rules included
	go test -timeout 5m $(TESTFLAGS) $(PACKAGES)

test-clients: client-libraries ## send calls with the libraries of others, lint the API's description (needs Node.js 20, npm, Chromium)
	go vet -tags clients ./tests/clients
	go test -tags clients -count=1 -timeout 10m $(TESTFLAGS) ./tests/clients
	go test -count=1 -run '^TestReferenceLibrary$$' $(TESTFLAGS) ./internal/webhook
	go test -count=1 -run '^TestLint$$' $(TESTFLAGS) ./internal/api

client-libraries: $(patsubst %,tests/%/node_modules/.package-lock.json,clients webhooks openapi)

tests/%/node_modules/.package-lock.json: tests/%/package-lock.json
	cd tests/$* && npm ci --no-audit --no-fund

check: format-check lint build test ## everything that must pass before a change goes in

format-check:
	@files=$$(gofmt -s -l cmd internal tests/*/*.go); \
	if [ -n "$$files" ]; then echo "not formatted, run make format:" >&2; echo "$$files" >&2; exit 1; fi

lint: ## vet and lint; what is switched off has its reason in staticcheck.conf, tools/errcheck.txt
	go vet ./...
	$(TOOL) staticcheck ./...
	$(TOOL) nilness ./...
	$(TOOL) errcheck -ignoretests -exclude tools/errcheck.txt ./...

bench: build ## measure with 100,000 customers and 5 million events; then live, with 200,000 and 10 million
	bin/kohorte bench --customers 100000 --events 5000000
	bin/kohorte bench live

bench-large: build ## measure with 1 million customers and 50 million events
	bin/kohorte bench --customers 1000000 --events 50000000

fuzz: ## run each fuzz target for FUZZTIME (10m)
	@go test -list '^Fuzz' $(PACKAGES) \
	| awk '/^Fuzz/ { targets[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, targets[i]; n = 0 }' \
	| while read -r package target; do \
		echo "== $$target of $$package"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null || exit 1; \
	done

properties: ## run the property tests with RAPID_CHECKS cases each (100000), of PACKAGES (./...)
	RAPID_CHECKS=$(RAPID_CHECKS) go test -count=1 -timeout 24h $(TESTFLAGS) $(PACKAGES)

crash: ## kill the server CRASH_ROUNDS times (300) under load
	KOHORTE_CRASH_ROUNDS=$(CRASH_ROUNDS) go test -count=1 -v -timeout 24h -run '^TestCrash$$' $(TESTFLAGS) ./tests/server

format: ## format the Go code
	gofmt -s -w cmd internal tests/*/*.go

clean: ## remove what make built
	rm -rf bin
