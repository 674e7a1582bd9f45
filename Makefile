# make test   everything that CI checks, on a bare Debian or Ubuntu too
# make soak   many more histories of faults than the tests play; SEED and HISTORIES are yours to set
# make lighthouse  asks for a performance of 98 on a phone, beside what the tests ask for
# make build  the binary, bin/readout

GO ?= go
STATICCHECK = $(GO) tool -modfile=.ci/tools/go.mod staticcheck

.PHONY: test soak build generate install format fresh lint unit bench lighthouse

test: install format fresh lint unit

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/readout ./cmd/readout

# Generated code is committed, so that `go run` needs Go alone.
generate:
	$(GO) tool templ generate
	$(GO) generate ./assets

install:
	@.ci/install

format:
	@files="$$(gofmt -l $$(git ls-files '*.go'))"; test -z "$$files" || { echo "not formatted: $$files" >&2; exit 1; }

# What is generated must be what is committed.
fresh:
	@.ci/fresh

lint:
	$(GO) vet ./...
	$(STATICCHECK) ./...
	GOOS=darwin $(GO) vet ./realtime

# The race detector sees Go's memory, and SQLite, translated from C, works in memory of its own: there it finds nothing
# and takes most of the time. The driver around it stays instrumented: it brings generic code that other packages share.
RACE = -race -gcflags=modernc.org/sqlite/lib=-race=false

unit:
	$(GO) test $(RACE) -count=1 -timeout 40m $(GOTESTFLAGS) ./...

HISTORIES ?= 20
SEED ?= 1

soak: install
	$(GO) test $(RACE) -count=1 -timeout 0 -v -run TestReadersUnderFaults ./cmd/readout -histories $(HISTORIES) -seed $(SEED)

# What Lighthouse thinks of the demonstration on a phone; its performance depends on the machine, so no test asks for it.
lighthouse: install
	$(GO) test -count=1 -v -run TestLighthouse ./cmd/readout -performance 98

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...
