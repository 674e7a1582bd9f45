# make test   every test, on a bare Debian or Ubuntu too
# make lint   what reads the code: its format, the generated files, vet and staticcheck; CI checks this and the tests
# make soak   many more histories of faults and kills than the tests play, and a longer attack; HISTORIES and SEED are yours to set
# make lighthouse  asks for a performance of 98 on a phone, beside what the tests ask for
# make build  the binary, bin/readout

GO ?= go
STATICCHECK = $(GO) tool -modfile=$(CURDIR)/.ci/tools/go.mod staticcheck

# Tests of the whole program, with the heavy libraries that they need, are a module of their own.
ACCEPTANCE = cmd/readout/acceptance

# Operators build without cgo. All that is compiled without the race detector is compiled in that one way, so that the build
# cache has it once, for the program, vet, staticcheck, the generators and the acceptance tests.
export CGO_ENABLED = 0

# Most of the time of a first run goes to the compiler. What is built for tests knows no paths, so that all clones on a machine
# share a build cache, and holds nothing for debuggers; the compiler may take more memory to collect its garbage less often; and
# nothing is inlined in the one library that takes longest. What operators build is as usual.
QUICK = -trimpath '-toolexec=env GOGC=400' -gcflags=all=-dwarf=false '-gcflags=github.com/redis/go-redis/v9=-dwarf=false -l'
test lint unit race plain acceptance soak lighthouse: export GOFLAGS = $(QUICK)

.PHONY: test soak build program generate install format fresh lint unit race plain acceptance bench lighthouse

test: install unit

build:
	$(GO) build -trimpath -o bin/readout ./cmd/readout

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

lint: format fresh
	$(GO) vet ./...
	$(GO) -C $(ACCEPTANCE) vet ./...
	$(STATICCHECK) ./...
	cd $(ACCEPTANCE) && $(STATICCHECK) ./...
	GOOS=darwin $(GO) vet ./realtime

# All three run, even when the first one fails.
unit: program
	@status=0; \
	for part in race plain acceptance; do $(MAKE) --no-print-directory $$part || status=1; done; \
	exit $$status

# Where goroutines share memory, the tests run under the race detector. It sees Go's memory; SQLite, translated from C with the
# library and the allocator below it, works in memory of its own, by pointers that are never safe: there it finds nothing and takes
# most of the time. The driver around them stays instrumented: it brings generic code that other packages share.
RACE = -race '-gcflags=modernc.org/...=-dwarf=false -d=checkptr=0' \
	$(foreach part,sqlite/lib libc memory,'-gcflags=modernc.org/$(part)=-dwarf=false -race=false')
RACED = store handlers realtime liveblog

GOTEST = $(GO) test -vet=off -count=1

# Several packages at once, since tests of databases and networks wait. The longest begin first.
race: export CGO_ENABLED = 1
race:
	$(GOTEST) $(RACE) -p 3 -timeout 20m $(GOTESTFLAGS) $(RACED:%=./%/...)

plain:
	$(GOTEST) -p 3 -timeout 20m $(GOTESTFLAGS) ./views/... ./cmd/... ./assets/...

# Acceptance tests start the program as operators build it. It is built once here; tests that are run by hand build it
# themselves.
export READOUT_TEST_PROGRAM = $(CURDIR)/bin/test/readout

program:
	$(GO) build -buildvcs=false -o $(READOUT_TEST_PROGRAM) ./cmd/readout

# Two packages, and two tests in each: what mostly waits keeps two processors busy, and more browsers at once only draw more
# frames while they wait for each other.
acceptance: program
	$(GO) -C $(ACCEPTANCE) test -vet=off -count=1 -p 2 -parallel 2 -timeout 20m $(GOTESTFLAGS) ./audit ./browser/... ./faults ./...

# A soak plays HISTORIES times 205 histories of faults with 400 readers, HISTORIES times 100 kills and HISTORIES times 100 random
# histories of each property; the seeds follow SEED. It attacks a node for five minutes while 500 readers follow, of whom 99 in 100
# must have each update within a second, and shows axe-core every page in each configuration.
HISTORIES ?= 1
SEED ?= 1
SOAK = $(GO) -C $(ACCEPTANCE) test -vet=off -count=1 -timeout 0 -v

soak: install program
	$(SOAK) -run TestReadersUnderFaults ./faults -histories $(HISTORIES) -seed $(SEED)
	$(SOAK) -run TestKilledServerLosesNothing ./crash -histories $$((4 * $(HISTORIES))) -seed $(SEED)
	$(SOAK) -run TestNodeUnderAttack ./attack -attack 5m -attack-readers 500 -attack-p99 1s
	$(SOAK) -run TestPagesAreAccessible ./audit -axe all
	CGO_ENABLED=1 RAPID_CHECKS=$$((100 * $(HISTORIES))) RAPID_SEED=$(SEED) $(GOTEST) $(RACE) -timeout 0 $(RACED:%=./%/...)

# What Lighthouse thinks of the demonstration on a phone; its performance depends on the machine, so no test asks for it.
lighthouse: install
	$(GO) -C $(ACCEPTANCE) test -count=1 -v -run TestLighthouse ./audit -performance 98

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...
	$(GO) -C $(ACCEPTANCE) test -run '^$$' -bench . -benchmem ./...
