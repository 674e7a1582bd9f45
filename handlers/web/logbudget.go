package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// budgetWindow is the time over which lines are counted.
const budgetWindow = time.Minute

// Lines that each kind of event may write in a budgetWindow. What strangers cause at will is summarised; what the
// operator reads line by line has room for an ordinary day.
const (
	abuseLines   = 1   // requests that cannot be read, connections that break
	RefusedLines = 60  // requests that are answered with an error
	requestLines = 600 // requests that are answered
)

// ExampleBytes is how much of what a client sent goes into a line.
const ExampleBytes = 200

// logBudget keeps strangers from filling the log: each kind of event writes a fixed number of lines a minute. Further
// events are counted, and one line at the end of the minute says how many there were, with the first as an example.
// At the level DEBUG every event has its line.
//
// The kinds are constants of the program, never anything that a client sent.
type logBudget struct {
	log *slog.Logger

	mu    sync.Mutex // guards kinds
	kinds map[string]*budgetKind
}

// budgetKind is the state of one kind.
type budgetKind struct {
	ends    time.Time // of the window
	written int       // lines in the window
	omitted int
	level   slog.Level // of the omitted events, the highest
	example string     // the first event that was omitted
	pending bool       // a summary is on its way
}

func NewLogBudget(log *slog.Logger) *logBudget {
	return &logBudget{log: log, kinds: make(map[string]*budgetKind)}
}

// Allow reports whether an event may write its line now. It counts the event where it may not.
func (b *logBudget) Allow(level slog.Level, kind string, lines int, example func() string) bool {
	if b.log.Enabled(context.Background(), slog.LevelDebug) {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.kinds[kind]
	if k == nil {
		k = new(budgetKind)
		b.kinds[kind] = k
	}
	now := time.Now()
	if !k.pending && !now.Before(k.ends) {
		k.ends, k.written = now.Add(budgetWindow), 0
	}
	if k.written < lines {
		k.written++
		return true
	}
	if k.omitted == 0 {
		k.level, k.example = level, Clipped(example())
	}
	k.omitted++
	k.level = max(k.level, level)
	if !k.pending {
		k.pending = true
		time.AfterFunc(k.ends.Sub(now), func() { b.summarise(kind, k) })
	}
	return false
}

// summarise writes what a window left out and begins the next, in which the summary counts as a line.
func (b *logBudget) summarise(kind string, k *budgetKind) {
	b.mu.Lock()
	level, omitted, example := k.level, k.omitted, k.example
	*k = budgetKind{ends: time.Now().Add(budgetWindow), written: 1}
	b.mu.Unlock()
	b.log.Log(context.Background(), level, "log lines were left out", "kind", kind, "count", omitted, "example", example)
}

// Note writes a line about something that a stranger may cause at will.
func (b *logBudget) Note(level slog.Level, kind, example string) {
	example = Clipped(example)
	if b.Allow(level, kind, abuseLines, func() string { return example }) {
		b.log.Log(context.Background(), level, kind, "example", example)
	}
}

// Printf is for the HTTP server, whose own lines name the addresses of clients; of them only the error is kept.
func (b *logBudget) Printf(format string, args ...any) {
	var example string
	for _, arg := range args {
		switch arg := arg.(type) {
		case net.Addr:
		case error:
			example = withoutAddress(arg).Error()
		case string, fmt.Stringer:
		default:
			if example == "" {
				example = fmt.Sprint(arg)
			}
		}
	}
	b.Note(slog.LevelWarn, "the HTTP server reports: "+format, example)
}

// withoutAddress returns what an error of the network says besides whom it was about.
func withoutAddress(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Errorf("%s: %w", op.Op, op.Err)
	}
	return err
}

func Clipped(s string) string {
	if len(s) > ExampleBytes {
		return s[:ExampleBytes] + "…"
	}
	return s
}

// RequestBudget returns the kind of a request for the log, and how many lines that kind may write. Readers and writers
// have budgets of their own, so that neither hides the others.
func RequestBudget(method string, status int, refused bool) (kind string, lines int) {
	switch {
	case refused, slices.Contains([]int{http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests}, status):
		return "requests answered with " + strconv.Itoa(status), abuseLines
	case status >= http.StatusInternalServerError:
		return "requests that failed", RefusedLines
	case status >= http.StatusBadRequest:
		return "requests that were refused", RefusedLines
	case method == fiber.MethodGet, method == fiber.MethodHead, method == fiber.MethodOptions:
		return "requests that read", requestLines
	}
	return "requests that write", requestLines
}
