package liveblog

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Audit is what an audit line says about the act that it records. The store adds the subject. It has no secret, nothing
// about readers, and no text of an entry.
type Audit struct {
	At      time.Time
	ActorID string
	Actor   string // display name
	Action  string // e.g. "entry.edit"
	Detail  string // more about it, e.g. the fields that changed; empty for most actions
}

// AuditLine is one line of the audit.
type AuditLine struct {
	ID string // grows with the time
	Audit
	Blog             string // the subject: a blog,
	Number, Revision int    // an entry of it in this revision,
	Account          string // or the id of a user or a token
	AccountName      string // the name that the account has now
}

// MarshalJSON returns the form of exports, in which an entry of the subject is "entry".
func (l AuditLine) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ID          string    `json:"id"`
		Time        time.Time `json:"time"`
		Actor       string    `json:"actor"`
		ActorID     string    `json:"actor_id"`
		Action      string    `json:"action"`
		Blog        string    `json:"blog,omitempty"`
		Entry       int       `json:"entry,omitempty"`
		Revision    int       `json:"revision,omitempty"`
		Account     string    `json:"account,omitempty"`
		AccountName string    `json:"account_name,omitempty"`
		Detail      string    `json:"detail,omitempty"`
	}{l.ID, l.At, l.Actor, l.ActorID, l.Action, l.Blog, l.Number, l.Revision, l.Account, l.AccountName, l.Detail})
}

// AuditQuery asks for lines of the audit. Each field that is not empty leaves out lines that do not match it.
type AuditQuery struct {
	Blog  string    // the slug
	Who   string    // a name, an e-mail address or an id, of who did it or whose account it concerns
	What  string    // an action such as "entry.edit", or its first part, such as "entry"
	Since time.Time // at this time or later
	Until time.Time // before this time

	Before string // the id of a line; older ones follow
	Limit  int    // at most [MaxAuditLines]
}

// Limits of the audit.
const (
	// MaxAuditLines is how many lines one query returns at most.
	MaxAuditLines = 500
	// MaxAuditFilter is the most bytes of a filter.
	MaxAuditFilter = 254
	// MinAuditKeep is the shortest time for which the audit is kept.
	MinAuditKeep = 30 * 24 * time.Hour
	// MaxRefusedLines is how many refused logins of an account have audit lines of their own within an hour.
	MaxRefusedLines = 10
)

// The actions that the store records by itself.
const (
	ActionLogin   = "login"
	ActionLogout  = "logout"
	ActionRefused = "login.refused"
	ActionPublish = "entry.publish" // a draft was published
	ActionApprove = "entry.approve" // by a second editor, as its acts need one
)

// AuditActions returns the actions and the groups of actions by which the audit can be filtered.
func AuditActions() []string {
	return []string{"entry", "entry.post", "entry.edit", ActionPublish, ActionApprove, "entry.remove", "entry.purge",
		"blog", "blog.create", "blog.update", "blog.setup", "blog.archive", "blog.unarchive",
		ActionLogin, ActionRefused, ActionLogout, "user", "member", "invitation", "token", "session", "approval"}
}

// AuditStore holds the audit. No method changes a line, and only ExpireAudit deletes any.
type AuditStore interface {
	// AuditLines returns the lines that match a query, newest first.
	AuditLines(ctx context.Context, q AuditQuery) ([]AuditLine, error)
	// EntryAudit returns the lines about the revisions of an entry from one to another, both included.
	EntryAudit(ctx context.Context, slug string, number, from, to int) ([]AuditLine, error)
	// RefuseLogin records a refused login, of a user or, with an empty id, of an address that nobody has. It adds at
	// most [MaxRefusedLines] lines for each of them within an hour and counts the others: see [Store.Expire].
	RefuseLogin(ctx context.Context, a Audit, userID string) error
	// ExpireAudit deletes the lines that are older than a time, in batches.
	ExpireAudit(ctx context.Context, before time.Time) error
}

