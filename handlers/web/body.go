package web

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"readout/liveblog"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// The handlers read request bodies, not the server: only after routing and authorization, up to the route's limit,
// and out of a budget that all bodies share. A body that no handler reads is never held in memory (see
// [Gate.DiscardUnread]).

// Limits of a request's body, in bytes.
const (
	MaxLargeBody = 1 << 20  // for an entry or a setup
	MaxSmallBody = 16 << 10 // for everything else
	firstRead    = 4 << 10  // initial size of the buffer, which doubles as bytes arrive
	maxFormParts = 256      // fields of a form; the desk's largest form has about forty
)

// Pace is how fast a client has to send a body. The server gives up on slower ones.
type Pace struct {
	Grace time.Duration // for the first byte; added to the time that the rate allows
	Rate  int           // bytes per second
	Total time.Duration // for the whole body
}

// deadline returns when the next byte must have arrived, given that n bytes have.
func (p Pace) deadline(start time.Time, n int) time.Time {
	return start.Add(min(p.Total, p.Grace+time.Duration(n)*time.Second/time.Duration(p.Rate)))
}

// bodyLimits holds the budgets for request bodies, and how long a body may take. Requests without a session have
// budgets of their own, so that anonymous clients cannot use up the memory meant for editors. The three budgets
// together bound the bodies that a node holds; parsing and validating a body takes a small multiple of its size while
// its handler runs.
type bodyLimits struct {
	// Known is for requests with a valid token or session.
	Known *Budget
	// Lapsed is for forms of the desk whose session has ended. They are read so that the answer can give back what was
	// typed.
	Lapsed *Budget
	// Login is for the login form.
	Login *Budget
	Pace  Pace
	// Wait is how long a request waits for its budget to have room.
	Wait   time.Duration
	Linger linger
}

func newBodyLimits() bodyLimits {
	return bodyLimits{
		Known:  NewBudget(32<<20, 8<<20),
		Lapsed: NewBudget(8<<20, 2<<20),
		Login:  NewBudget(4<<20, 1<<20),
		Pace:   Pace{Grace: 5 * time.Second, Rate: 8 << 10, Total: BodyTimeout},
		Wait:   2 * time.Second,
		Linger: linger{Slots: make(chan struct{}, maxLingering), timeout: lingerTimeout},
	}
}

// Keys of a request's user values.
type (
	bodyKey   struct{} // []byte: the body that was read
	formKey   struct{} // *fasthttp.Args: the parsed form
	readKey   struct{} // bool: set once a handler starts to read the body; true once it has reached the end
	expectKey struct{} // bool: the client waits for "100 Continue" before it sends the body
	wantedKey struct{} // bool: a handler asked for that body
)

// ErrBodyWanted ends the first run of the handlers for a client that waits for "100 Continue", when a handler asks
// for the body. No client sees it: the handlers run again once the body has arrived.
var ErrBodyWanted = errors.New("a handler needs the body")

// announcedLength is a request header that [HeaderReceived] sets: the Content-Length of a body larger than any route
// accepts.
const announcedLength = "Readout-Announced-Length"

// HeaderReceived is a hook of the server. It keeps the server from reading a body larger than any route accepts, so
// that the request is refused as soon as its length is known, and gives other bodies their own read timeout.
func HeaderReceived(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	h.Del(announcedLength)
	if n := h.ContentLength(); n > MaxLargeBody {
		h.SetContentLength(0)
		h.Set(announcedLength, strconv.Itoa(n))
	}
	if h.ContentLength() == 0 {
		return fasthttp.RequestConfig{}
	}
	return fasthttp.RequestConfig{ReadTimeout: BodyTimeout}
}

// bodyLength returns the length that the request announces, -1 for a chunked body.
func bodyLength(h *fasthttp.RequestHeader) int {
	if text := h.Peek(announcedLength); len(text) > 0 {
		n, err := strconv.Atoi(string(text))
		if err != nil {
			return -1
		}
		return n
	}
	if n := h.ContentLength(); n >= -1 {
		return n
	}
	return 0 // no body
}

