package views

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"
)

func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_THREAD, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestProbe(t *testing.T) {
	type row struct {
		name, why string
		cv, bm    time.Duration
		ratio     float64
	}
	runtime.LockOSThread()
	var rows []row
	list := hostileTexts()
	fmt.Println(len(list))
	for _, h := range list {
		if os.Getenv("ONLY") != "" && !strings.Contains(h.name, os.Getenv("ONLY")) {
			continue
		}
		var c *conversion
		t0 := cpu()
		c = convert(h.body)
		t1 := cpu() - t0
		t0 = cpu()
		policy().Sanitize(c.html)
		t2 := cpu() - t0
		rows = append(rows, row{h.name, c.refused, t1, t2, float64(len(c.html)) / float64(len(h.body))})
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].cv > rows[j].cv })
	for _, r := range rows {
		fmt.Printf("%-50s cv %7.1f (bm %6.1f) ms  x%.1f %.60s\n", r.name, r.cv.Seconds()*1e3, r.bm.Seconds()*1e3, r.ratio, r.why)
	}
}