// Audit returns lines of the audit that an actor may read: admins of all blogs may read every line, admins of single
// blogs those of their blogs. It fails with [Forbidden], or with [Invalid] naming who, what or until.
func (a *Accounts) Audit(ctx context.Context, by Actor, q AuditQuery) ([]AuditLine, error) {
	if err := May(by, Administer, q.Blog); err != nil {
		return nil, err
	}
	var v FieldErrors
	for _, f := range []struct {
		name string
		text *string
	}{{"who", &q.Who}, {"what", &q.What}} {
		*f.text = strings.TrimSpace(*f.text)
		if len(*f.text) > MaxAuditFilter {
			v.Addf(f.name, "This filter takes %d bytes at most.", MaxAuditFilter)
		}
	}
	if strings.ContainsFunc(q.What, func(r rune) bool {
		return !strings.ContainsRune("._-", r) && (r < 'a' || r > 'z')
	}) {
		v.Addf("what", "An action is in lower-case letters, such as entry.edit or entry.")
	}
	if !q.Since.IsZero() && !q.Until.IsZero() && !q.Since.Before(q.Until) {
		v.Addf("until", "The end must be after the beginning.")
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	q.Limit = min(max(q.Limit, 1), MaxAuditLines)
	return a.store.AuditLines(ctx, q)
}

// EntryAudit returns the lines about the revisions of an entry from one to another, both included, for actors who see
// the blog at the desk. It fails with [Forbidden].
func (a *Accounts) EntryAudit(ctx context.Context, by Actor, slug string, number, from, to int) ([]AuditLine, error) {
	if err := May(by, SeeBlog, slug); err != nil {
		return nil, err
	}
	return a.store.EntryAudit(ctx, slug, number, from, to)
}

// refused records a refused login of a user, or of nobody if u is zero.
func (a *Accounts) refused(ctx context.Context, u User) error {
	return a.store.RefuseLogin(ctx, Audit{At: a.now(), Action: ActionRefused}, u.ID)
}

// ChangedFields describes for the audit what an update changes in a blog.
func (b Blog) ChangedFields(next Blog) string {
	var changed []string
	for _, f := range []struct{ name, was, is string }{
		{"title", b.Title, next.Title}, {"standfirst", b.Standfirst, next.Standfirst},
		{"status", string(b.Status), string(next.Status)}, {"time zone", b.TimeZone, next.TimeZone},
		{"language", b.Language, next.Language}, {"venue", b.Venue, next.Venue}, {"address", b.Address, next.Address},
	} {
		switch {
		case f.was == f.is:
		case f.name == "status", f.name == "time zone", f.name == "language":
			changed = append(changed, f.name+": "+f.was+" → "+f.is)
		default:
			changed = append(changed, f.name)
		}
	}
	return strings.Join(changed, ", ")
}

// ChangedFields describes for the audit which fields of an entry an edit changes; it never has their text.
func (e Entry) ChangedFields(next Entry) string {
	var changed []string
	for _, f := range []struct {
		name    string
		differs bool
	}{
		{"headline", e.Headline != next.Headline}, {"text", e.Body != next.Body}, {"acts", e.Acts != next.Acts},
		{"key event", e.KeyEvent != next.KeyEvent}, {"pinned", e.Pinned != next.Pinned},
		{"summary", e.Summary != next.Summary}, {"correction", e.Correction != next.Correction},
		{"time of what happened", !e.HappenedAt.Equal(next.HappenedAt)},
		{"byline: " + next.Author, e.Author != next.Author},
	} {
		if f.differs {
			changed = append(changed, f.name)
		}
	}
	return strings.Join(changed, ", ")
}

// ChangedParts describes for the audit which lists of a setup differ, and how the states that need a second editor do.
func (s Setup) ChangedParts(next Setup) string {
	was, is := s.withoutNil(), next.withoutNil()
	var changed []string
	for _, p := range []struct {
		name    string
		was, is any
	}{
		{"tracks", was.Tracks, is.Tracks}, {"parties", was.Parties, is.Parties}, {"speakers", was.Speakers, is.Speakers},
		{"meetings", was.Meetings, is.Meetings}, {"sessions", was.Sessions, is.Sessions},
	} {
		if !sameJSON(p.was, p.is) {
			changed = append(changed, p.name)
		}
	}
	if !slices.Equal(was.Approval, is.Approval) {
		changed = append(changed, fmt.Sprintf("approval: %v → %v", was.Approval, is.Approval))
	}
	return strings.Join(changed, ", ")
}

// sameJSON compares values that contain pointers to times.
func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