// ReadBody reads the request's body, of at most limit bytes, out of a budget. Owner is the client whose share of the
// budget the body takes; "" counts against no share. The caller calls release when nothing needs the body any longer.
//
// It fails with [liveblog.TooLarge], [liveblog.Malformed], [liveblog.Unavailable] if the budget has no room, or
// fiber.ErrRequestTimeout.
func (g *Gate) ReadBody(c *fiber.Ctx, limit int, from *Budget, owner string) (release func(), err error) {
	ctx := c.Context()
	length := bodyLength(&ctx.Request.Header)
	if length > limit {
		return nil, tooLarge(limit)
	}
	if waits, _ := ctx.UserValue(expectKey{}).(bool); waits && length != 0 {
		ctx.SetUserValue(wantedKey{}, true)
		return nil, ErrBodyWanted
	}
	stream := ctx.RequestBodyStream()
	if stream == nil || length == 0 {
		ctx.SetUserValue(readKey{}, true)
		return func() {}, nil
	}
	r := bodyReader{bodyLimits: &g.Bodies, ctx: ctx, stream: stream, length: length, limit: limit, from: from,
		owner: owner}
	if err := r.read(); err != nil {
		r.release()
		if errors.Is(err, errNoRoom) {
			c.Set(fiber.HeaderRetryAfter, "2")
			err = liveblog.Errorf(liveblog.Unavailable,
				"The server is receiving as much as it can hold at the moment. "+
					"Nothing was saved; send this again in a few seconds.")
		}
		return nil, err
	}
	ctx.SetUserValue(bodyKey{}, r.body)
	return func() {
		ctx.RemoveUserValue(bodyKey{})
		ctx.RemoveUserValue(formKey{})
		r.release()
	}, nil
}

func tooLarge(limit int) error {
	return liveblog.Errorf(liveblog.TooLarge, "The body is larger than %d KiB, which is the limit here.", limit>>10)
}

var errNoRoom = errors.New("the budget has no room for the body")

// bodyReader reads one body.
type bodyReader struct {
	*bodyLimits
	ctx           *fasthttp.RequestCtx
	stream        io.Reader
	length, limit int
	from          *Budget
	owner         string
	body          []byte
}

func (r *bodyReader) read() error {
	start := time.Now()
	r.ctx.SetUserValue(readKey{}, false)
	most := r.limit + 1 // one byte over the limit is enough to tell that a chunked body is too large
	if r.length >= 0 {
		most = r.length
	}
	for {
		if len(r.body) == cap(r.body) {
			if err := r.grow(min(most, max(firstRead, 2*cap(r.body)))); err != nil {
				return err
			}
		}
		deadline := r.Pace.deadline(start, len(r.body))
		if err := r.ctx.SetReadDeadline(deadline); err != nil {
			return err
		}
		n, err := r.stream.Read(r.body[len(r.body):cap(r.body)])
		r.body = r.body[:len(r.body)+n]
		switch {
		case len(r.body) > r.limit:
			return tooLarge(r.limit)
		case len(r.body) == r.length, r.length < 0 && err == io.EOF && sawLastChunk(r.stream):
			r.ctx.SetUserValue(readKey{}, true)
			return nil
		case err != nil && !time.Now().Before(deadline): // the chunked reader hides the timeout
			return fiber.ErrRequestTimeout
		case err != nil:
			return &liveblog.Error{Code: liveblog.Malformed, Message: "The body ended early or could not be read.",
				Err: err}
		}
	}
}

// sawLastChunk reports whether a chunked stream that returned io.EOF had reached its last chunk. The server's stream
// also returns io.EOF if the connection breaks between two chunks; only its unexported field tells the two apart.
func sawLastChunk(stream io.Reader) bool {
	eof := reflect.Indirect(reflect.ValueOf(stream)).FieldByName("eof")
	return eof.IsValid() && eof.Bool()
}

// grow replaces the buffer with one of size bytes. While it copies, both buffers count against the budget.
func (r *bodyReader) grow(size int) error {
	ctx, cancel := Within(r.Wait)
	defer cancel()
	if !r.from.take(ctx, r.owner, size) {
		return errNoRoom
	}
	old := cap(r.body)
	grown := make([]byte, len(r.body), size)
	copy(grown, r.body)
	r.body = grown
	r.from.release(r.owner, old)
	return nil
}

func (r *bodyReader) release() {
	r.from.release(r.owner, cap(r.body))
	r.body = nil
}

// Body returns the body that [Gate.ReadBody] read. It is valid until the body is released.
func Body(c *fiber.Ctx) []byte {
	b, _ := c.Context().UserValue(bodyKey{}).([]byte)
	return b
}

