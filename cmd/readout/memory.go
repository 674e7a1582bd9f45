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

// memoryShare is the part of what the system leaves the process that Go may take before its collector works harder. The rest
// is for what Go does not count, such as SQLite's pages.
const memoryShare = 0.8

// limitMemory tells Go's collector how much memory the process may have, so that a busy node collects more often rather than
// dying of a limit that it did not know: that of its control group, or of its address space. GOMEMLIMIT wins where it is set.
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
	log.Info("memory is limited", "mib", bytes>>20)
}

// addressSpaceLeft returns how many bytes of memory Go may have within the limit of the address space (ulimit -v), or the largest
// number where there is no limit. Go reserves far more addresses than it has memory, and those count too.
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
