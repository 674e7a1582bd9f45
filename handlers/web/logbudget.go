package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// budgetWindow is the period over which lines are counted.
const budgetWindow = time.Minute

// Lines that each kind of event may write in a budgetWindow. Events that anonymous clients can cause at will are
// summarized; those that the operator reads line by line have room for an ordinary day.
const (
	abuseLines   = 1   // requests that cannot be parsed, connections that break
	RefusedLines = 60  // requests answered with an error
	requestLines = 600 // requests that succeed
)

// ExampleBytes is how many bytes of what a client sent go into a log line.
const ExampleBytes = 200

// LogBudget keeps anonymous clients from filling the log: each kind of event may write a fixed number of lines per
// minute. Further events are counted, and at the end of the minute one line says how many were left out, with the
// first of them as an example. At level DEBUG every event is logged.
//
// Kinds are constants of the program, never anything that a client sent. It is safe for concurrent use.
type LogBudget struct {
	log *slog.Logger

	mu    sync.Mutex // guards kinds
	kinds map[string]*budgetKind
}

// budgetKind counts the events of one kind.
type budgetKind struct {
	ends    time.Time  // when the window ends
	lines   int        // lines logged in the window
	omitted int        // events left out in the window
	level   slog.Level // the highest level of the omitted events
	example string     // the first omitted event
	pending bool       // a summary is scheduled
}

// NewLogBudget returns a budget for the lines of log.
func NewLogBudget(log *slog.Logger) *LogBudget {
	return &LogBudget{log: log, kinds: make(map[string]*budgetKind)}
}

// Allow reports whether an event of a kind, of which at most lines may be logged per minute, may be logged now. If
// not, it counts the event for the summary, and calls example for the first one.
func (b *LogBudget) Allow(level slog.Level, kind string, lines int, example func() string) bool {
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
		k.ends, k.lines = now.Add(budgetWindow), 0
	}
	if k.lines < lines {
		k.lines++
		return true
	}
	if k.omitted == 0 {
		k.level, k.example = level, LogExcerpt(example())
	}
	k.omitted++
	k.level = max(k.level, level)
	if !k.pending {
		k.pending = true
		time.AfterFunc(k.ends.Sub(now), func() { b.summarize(kind, k) })
	}
	return false
}

// summarize logs how many events a window left out and begins the next window, in which the summary counts as a line.
func (b *LogBudget) summarize(kind string, k *budgetKind) {
	b.mu.Lock()
	level, omitted, example := k.level, k.omitted, k.example
	*k = budgetKind{ends: time.Now().Add(budgetWindow), lines: 1}
	b.mu.Unlock()
	b.log.Log(context.Background(), level, "log lines were left out", "kind", kind, "count", omitted,
		"example", example)
}

// Note logs an event that an anonymous client can cause at will, at most once per minute.
func (b *LogBudget) Note(level slog.Level, kind, example string) {
	example = LogExcerpt(example)
	if b.Allow(level, kind, abuseLines, func() string { return example }) {
		b.log.Log(context.Background(), level, kind, "example", example)
	}
}

// Printf logs a line of the HTTP server itself. The server's arguments include client addresses; Printf keeps only
// the error.
func (b *LogBudget) Printf(format string, args ...any) {
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
	b.Note(slog.LevelWarn, "HTTP server: "+format, example)
}

// withoutAddress returns a network error without the addresses of its connection.
func withoutAddress(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Errorf("%s: %w", op.Op, op.Err)
	}
	return err
}

// LogExcerpt cuts what a client sent to [ExampleBytes].
func LogExcerpt(s string) string {
	if len(s) > ExampleBytes {
		return s[:ExampleBytes] + "…"
	}
	return s
}

// LogPath returns a path as the log may keep it, cut as by [LogExcerpt]: the paths of one-time addresses are secrets.
func LogPath(path string) string {
	for _, secret := range []string{"/setup/", "/invite/"} {
		if len(path) > len(secret) && strings.EqualFold(path[:len(secret)], secret) {
			return secret + "…"
		}
	}
	return LogExcerpt(path)
}

// RequestBudget returns the kind under which a request is logged, and how many lines per minute that kind may write.
// Reads and writes have separate budgets, so that neither hides the other. Refused says that the request reached no
// handler.
func RequestBudget(method string, status int, refused bool) (kind string, lines int) {
	switch {
	case refused, status == http.StatusRequestTimeout, status == http.StatusRequestEntityTooLarge,
		status == http.StatusTooManyRequests:
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
