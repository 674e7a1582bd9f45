package liveblog

import (
	"context"
	"regexp"
	"strings"
	"time"
)

// WorkingCopy is what somebody has typed into the form of an entry and neither saved nor discarded yet. Nobody but its
// owner is shown it. It is not part of the log.
type WorkingCopy struct {
	ID       string // random, chosen by the browser: 16 to 64 letters, digits, "-" and "_"
	Owner    string // user ID
	Slug     string // of the blog
	Number   int    // of the entry; 0 for a new one
	Base     int    // the revision that the form shows; 0 for a new entry
	Revision int    // of the copy, counting from 1
	Writer   string // the page that wrote it last, as the browser names it
	At       time.Time
	Title    string            // the beginning of its headline or text
	Fields   map[string]string // of the form, as they were typed; nil in lists
	Entry    Entry             // in lists: its entry as it is now, without texts; zero if there is none
}

const (
	// MaxCopies is how many working copies are kept of one person in one blog, those written last.
	MaxCopies = 50
	// MaxCopySize limits the fields of a working copy, in bytes. The form's texts have at most half as much.
	MaxCopySize = 512 << 10
	// CopyLifetime is how long a working copy is kept after it was written last.
	CopyLifetime = 30 * 24 * time.Hour
)

// CopyStore holds working copies. Its methods are about those of one person, the owner.
type CopyStore interface {
	// PutCopy writes a copy as the revision after seen, which is 0 for one that the store does not have, and returns it
	// with its revision. The page that wrote it last may write it again without having seen its own revision. PutCopy
	// fails with [Stale] if another page has written it since, and with [Gone] if it was saved, discarded or forgotten.
	// It forgets the copies beyond [MaxCopies].
	PutCopy(ctx context.Context, c WorkingCopy, seen int) (WorkingCopy, error)
	// Copy returns one copy. It fails with [NotFound] and the field "copy" if there is none.
	Copy(ctx context.Context, owner, id string) (WorkingCopy, error)
	// Copies returns the copies in one blog, or in all for an empty slug, those written last first; at most limit.
	Copies(ctx context.Context, owner, slug string, limit int) ([]WorkingCopy, error)
	// UseCopy forgets a copy, if there is one, so that it cannot be written again.
	UseCopy(ctx context.Context, slug string, u UsedCopy, at time.Time) error
}

// UsedCopy names the working copy that a save makes superfluous. The zero value names none.
type UsedCopy struct{ Owner, ID string }

var copyName = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)

// used returns the working copy with an id, which any client can choose, as one of the actor's.
func used(by Actor, id string) UsedCopy {
	if !copyName.MatchString(id) {
		return UsedCopy{}
	}
	return UsedCopy{Owner: by.ID, ID: id}
}

// SaveCopy keeps what the actor has typed: see [CopyStore]. It fails with [Invalid], [Forbidden], [Stale] or [Gone].
func (d *Desk) SaveCopy(ctx context.Context, by Actor, c WorkingCopy, seen int) (WorkingCopy, error) {
	if err := MayKeepCopies(by, c.Slug); err != nil {
		return c, err
	}
	size := 0
	for name, text := range c.Fields {
		size += len(name) + len(text)
	}
	var v FieldErrors
	if !copyName.MatchString(c.ID) {
		v.Addf("copy", "The name of a working copy has 16 to 64 letters, digits, “-” and “_”.")
	}
	if !copyName.MatchString(c.Writer) {
		v.Addf("writer", "The name of a page has 16 to 64 letters, digits, “-” and “_”.")
	}
	if size > MaxCopySize {
		v.Addf("body", "A working copy has at most %d bytes.", MaxCopySize)
	}
	if c.Number < 0 || c.Base < 0 || seen < 0 {
		v.Addf("number", "The numbers of a working copy are not negative.")
	}
	if err := v.err(); err != nil {
		return c, err
	}
	for name, text := range c.Fields { // PostgreSQL stores no zero bytes, and JSON no broken UTF-8
		c.Fields[name] = strings.ReplaceAll(strings.ToValidUTF8(text, "�"), "\x00", "")
	}
	c.Owner, c.At, c.Title = by.ID, d.at(), copyTitle(c.Fields)
	return d.store.PutCopy(ctx, c, seen)
}

// copyTitle returns the headline, or the first line of what else was typed.
func copyTitle(fields map[string]string) string {
	const runes = 120
	for _, name := range []string{"headline", "body", "acts"} {
		for line := range strings.Lines(fields[name]) {
			if !blank(line) {
				return clip(strings.Join(strings.Fields(line), " "), runes)
			}
		}
	}
	return ""
}

// Copy returns one of the actor's working copies in a blog. It fails with [NotFound] or [Forbidden].
func (d *Desk) Copy(ctx context.Context, by Actor, slug, id string) (WorkingCopy, error) {
	if err := MayKeepCopies(by, slug); err != nil {
		return WorkingCopy{}, err
	}
	c, err := d.store.Copy(ctx, by.ID, id)
	if err == nil && c.Slug != slug {
		return WorkingCopy{}, NoCopy()
	}
	return c, err
}

// NoCopy is the error for a working copy that is not there.
func NoCopy() *Error {
	return FieldErrorf(NotFound, "copy",
		"There is no such working copy; it was saved or discarded, or nobody has written it for 30 days.")
}

// Copies returns the actor's working copies in one blog, or in all blogs for an empty slug, without their fields. They
// have nothing of an entry that the actor may not read.
func (d *Desk) Copies(ctx context.Context, by Actor, slug string) ([]WorkingCopy, error) {
	all, err := d.store.Copies(ctx, by.ID, slug, 2*MaxCopies)
	var list []WorkingCopy
	for _, c := range all {
		if MayKeepCopies(by, c.Slug) == nil {
			if !MayRead(by, c.Slug, c.Entry) {
				c.Entry = Entry{}
			}
			list = append(list, c)
		}
	}
	return list, err
}

// DiscardCopy forgets one of the actor's working copies.
func (d *Desk) DiscardCopy(ctx context.Context, by Actor, slug, id string) error {
	if err := MayKeepCopies(by, slug); err != nil {
		return err
	}
	u := used(by, id)
	if u == (UsedCopy{}) {
		return NoCopy()
	}
	return d.store.UseCopy(ctx, slug, u, d.at())
}
