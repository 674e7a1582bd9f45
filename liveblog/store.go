package liveblog

import (
	"context"
	"time"
)

// Store is the log and everything else that lasts.
//
// All methods are safe for concurrent use and end when ctx does. A write is one transaction: when it returns
// without an error it survives kill -9 and power loss; when it returns an error nothing of it is there, except
// after [Unavailable] where the outcome may be unknown: repeat it with the same idempotency key.
// Reads see each write whole or not at all, and see every write that returned before they began.
//
// Errors are [*Error] with the codes named; a slug that names no blog is [NotFound] with field "slug" everywhere,
// and [Unavailable] may come from every method.
type Store interface {
	LogStore
	AccountStore

	// Expire deletes sessions that ended before now and idempotency keys older than [KeyLifetime].
	Expire(ctx context.Context, now time.Time) error
	// Close releases the database. No method may be called after it.
	Close() error
}

// LogStore holds blogs and entries. Only [Desk] gets it: whoever else held it could write past the rules.
type LogStore interface {
	ReadStore

	// CreateBlog adds a blog with a new epoch and seq 0 and returns it. The slug taken: [Conflict], field "slug".
	CreateBlog(ctx context.Context, b Blog, a Audit) (Blog, error)
	// UpdateBlog applies the patch to the current row and logs one head change. The patch's own [Invalid] passes
	// through. UpdatedAt becomes a.At. A patch that changes nothing returns the blog and no change.
	UpdateBlog(ctx context.Context, slug string, p BlogPatch, a Audit) (Blog, []Change, error)
	// UpdateSetup replaces what the blog's acts refer to and logs one change of the talks, or none where nothing changes.
	// The setup's own [Invalid] passes through; what public entries refer to cannot go: [Conflict] naming it.
	UpdateSetup(ctx context.Context, slug string, s Setup, a Audit) (Talks, []Change, error)
	// Before reads in one transaction what a write of an entry needs to know: see [Before]. No such number: [NotFound],
	// field "number".
	Before(ctx context.Context, slug string, number int) (Before, error)
	// Commit writes one entry: see [Commit].
	Commit(ctx context.Context, c Commit) (Committed, error)
}

// ReadStore reads blogs and entries: for readers' pages, and for editors what is not public as well.
type ReadStore interface {
	SearchStore

	// Blogs returns all blogs, the newest first.
	Blogs(ctx context.Context) ([]Blog, error)
	// Blog returns one blog.
	Blog(ctx context.Context, slug string) (Blog, error)
	// Cursor returns the blog's newest place. It is the cheapest read.
	Cursor(ctx context.Context, slug string) (Cursor, error)

	// Talks returns the blog and where its talks stand, or stood at a past moment, as readers saw them then; a zero
	// time means now. The setup is the present one.
	Talks(ctx context.Context, slug string, at time.Time) (Blog, Talks, error)
	// Briefing returns the head and the talks of one moment, as Talks does; the blog in the head is the present one.
	Briefing(ctx context.Context, slug string, at time.Time) (Head, Talks, error)
	// Statements returns the blog, its setup and every public entry that has acts, in order of their time: what the
	// present talks are folded from, for whoever asks what they would be with an entry, or without it.
	Statements(ctx context.Context, slug string) (Blog, Setup, []Statement, error)

	// Entry returns an entry in its newest state, whatever its status. No such number: [NotFound], field "number".
	Entry(ctx context.Context, slug string, number int) (Entry, error)
	// Revisions returns revisions of an entry, the newest first, below revision before (0: from the newest), at most limit.
	// No such number: [NotFound], field "number".
	Revisions(ctx context.Context, slug string, number, before, limit int) ([]Entry, error)
	// Entries returns entries of any status but removed for the desk, highest number first, below number before
	// (0: from the top), at most limit.
	Entries(ctx context.Context, slug string, before, limit int) ([]Entry, error)

	// Page reads what a page shows and its cursor in one transaction: see [PageQuery].
	Page(ctx context.Context, q PageQuery) (Page, error)
	// FirstFrom returns the number of the first public entry at a time or after it; 0 where there is none.
	FirstFrom(ctx context.Context, slug string, from time.Time) (number int, err error)
	// Addresses returns the public entries of all blogs since a time, newest first, at most limit.
	Addresses(ctx context.Context, since time.Time, limit int) ([]Address, error)
	// Corrections reads a part of the log of corrections in one transaction: see [CorrectionsQuery].
	Corrections(ctx context.Context, q CorrectionsQuery) (Corrections, error)
	// ChangesAfter returns what readers see differently since the cursor, in one transaction. More than limit
	// changed things, another epoch, or a cursor ahead of the log set Changes.Reload.
	ChangesAfter(ctx context.Context, slug string, after Cursor, limit int) (Changes, error)
}

