package liveblog

import (
	"context"
	"time"
)

// Store holds the log and all other persistent data.
//
// All methods are safe for concurrent use and return when ctx is done. A write is one transaction. After it returns
// without an error, it survives kill -9 and power failures. After it returns an error, it has had no effect, except
// that after [Unavailable] the outcome may be unknown: repeat the write with the same idempotency key. A write also
// fails with [DiskFull] if the database has no space left. Reads see all of a write or nothing of it, and every write
// that returned before they began.
//
// Errors are [*Error] with the codes that the methods name. Every method that takes a slug fails with [NotFound] and
// the field "slug" if there is no such blog, and every method may fail with [Unavailable].
type Store interface {
	LogStore
	AccountStore

	// Expire deletes sessions and invitations that ended before now, idempotency keys older than [KeyLifetime] and
	// working copies older than [CopyLifetime]. It adds audit lines with the numbers of refused logins that have none of
	// their own.
	Expire(ctx context.Context, now time.Time) error
	// Close releases the database. No method may be called after it.
	Close() error
}

// Clock tells a store's time. All times that are kept, or compared with times that are kept, come from it, so that
// nodes that share a store agree although their own clocks differ.
type Clock interface {
	// Now returns the present time in UTC, in whole microseconds, without waiting for the store. Nodes that share a
	// store get the same time, except for an error below the time that a query takes. Now may go back by that error;
	// only the seq orders the log.
	Now() time.Time
}

// Condition is what an operator should know about a store that answers.
type Condition struct {
	Database string // its URL, without a password
	Created  bool   // the database was empty when it was opened
	// ClockSkew is how far the clock of this machine is ahead of the store's; it is negative if it is behind, and 0 if
	// the store has no other clock.
	ClockSkew time.Duration
	// DiskFull reports that the last write failed with [DiskFull].
	DiskFull bool
}

// LogStore holds blogs and entries. Only [Desk] may use it, since it does not enforce all rules for writes.
type LogStore interface {
	ReadStore
	CopyStore

	// CreateBlog adds a blog with a new epoch and seq 0 and returns it. If the slug is taken, it fails with [Conflict]
	// and the field "slug".
	CreateBlog(ctx context.Context, b Blog, a Audit) (Blog, error)
	// UpdateBlog applies the patch to the current row and logs one change of the head. It returns the patch's own
	// [Invalid] error. UpdatedAt becomes a.At. A patch that changes nothing returns the blog and no change.
	UpdateBlog(ctx context.Context, slug string, p BlogPatch, a Audit) (Blog, []Change, error)
	// UpdateSetup replaces the blog's setup and logs one change of the talks, or none if the setup is the same. It
	// returns the setup's own [Invalid] error, and fails with [Conflict] if the new setup lacks an item that public
	// entries refer to.
	// Drafts whose moves needed a second editor still need one when a state leaves the list.
	UpdateSetup(ctx context.Context, slug string, s Setup, a Audit) (Talks, []Change, error)
	// UpdateSetupItems is UpdateSetup for actors who may not change which states need a second editor: see
	// [CheckApprovalKept].
	UpdateSetupItems(ctx context.Context, slug string, s Setup, a Audit) (Talks, []Change, error)
	// Archive makes a blog read-only, or writable again, and logs one change of the head; a blog that is so already
	// stays as it is, without a change. All other writes to an archived blog but Purge fail with [Conflict].
	Archive(ctx context.Context, slug string, archived bool, a Audit) (Blog, []Change, error)
	// Before reads what a write of an entry needs, in one transaction: see [Before]. If there is no such number, it
	// fails with [NotFound] and the field "number".
	Before(ctx context.Context, slug string, number int) (Before, error)
	// Commit writes one entry: see [Commit].
	Commit(ctx context.Context, c Commit) (Committed, error)
	// Try checks a commit as Commit does and fails with the same errors, and writes nothing. It returns the entry that a
	// commit at this moment would store, without its seq.
	Try(ctx context.Context, c Commit) (Entry, error)
	// AddSetAside keeps a version of an entry that could not be saved, and forgets the oldest beyond [MaxSetAside]. It
	// keeps nothing if the same person has set the same aside already, or if the revision that the version is based on
	// is not there or was purged. If there is no such number, it fails with [NotFound] and the field "number".
	AddSetAside(ctx context.Context, slug string, v SetAside) error
	// Purge deletes texts for good: see [Purge].
	Purge(ctx context.Context, p Purge, a Audit) (Committed, error)
}

