# make test   every test; as root on Debian or Ubuntu it installs what it needs
# make lint   checks the format, the generated files, vet and staticcheck; CI runs this and the tests
# make soak   many more histories of faults and kills than the tests play, and a longer attack; set HISTORIES and SEED
# make lighthouse  requires a performance score of 98 on a phone, in addition to what the tests require
# make bench  every benchmark
# make build  the binary, bin/readout

GO ?= go
STATICCHECK = $(GO) tool -modfile=$(CURDIR)/.ci/tools/go.mod staticcheck

# Tests of the whole program are a module of their own, because of the heavy libraries that they need.
ACCEPTANCE = cmd/readout/acceptance

# Operators build without cgo. Everything that needs no race detector is compiled in the same way, so that the program,
# vet, staticcheck, the generators and the acceptance tests share one set of build cache entries.
export CGO_ENABLED = 0

# A first run spends most of its time in the compiler. Test builds leave out paths, so that all clones on a machine
# share the build cache, and debug information. The compiler may use more memory, so that it collects its garbage less
# often, and it inlines nothing in go-redis, which takes longest to compile. `make build` compiles as usual.
QUICK = -trimpath '-toolexec=env GOGC=400' -gcflags=all=-dwarf=false '-gcflags=github.com/redis/go-redis/v9=-dwarf=false -l'
test lint unit race plain acceptance soak lighthouse: export GOFLAGS = $(QUICK)

.PHONY: test soak build program generate install format fresh lint unit race plain acceptance bench lighthouse

test: install unit

build:
	$(GO) build -trimpath -o bin/readout ./cmd/readout

# Generated code is committed, so that `go run` needs only Go.
generate:
	$(GO) tool templ generate
	$(GO) generate ./assets

install:
	@.ci/install

format:
	@files="$$(gofmt -l $$(git ls-files '*.go'))"; test -z "$$files" || { echo "not formatted: $$files" >&2; exit 1; }

# Fails if the committed files are not what their sources generate.
fresh:
	@.ci/fresh

lint: format fresh
	$(GO) vet ./...
	$(GO) -C $(ACCEPTANCE) vet ./...
	$(STATICCHECK) ./...
	cd $(ACCEPTANCE) && $(STATICCHECK) ./...
	GOOS=darwin $(GO) vet ./realtime

# All three run, even if the first one fails.
unit: program
	@status=0; \
	for part in race plain acceptance; do $(MAKE) --no-print-directory $$part || status=1; done; \
	exit $$status

# The packages in which goroutines share memory are tested under the race detector. SQLite is left out: it is translated
# from C and works through unsafe pointers in memory of its own, where the detector finds nothing and takes most of the
# time. So are the library and the allocator below it. The driver around them stays instrumented, because it has generic
# code that other packages share.
RACE = -race '-gcflags=modernc.org/...=-dwarf=false -d=checkptr=0' \
	$(foreach part,sqlite/lib libc memory,'-gcflags=modernc.org/$(part)=-dwarf=false -race=false')
RACED = store handlers realtime liveblog

GOTEST = $(GO) test -vet=off -count=1

# Several packages run at once, since tests of databases and networks mostly wait. The longest start first.
race: export CGO_ENABLED = 1
race:
	$(GOTEST) $(RACE) -p 3 -timeout 20m $(GOTESTFLAGS) $(RACED:%=./%/...)

plain:
	$(GOTEST) -p 3 -timeout 20m $(GOTESTFLAGS) ./views/... ./cmd/... ./assets/...

# Acceptance tests start the program as operators build it. It is built here once; tests that you run by hand build it
# themselves.
export READOUT_TEST_PROGRAM = $(CURDIR)/bin/test/readout

program:
	$(GO) build -buildvcs=false -o $(READOUT_TEST_PROGRAM) ./cmd/readout

# Two packages and two tests in each run at once. The tests mostly wait, so this keeps two cores busy, and more browsers
# would only slow each other down.
acceptance: program
	$(GO) -C $(ACCEPTANCE) test -vet=off -count=1 -p 2 -parallel 2 -timeout 20m $(GOTESTFLAGS) ./audit ./browser/... ./faults ./...

# A soak plays HISTORIES times 205 histories of faults with 400 readers, HISTORIES times 100 kills, and HISTORIES times
# 100 random histories of each property; SEED sets their seeds. It also attacks a node for five minutes while 500
# readers follow, 99 of 100 of whom must get each update within a second, interrupts 100 times HISTORIES editors who type,
# runs a node whose clock is wrong beside one whose clock is right and a node beside one of another build, checks every
# page with axe-core in each configuration, and converts HISTORIES times 50,000 documents as if they were pasted.
HISTORIES ?= 1
SEED ?= 1
SOAK = $(GO) -C $(ACCEPTANCE) test -vet=off -count=1 -timeout 0 -v

soak: install program
	$(SOAK) -run TestReadersUnderFaults ./faults -histories $(HISTORIES) -seed $(SEED)
	$(SOAK) -run TestKilledServerLosesNothing ./crash -histories $$((4 * $(HISTORIES))) -seed $(SEED)
	$(SOAK) -run TestNodeUnderAttack ./attack -attack 5m -attack-readers 500 -attack-p99 1s
	$(SOAK) -run TestNodesWithWrongClocks ./clocks -node-clock
	$(SOAK) -run TestTextSurvivesAnything ./browser/desk -moments $$((50 * $(HISTORIES))) -seed $(SEED)
	$(SOAK) -run TestTypedTextArrives ./browser/kept -moments $$((50 * $(HISTORIES))) -seed $(SEED)
	$(SOAK) ./browser/upgrade -two-builds
	$(SOAK) -run TestPagesAreAccessible ./audit -axe all
	$(GOTEST) -timeout 0 ./views/paste -documents $$((50000 * $(HISTORIES)))
	CGO_ENABLED=1 RAPID_CHECKS=$$((100 * $(HISTORIES))) RAPID_SEED=$(SEED) $(GOTEST) $(RACE) -timeout 0 $(RACED:%=./%/...)

# Runs Lighthouse on the demo as a phone. No test requires the performance score, because it depends on the machine.
lighthouse: install
	$(GO) -C $(ACCEPTANCE) test -count=1 -v -run TestLighthouse ./audit -performance 98

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...
	$(GO) -C $(ACCEPTANCE) test -run '^$$' -bench . -benchmem ./...