// Commit is one write of one entry, in one transaction: the entry, its revision row, the audit line, the
// idempotency key and the seqs that its [Effect] asks for.
//
// Refused in the same transaction: a public entry pinned beyond [MaxPinned] ([Conflict], field "pinned"), and a key
// that came before with another fingerprint ([KeyReused], field "Idempotency-Key"); acts that are not right where they
// take effect ([Invalid], fields such as "acts[0].track"), or too many for the blog ([Invalid], field "acts": see
// [MaxBlogActs]), or that need a second editor ([Conflict], field "acts").
type Commit struct {
	Slug string
	// Entry is the whole new state. Number 0 adds an entry, which takes the blog's next number and revision 1;
	// any other number replaces that entry and makes revision Base+1. Seq is set by the store, and so is the time of a
	// correction that this revision makes.
	Entry Entry
	// Base is the revision that the entry must have now, else [StaleRevision]; 0 for a new entry.
	Base int
	Key  *IdempotencyKey // nil for none; for new entries only
	Audit
}

// Before is how things stand before an entry is written.
type Before struct {
	Blog  Blog
	Setup Setup
	Entry Entry // in its newest state, whatever its status; zero for number 0, which is a new entry
}

// Committed is what a commit did.
type Committed struct {
	Entry   Entry
	Changes []Change // in the order of seq; empty where readers see no difference
	// Replayed says that the key had been used for the same request before: Entry is what that request made, in
	// the state it then had, and nothing was written.
	Replayed bool
}

// IdempotencyKey makes a repeated request harmless.
type IdempotencyKey struct {
	Actor       string // whose key it is; keys of different actors never meet
	Key         string // as the client sent it, 1 to 255 bytes
	Fingerprint string // of the request it came with
}

// KeyLifetime is how long a used idempotency key is remembered.
const KeyLifetime = 48 * time.Hour

// Audit is the line that every write leaves.
type Audit struct {
	At      time.Time
	ActorID string
	Actor   string // display name
	Action  string // e.g. "entry.edit"
}

// AccountStore holds who may write.
type AccountStore interface {
	// CreateUser adds a user. The e-mail address taken, whatever its case: [Conflict], field "email".
	CreateUser(ctx context.Context, u User, a Audit) error
	// UserByEmail finds a user, whatever the case. None: [NotFound].
	UserByEmail(ctx context.Context, email string) (User, error)
	// CreateSession adds a session.
	CreateSession(ctx context.Context, s Session) error
	// SessionUser returns the session and its user, by the hash of its secret. None: [NotFound].
	SessionUser(ctx context.Context, hash string) (Session, User, error)
	// DeleteSession ends a session. None: no error.
	DeleteSession(ctx context.Context, hash string) error
	// CreateToken adds an API token. The name taken: [Conflict], field "name".
	CreateToken(ctx context.Context, t Token, a Audit) error
	// TokenByHash finds a token by the hash of its secret. None: [NotFound].
	TokenByHash(ctx context.Context, hash string) (Token, error)
}