// ReadStore reads blogs and entries, including entries that are not public.
type ReadStore interface {
	Clock
	SearchStore

	// Condition returns the store's condition as this node knows it, without asking the store.
	Condition() Condition

	// Blogs returns all blogs, newest first.
	Blogs(ctx context.Context) ([]Blog, error)
	// Blog returns one blog.
	Blog(ctx context.Context, slug string) (Blog, error)
	// Cursor returns the blog's present cursor. It is the cheapest read.
	Cursor(ctx context.Context, slug string) (Cursor, error)

	// Talks returns the blog and the state of its talks at a moment, as readers saw it then; the zero time means now.
	// The setup is always the present one.
	Talks(ctx context.Context, slug string, at time.Time) (Blog, Talks, error)
	// Briefing returns the head and the talks at a moment, as Talks does. The blog in the head is the present one.
	Briefing(ctx context.Context, slug string, at time.Time) (Head, Talks, error)
	// Statements returns the blog, its setup and every public entry with acts, ordered by time. The present talks are
	// the fold of them; callers use them to compute the talks with or without an entry.
	Statements(ctx context.Context, slug string) (Blog, Setup, []Statement, error)

	// Entry returns the newest revision of an entry of any status. If there is no such number, it fails with
	// [NotFound] and the field "number".
	Entry(ctx context.Context, slug string, number int) (Entry, error)
	// Revisions returns at most limit revisions of an entry that are older than revision before, newest first; before 0
	// begins with the newest. If there is no such number, it fails with [NotFound] and the field "number".
	Revisions(ctx context.Context, slug string, number, before, limit int) ([]Entry, error)
	// Entries returns at most limit entries that are not removed, with numbers below before, highest number first;
	// before 0 begins with the highest.
	Entries(ctx context.Context, slug string, before, limit int) ([]Entry, error)

	// Page reads the content of a page and its cursor in one transaction: see [PageQuery].
	Page(ctx context.Context, q PageQuery) (Page, error)
	// Approvals returns what members see about moves that need a second editor, of entries from one number to another.
	Approvals(ctx context.Context, slug string, from, to int) (Approvals, error)
	// SetAside returns the versions of an entry that were set aside and that no later revision is, newest first. If there
	// is no such number, it fails with [NotFound] and the field "number".
	SetAside(ctx context.Context, slug string, number int) ([]SetAside, error)
	// FirstFrom returns the number of the first public entry at or after a time, or 0 if there is none.
	FirstFrom(ctx context.Context, slug string, from time.Time) (number int, err error)
	// Addresses returns at most limit public entries of all blogs that were published since a time, newest first.
	Addresses(ctx context.Context, since time.Time, limit int) ([]Address, error)
	// Corrections reads a page of the log of corrections in one transaction: see [CorrectionsQuery].
	Corrections(ctx context.Context, q CorrectionsQuery) (Corrections, error)
	// Purges returns a text that changes with every purge, so that nodes forget what they keep of purged texts. The
	// store forgets what it keeps itself when it sees a new one.
	Purges(ctx context.Context) (string, error)
	// ChangesAfter returns the changes that readers see since the cursor, in one transaction. It sets Changes.Reload if
	// there are more than limit, or if the cursor is of another epoch or ahead of the log.
	ChangesAfter(ctx context.Context, slug string, after Cursor, limit int) (Changes, error)
}

// Commit is one write of one entry. Its transaction writes the entry, its revision, the audit line and the idempotency
// key, and takes the seqs that its [Effect] requires.
//
// A commit fails
//   - with [Conflict] and the field "pinned" if more than [MaxPinned] public entries would be pinned,
//   - with [KeyReused] and the field "Idempotency-Key" if the key was used with another fingerprint,
//   - with [Invalid] and fields such as "acts[0].track" if acts break a rule at the time at which they take effect,
//   - with [Invalid] and the field "acts" if the blog has too many acts: see [MaxBlogActs],
//   - with [Conflict] and the field "acts" if the acts need a second editor: see [MayApprove].
type Commit struct {
	Slug string
	// Entry is the complete new state. With number 0 it is a new entry, which takes the blog's next number and revision
	// 1. With any other number it replaces that entry as revision Base+1. The store sets Seq, and Correction.At if this
	// revision is a correction.
	Entry Entry
	// Base is the revision that the entry must have now, or 0 for a new entry. Otherwise the error is [StaleRevision].
	Base int
	Key  *IdempotencyKey // only for new entries; nil for none
	// Alone is the reason of an admin who publishes without the second editor whom the acts need. The store records it
	// in [Approvals] and in the audit if the acts do need one.
	Alone string
	// Copy is a working copy that this saves: it is forgotten in the same transaction, also if the key was used before.
	Copy UsedCopy
	Audit
}

