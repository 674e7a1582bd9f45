package main

import (
	"log/slog"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// memoryShare is the share of the available memory that Go's collector aims to stay below. The rest is for memory that
// Go does not count, such as SQLite's pages.
const memoryShare = 0.8

// limitMemory sets Go's memory limit from that of the control group or the address space, whichever is lower. Without
// it the collector would not know the limit, and the kernel would kill a busy node. GOMEMLIMIT wins if it is set.
func limitMemory(log *slog.Logger) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	limit := addressSpaceLeft()
	if group, err := memlimit.FromCgroup(); err == nil {
		limit = min(limit, group)
	}
	if limit == math.MaxUint64 {
		return
	}
	bytes := int64(float64(limit) * memoryShare)
	debug.SetMemoryLimit(bytes)
	log.Info("limited Go's memory", "mib", bytes>>20)
}

// addressSpaceLeft returns how many bytes of memory Go can have within the limit of the address space (ulimit -v), or
// [math.MaxUint64] if there is none. Go reserves far more addresses than it uses, and they count towards the limit.
func addressSpaceLeft() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err != nil || limit.Cur > math.MaxInt64 {
		return math.MaxUint64
	}
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return limit.Cur
	}
	size, _, _ := strings.Cut(string(statm), " ")
	pages, err := strconv.ParseUint(size, 10, 64)
	if err != nil {
		return limit.Cur
	}
	var has runtime.MemStats
	runtime.ReadMemStats(&has)
	left := limit.Cur - min(limit.Cur, pages*uint64(os.Getpagesize()))
	return left + has.Sys
}
