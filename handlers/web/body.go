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

// A body is read by the handlers and not by the server: only after routing and authorisation, up to the limit of the
// route, and out of a budget that all bodies share. What nobody asks for is never kept (see [Gate.LeavesUnread]).

// Limits of a request's body, in bytes.
const (
	MaxLargeBody = 1 << 20  // of an entry or a setup
	MaxSmallBody = 16 << 10 // of anything else
	firstRead    = 4 << 10  // bytes that a body is given room for at first; the room doubles as bytes arrive
	maxFormParts = 256      // fields of a form; the largest form of the desk has about forty
)

// Pace is how fast a body has to arrive.
type Pace struct {
	Grace time.Duration // before the rate counts
	Rate  int           // bytes a second
	Total time.Duration // for the whole body
}

// deadline is when the next byte has to be there after n bytes.
func (p Pace) deadline(start time.Time, n int) time.Time {
	return start.Add(min(p.Total, p.Grace+time.Duration(n)*time.Second/time.Duration(p.Rate)))
}

// bodies are the budgets that bodies are read out of. Those without a session have budgets of their own, so that strangers
// take no room from editors. All that a node holds of bodies is what the three hold together; reading and validating one
// takes a small multiple of it while its handler runs.
type bodies struct {
	Known  *Budget // of valid tokens and sessions
	Lapsed *Budget // of the desk's own forms whose session has ended, which are answered with what was typed
	Login  *Budget
	Pace   Pace
	Wait   time.Duration // for room in a budget
	Linger linger
}

func newBodies() bodies {
	return bodies{
		Known:  NewBudget(32<<20, 8<<20),
		Lapsed: NewBudget(8<<20, 2<<20),
		Login:  NewBudget(4<<20, 1<<20),
		Pace:   Pace{Grace: 5 * time.Second, Rate: 8 << 10, Total: BodyTimeout},
		Wait:   2 * time.Second,
		Linger: linger{Places: make(chan struct{}, maxLingering), patience: lingerTimeout},
	}
}

// Keys of what is noted about a request's body.
type (
	bodyKey   struct{} // []byte: the body
	formKey   struct{} // *fasthttp.Args: the form in it
	readKey   struct{} // bool: a handler has begun to read the body, and whether it got to the end
	expectKey struct{} // bool: the client waits with the body for "100 Continue"
	wantedKey struct{} // bool: a handler wants that body
)

// ErrWanted ends a run of the handlers that found that the body is wanted. It is never answered.
var ErrWanted = errors.New("the body is wanted")

// announcedLength is a header that the server sets itself: the length of a body that is larger than any route takes.
const announcedLength = "Readout-Announced-Length"

// HeaderReceived keeps the server from reading a body that no route takes, so that it is refused as soon as it is
// announced, and gives a body that is read a time of its own.
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

// length is the length of the body as announced, -1 where it comes in chunks.
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

// ReadBody reads the body of a request out of a budget; owner is whose share of it is used, "" for nobody's. The caller
// calls release when nothing needs the body any more. It fails with [liveblog.TooLarge], [liveblog.Malformed],
// [liveblog.Unavailable] where there is no room, or a timeout.
func (g *Gate) ReadBody(c *fiber.Ctx, limit int, from *Budget, owner string) (release func(), err error) {
	ctx := c.Context()
	length := bodyLength(&ctx.Request.Header)
	if length > limit {
		return nil, tooLarge(limit)
	}
	if waits, _ := ctx.UserValue(expectKey{}).(bool); waits && length != 0 {
		ctx.SetUserValue(wantedKey{}, true)
		return nil, ErrWanted
	}
	stream := ctx.RequestBodyStream()
	if stream == nil || length == 0 {
		ctx.SetUserValue(readKey{}, true)
		return func() {}, nil
	}
	r := bodyReader{ctx: ctx, stream: stream, length: length, limit: limit, from: from, owner: owner, bodies: &g.Bodies}
	if err := r.read(); err != nil {
		r.release()
		if errors.Is(err, errNoRoom) {
			c.Set(fiber.HeaderRetryAfter, "2")
			err = liveblog.Errorf(liveblog.Unavailable, "The server is taking in as much as it can at the moment. Nothing was saved; send this again in a few seconds.")
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
	return liveblog.Errorf(liveblog.TooLarge, "The body takes more than %d KiB, which is the limit here.", limit>>10)
}

var errNoRoom = errors.New("no room for the body")

// bodyReader reads one body.
type bodyReader struct {
	*bodies
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
	most := r.limit + 1 // of chunks, one byte more than the limit says that there are too many
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
		case err != nil && !time.Now().Before(deadline): // the error of a chunk does not say so
			return fiber.ErrRequestTimeout
		case err != nil:
			return &liveblog.Error{Code: liveblog.Malformed, Message: "The body ended early or could not be read.", Err: err}
		}
	}
}