// Before is the state before an entry is written.
type Before struct {
	Blog    Blog
	Setup   Setup
	Entry   Entry     // the newest revision, of any status; zero if the number was 0, which means a new entry
	Members []string  // the names of those who may write in the blog
	Now     time.Time // set by [Desk]
}

// Committed is the result of a commit.
type Committed struct {
	Entry   Entry
	Changes []Change // in the order of seq; empty if readers see no difference
	// Replayed says that the key was used before for the same request. Then nothing was written, and Entry is the
	// entry that the earlier request created, in the state that it had at that time.
	Replayed bool
}

// IdempotencyKey makes a repeated request harmless.
type IdempotencyKey struct {
	Actor       string // whose key it is; the same key of another actor is a different key
	Key         string // as the client sent it, 1 to 255 bytes
	Fingerprint string // of the request
}

// KeyLifetime is how long a used idempotency key is remembered.
const KeyLifetime = 48 * time.Hour

// AccountStore holds users, sessions and API tokens.
type AccountStore interface {
	Clock
	AuditStore

	// CreateUser adds a user. If the e-mail address is taken, ignoring case, it fails with [Conflict] and the field
	// "email".
	CreateUser(ctx context.Context, u User, a Audit) error
	// UserByEmail returns the user with an e-mail address, ignoring case, or [NotFound].
	UserByEmail(ctx context.Context, email string) (User, error)
	// CreateSession adds a session, and the audit line of the login.
	CreateSession(ctx context.Context, s Session) error
	// SessionUser returns the session with the hash of a secret and its user, or [NotFound].
	SessionUser(ctx context.Context, hash string) (Session, User, error)
	// UseSession keeps the time at which a session was used, unless a later one is kept.
	UseSession(ctx context.Context, hash string, at time.Time) error
	// DeleteSession ends a session, if it exists, and adds the audit line of the logout.
	DeleteSession(ctx context.Context, hash string) error
	// SessionsOf returns the sessions of a user, those used last first.
	SessionsOf(ctx context.Context, user string) ([]Session, error)
	// EndSessions ends sessions of a user and returns how many. It writes the audit line if there were any.
	EndSessions(ctx context.Context, user string, which EndedSessions, a Audit) (int, error)
	// SetPassword replaces a password and ends sessions in one transaction. It fails with [NotFound], or with
	// [Conflict] if the password has been changed meanwhile.
	SetPassword(ctx context.Context, p NewPassword, a Audit) error
	// RenameUser changes the name of a user, or fails with [NotFound].
	RenameUser(ctx context.Context, user, name string, a Audit) error
	// TakeTries takes one try from each bucket, or none if any of them is empty; then it returns how long to wait.
	TakeTries(ctx context.Context, from []Tries, at time.Time) (wait time.Duration, err error)
	// ReturnTries puts one try back into each bucket.
	ReturnTries(ctx context.Context, into []Tries) error
	// KnowsBrowser reports whether the user with an e-mail address has logged in in a browser.
	KnowsBrowser(ctx context.Context, email, hash string) (bool, error)
	// RememberBrowser adds a browser to those of a user. It keeps the hash if the browser is one of anybody's, and
	// uses fresh otherwise. It forgets the user's browsers beyond [MaxBrowsers].
	RememberBrowser(ctx context.Context, user, hash, fresh string, at time.Time) (kept bool, err error)
	// OfferFirstRun keeps the hash of a one-time address until it ends, unless there is a user.
	OfferFirstRun(ctx context.Context, hash string, at, ends time.Time) (offered bool, err error)
	// FirstRunIsOpen reports whether an offer has not ended and there is no user.
	FirstRunIsOpen(ctx context.Context, hash string, at time.Time) (bool, error)
	// FinishFirstRun adds the first user, their session and the first blog, if the offer is open. Of several calls at
	// the same time, one does.
	FinishFirstRun(ctx context.Context, f FinishedFirstRun) (done bool, err error)

	MemberStore
	TokenStore
}
