// Package realtime carries changes from the log to every reader who listens.
package realtime

import (
	"context"
	"log/slog"
	"net"
	"time"

	"readout/liveblog"
)

// Format is what a client wants of an entry.
type Format uint8

// The formats: rendered HTML for pages, data for programs.
const (
	HTML Format = iota
	JSON
)

// Protocol is how a kept connection is framed.
type Protocol uint8

// The protocols of kept connections.
const (
	WebSocket Protocol = iota
	EventStream
)

// Renderer makes what the wire carries of the domain's values.
type Renderer struct {
	Entry func(liveblog.Blog, liveblog.Entry) string // HTML of one entry
	Head  func(liveblog.Head) string                 // HTML of what stands above the stream
	Data  func(liveblog.Blog, liveblog.Entry) any    // JSON value of one entry, as in the API
}

// Options are the settings of a [Hub]. Store, Broker and Renderer are required.
type Options struct {
	Store         liveblog.LogStore
	Broker        liveblog.Broker
	Renderer      Renderer
	Log           *slog.Logger
	MaxClients    int           // connections in all
	MaxPerAddress int           // connections from one address
	Tick          time.Duration // how often a feed looks at the store unasked
	Heartbeat     time.Duration
}

// Hub knows who listens to what.
type Hub struct{}

// NewHub starts a hub.
func NewHub(opt Options) (*Hub, error) { return nil, nil }

// Join says what a client asks for.
type Join struct {
	Slug     string
	After    liveblog.Cursor // zero: from now on
	Format   Format
	Protocol Protocol
	Ticket   *Ticket // from Admit
	Early    []byte  // what the client sent behind its handshake
}

// Ticket is an admitted client's place; it ends with the connection, or by Release before Attach.
type Ticket struct{}

// Release gives the place back. After Attach it does nothing.
func (t *Ticket) Release() {}

// Admit takes a place for a client, or fails with liveblog.TooMany. Call it before the handshake.
func (h *Hub) Admit(address string) (*Ticket, error) { return nil, nil }

// Attach takes over a raw connection after its handshake and owns it from then on, whatever it returns.
func (h *Hub) Attach(ctx context.Context, conn net.Conn, j Join) error { return nil }

// Poll returns what happened after a cursor as the poll's JSON, {"cursor":…,"changes":[…]}, and the new cursor.
// A zero cursor means "from now on". It fails with NotFound, or Unavailable.
func (h *Hub) Poll(ctx context.Context, slug string, after liveblog.Cursor, f Format) (body []byte, cursor liveblog.Cursor, err error) {
	return nil, liveblog.Cursor{}, nil
}

// Readers returns how many kept connections listen to a blog here.
func (h *Hub) Readers(slug string) int { return 0 }

// Drain tells every client to reconnect (1012), spread over the time given, and returns when all are gone.
func (h *Hub) Drain(ctx context.Context, spread time.Duration) error { return nil }

// Close ends every connection and feed at once.
func (h *Hub) Close() error { return nil }