// sawLastChunk reports whether a stream of chunks that is at its end got there by the last chunk. The server's stream says
// the same where the connection ended between two chunks, and only its own field tells the two apart.
func sawLastChunk(stream io.Reader) bool {
	eof := reflect.Indirect(reflect.ValueOf(stream)).FieldByName("eof")
	return eof.IsValid() && eof.Bool()
}

// grow makes room. While the bytes are moved, the old room and the new one both count.
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
	r.from.give(r.owner, old)
	return nil
}

func (r *bodyReader) release() {
	r.from.give(r.owner, cap(r.body))
	r.body = nil
}

// Body returns the body that was read.
func Body(c *fiber.Ctx) []byte {
	b, _ := c.Context().UserValue(bodyKey{}).([]byte)
	return b
}

// Form returns the fields of the body that was read. They are parsed once, and not by the server's own parser, whose
// buffers stay with the connection.
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

// ReadForm reads a body as readBody does, and refuses one that is no form of ours.
func (g *Gate) ReadForm(c *fiber.Ctx, limit int, from *Budget, owner string) (release func(), err error) {
	release, err = g.ReadBody(c, limit, from, owner)
	if err == nil && bytes.Count(Body(c), []byte("&")) >= maxFormParts {
		release()
		return nil, liveblog.Errorf(liveblog.Malformed, "The form has more than %d fields, which is the limit.", maxFormParts)
	}
	return release, err
}

// Expectation answers a client that waits for "100 Continue" before it sends its body. The handlers run without the body:
// either they answer, and the body is never sent, or they want it, and run again when it is there.
func Expectation(serve fasthttp.RequestHandler) func(*fasthttp.RequestCtx) int {
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

// What becomes of a body that no handler has read.
const (
	maxDrained    = 64 << 10 // bytes that the server reads away after its answer, and keeps the connection
	MaxRefused    = 4 << 20  // bytes that are read away before a connection is closed
	maxLingering  = 256      // connections at once that are closed in that way
	lingerTimeout = 5 * time.Second
)

// linger closes connections whose client may still be sending: closing one at once would reset it, and the client would
// lose the answer.
type linger struct {
	Places   chan struct{}
	patience time.Duration
}

// LeavesUnread is around every handler. A body that nobody has read must not be taken for the next request: the rest of a
// short one is read away by the server, which then keeps the connection; after the answer to a long one, or to one whose
// length is not known, the connection is closed.
func (g *Gate) LeavesUnread(serve fasthttp.RequestHandler) fasthttp.RequestHandler {
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

// close has the answer written and the connection closed, with a pause between the two in which the client may read.
func (l linger) close(ctx *fasthttp.RequestCtx) {
	ctx.Response.SetConnectionClose()
	if a, ok := ctx.RemoteAddr().(*net.TCPAddr); !ok || a.Port == 0 {
		return // no network, no reset
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
		if raw.SetDeadline(time.Now().Add(l.patience)) != nil {
			return
		}
		if _, err := raw.Write(answer.Bytes()); err != nil {
			return
		}
		select {
		case l.Places <- struct{}{}:
			defer func() { <-l.Places }()
		default:
			return
		}
		if half, ok := raw.(interface{ CloseWrite() error }); ok {
			half.CloseWrite()
		}
		io.CopyN(io.Discard, hijacked, MaxRefused) // until the client closes, or the deadline
	})
}