// Form returns the form fields in the body that [Gate.ReadForm] read. It parses them once, and without fasthttp's own
// form parser, which keeps its buffers for as long as the connection lasts.
func Form(c *fiber.Ctx) *fasthttp.Args {
	if args, ok := c.Context().UserValue(formKey{}).(*fasthttp.Args); ok {
		return args
	}
	args := new(fasthttp.Args)
	if b := Body(c); bytes.Count(b, []byte("&")) < maxFormParts {
		args.ParseBytes(b)
	}
	c.Context().SetUserValue(formKey{}, args)
	return args
}

// ReadForm reads a body as [Gate.ReadBody] does, and also refuses one with more than 256 form fields.
func (g *Gate) ReadForm(c *fiber.Ctx, limit int, from *Budget, owner string) (release func(), err error) {
	release, err = g.ReadBody(c, limit, from, owner)
	if err == nil && bytes.Count(Body(c), []byte("&")) >= maxFormParts {
		release()
		return nil, liveblog.Errorf(liveblog.Malformed, "The form has more than %d fields, which is the limit.",
			maxFormParts)
	}
	return release, err
}

// ExpectContinue handles clients that send "Expect: 100-continue" and wait before they send the body. It runs the
// handlers without the body: either they answer, and the client never sends the body, or one of them asks for it, and
// they run again once it has arrived.
func ExpectContinue(serve fasthttp.RequestHandler) func(*fasthttp.RequestCtx) int {
	return func(ctx *fasthttp.RequestCtx) int {
		ctx.SetUserValue(expectKey{}, true)
		serve(ctx)
		if wanted, _ := ctx.UserValue(wantedKey{}).(bool); !wanted {
			return ctx.Response.StatusCode()
		}
		ctx.ResetUserValues()
		ctx.Response.Reset()
		return http.StatusContinue
	}
}

// Limits for a body that no handler has read to its end.
const (
	maxDrained    = 64 << 10 // bytes that the server discards after its answer to keep the connection open
	MaxRefused    = 4 << 20  // bytes to discard at most before closing a connection
	maxLingering  = 256      // connections that linger at the same time
	lingerTimeout = 5 * time.Second
)

// linger closes connections whose client may still be sending. Closing one at once would reset it, and the client
// could lose the answer.
type linger struct {
	Slots   chan struct{} // semaphore: one slot for each connection that lingers
	timeout time.Duration
}

// DiscardUnread wraps every handler and makes sure that an unread body is never taken for the next request. The
// server discards the rest of a short body and keeps the connection. After the answer to a long body, or to one whose
// length is unknown, the connection is closed.
func (g *Gate) DiscardUnread(serve fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		serve(ctx)
		if wanted, _ := ctx.UserValue(wantedKey{}).(bool); wanted || ctx.Hijacked() {
			return
		}
		length := bodyLength(&ctx.Request.Header)
		done, begun := ctx.UserValue(readKey{}).(bool)
		waits, _ := ctx.UserValue(expectKey{}).(bool)
		switch {
		case length == 0, done:
			return
		case length > 0 && length <= maxDrained && !begun && !waits:
			return
		}
		g.Bodies.Linger.close(ctx)
	}
}

// close writes the answer, then waits until the client has closed its side, has sent [MaxRefused] bytes more, or the
// timeout ends, and closes the connection.
func (l linger) close(ctx *fasthttp.RequestCtx) {
	ctx.Response.SetConnectionClose()
	if a, ok := ctx.RemoteAddr().(*net.TCPAddr); !ok || a.Port == 0 {
		return // not a network connection, so there is no reset to avoid
	}
	ctx.Response.SkipBody = ctx.Response.SkipBody || ctx.IsHead()
	var answer bytes.Buffer
	if _, err := ctx.Response.WriteTo(&answer); err != nil {
		return
	}
	ctx.HijackSetNoResponse(true)
	ctx.Hijack(func(hijacked net.Conn) {
		raw := hijacked
		if h, ok := hijacked.(interface{ UnsafeConn() net.Conn }); ok {
			raw = h.UnsafeConn()
		}
		defer raw.Close()
		if raw.SetDeadline(time.Now().Add(l.timeout)) != nil {
			return
		}
		if _, err := raw.Write(answer.Bytes()); err != nil {
			return
		}
		select {
		case l.Slots <- struct{}{}:
			defer func() { <-l.Slots }()
		default:
			return
		}
		if half, ok := raw.(interface{ CloseWrite() error }); ok {
			half.CloseWrite()
		}
		io.CopyN(io.Discard, hijacked, MaxRefused)
	})
}
