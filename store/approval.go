package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"readout/liveblog"
)

// Approvals implements [liveblog.ReadStore].
func (s *store) Approvals(ctx context.Context, slug string, from, to int) (liveblog.Approvals, error) {
	return view(ctx, s, "read approvals", func(tx *sql.Tx) (a liveblog.Approvals, err error) {
		if _, err := readBlog(ctx, tx, slug); err != nil {
			return a, err
		}
		type held struct {
			number int
			states string
		}
		drafts, err := collect(ctx, tx, func(r row) (h held, err error) {
			err = r.Scan(&h.number, &h.states)
			return h, err
		}, `SELECT number, held FROM entries
			WHERE blog = $1 AND number >= $2 AND number <= $3 AND held <> '' AND status = 'draft'`, slug, from, to)
		if err != nil {
			return a, err
		}
		a.Held, a.Alone = map[int][]liveblog.TrackState{}, map[int][]liveblog.PublishedAlone{}
		for _, h := range drafts {
			a.Held[h.number] = parseStates(h.states)
		}
		type alone struct {
			number int
			liveblog.PublishedAlone
		}
		all, err := collect(ctx, tx, func(r row) (x alone, err error) {
			err = r.Scan(&x.number, &x.Revision, instant{&x.At}, &x.Actor, &x.Reason)
			return x, err
		}, `SELECT number, revision, at, actor, reason FROM published_alone
			WHERE blog = $1 AND number >= $2 AND number <= $3 ORDER BY number, revision`, slug, from, to)
		for _, x := range all {
			a.Alone[x.number] = append(a.Alone[x.number], x.PublishedAlone)
		}
		return a, err
	})
}

func parseStates(text string) (states []liveblog.TrackState) {
	for _, s := range strings.Fields(text) {
		states = append(states, liveblog.TrackState(s))
	}
	return states
}

func formatStates(states []liveblog.TrackState) string {
	words := make([]string, len(states))
	for i, s := range states {
		words[i] = string(s)
	}
	return strings.Join(words, " ")
}

// holdDrafts notes in the drafts of a blog which of their moves still need a second editor when states leave the list.
func holdDrafts(ctx context.Context, tx *sql.Tx, slug string, before, next liveblog.Setup) error {
	if liveblog.SameStates(before.Approval, next.Approval) {
		return nil
	}
	type draft struct {
		number int
		acts   liveblog.Acts
		held   string
	}
	drafts, err := collect(ctx, tx, func(r row) (d draft, err error) {
		err = r.Scan(&d.number, &d.acts, &d.held)
		return d, err
	}, `SELECT number, acts, held FROM entries WHERE blog = $1 AND status = 'draft' AND acts <> ''`, slug)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		held := formatStates(liveblog.HeldStates(parseStates(d.held), before, next, d.acts))
		if held == d.held {
			continue
		}
		if _, err := tx.ExecContext(ctx, `UPDATE entries SET held = $1 WHERE blog = $2 AND number = $3`,
			held, slug, d.number); err != nil {
			return err
		}
	}
	return nil
}

// approve refuses a move that needs a second editor, unless the entry was a draft with exactly these acts and somebody
// other than those who put them there publishes it. It reports whether an admin publishes alone, with a reason, what
// needs a second editor.
func approve(
	ctx context.Context, tx *sql.Tx, setup liveblog.Setup, c liveblog.Commit, prev *liveblog.Entry, number int,
	acts liveblog.Acts,
) (alone bool, err error) {
	states := slices.Clone(setup.Approval)
	if prev != nil && prev.Status == liveblog.Draft {
		var held string
		err := tx.QueryRowContext(ctx, `SELECT held FROM entries WHERE blog = $1 AND number = $2`, c.Slug, number).
			Scan(&held)
		if err != nil {
			return false, err
		}
		states = append(states, parseStates(held)...)
	}
	moves := liveblog.MovesToApprove(states, prev, acts)
	if len(moves) == 0 {
		return false, nil
	}
	if prev != nil && prev.Status == liveblog.Draft && prev.Acts == acts {
		history, err := collect(ctx, tx, scanActsChange, selectActsChanges, c.Slug, number, liveblog.MaxActsChanges)
		if err != nil {
			return false, err
		}
		person, err := ownerOf(ctx, tx, c.ActorID)
		if err != nil {
			return false, err
		}
		if liveblog.MayApprove(person, moves, history) {
			return false, nil
		}
	}
	if c.Alone == "" {
		return false, liveblog.FieldErrorf(liveblog.Conflict, "acts",
			"This move needs a second editor: save the entry as a draft, and let somebody else publish it unchanged.")
	}
	return true, nil
}

// recordAlone adds a record that an admin has published a revision without a second editor.
func recordAlone(ctx context.Context, tx *sql.Tx, c liveblog.Commit) error {
	number, revision := c.Entry.Number, c.Entry.Revision
	if _, err := tx.ExecContext(ctx, `INSERT INTO published_alone (blog, number, revision, at, actor, reason)
		VALUES ($1, $2, $3, $4, $5, $6)`, c.Slug, number, revision, c.At.UnixMicro(), c.Actor, c.Alone); err != nil {
		return err
	}
	line := c.Audit
	line.Action, line.Detail = "approval.alone", c.Alone
	return addAudit(ctx, tx, line, subject{blog: c.Slug, number: number, revision: revision})
}

// selectActsChanges reads the revisions of an entry that changed its acts, and to whom they belong, newest first.
const selectActsChanges = `SELECT r.acts, coalesce(nullif(tokens.owner, ''), audit.actor_id, '')
	FROM (SELECT revision, acts, lag(acts) OVER (ORDER BY revision) AS earlier
		FROM revisions WHERE blog = $1 AND number = $2) AS r
	LEFT JOIN audit ON audit.blog = $1 AND audit.number = $2 AND audit.revision = r.revision
		AND audit.action IN ('entry.post', 'entry.edit')
	LEFT JOIN tokens ON tokens.id = audit.actor_id
	WHERE r.earlier IS NULL OR r.earlier <> r.acts
	ORDER BY r.revision DESC LIMIT $3`

func scanActsChange(r row) (c liveblog.ActsChange, err error) {
	err = r.Scan(&c.Acts, &c.Owner)
	return c, err
}

// ownerOf returns the person to whom a token belongs, or the actor itself.
func ownerOf(ctx context.Context, tx *sql.Tx, actor string) (owner string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT owner FROM tokens WHERE id = $1`, actor).Scan(&owner)
	if errors.Is(err, sql.ErrNoRows) || err == nil && owner == "" {
		return actor, nil
	}
	return owner, err
}
