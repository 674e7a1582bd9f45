package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"readout/cmd/readout/server"
	"readout/liveblog"
)

type auditCommand struct {
	openedDatabase
	Blog  string `placeholder:"SLUG" help:"Only lines about this blog."`
	Who   string `help:"${audit_who}"`
	What  string `help:"${audit_what}"`
	Since string `placeholder:"TIME" help:"${audit_since}"`
	Limit int    `default:"100" help:"How many lines to print; 0 means all (${default})."`
	JSON  bool   `name:"json" help:"Print one JSON object a line."`
}

// Run prints lines of the audit, newest first.
func (c *auditCommand) Run(ctx context.Context, io streams) error {
	return withStore(ctx, c.openedDatabase, func(s liveblog.Store) error {
		since, err := timeOrAge(c.Since, s.Now())
		if err != nil {
			return err
		}
		if c.Blog != "" {
			if _, err := s.Blog(ctx, c.Blog); err != nil {
				return err
			}
		}
		accounts := server.NewAccounts(s)
		q := liveblog.AuditQuery{Blog: c.Blog, Who: c.Who, What: c.What, Since: since}
		for printed := 0; ; {
			q.Limit = liveblog.MaxAuditLines
			if c.Limit > 0 {
				q.Limit = min(q.Limit, c.Limit-printed)
			}
			lines, err := accounts.Audit(ctx, operator(), q)
			if err != nil {
				return err
			}
			for _, l := range lines {
				if err := c.print(io, l); err != nil {
					return err
				}
			}
			printed += len(lines)
			if len(lines) < q.Limit || printed == c.Limit {
				return nil
			}
			q.Before = lines[len(lines)-1].ID
		}
	})
}

func (c *auditCommand) print(io streams, l liveblog.AuditLine) error {
	if c.JSON {
		return printJSONLine(io.out, l)
	}
	parts := []string{l.At.Format(time.DateTime), l.Action}
	if l.Actor != "" {
		parts = append(parts, "by "+l.Actor)
	}
	if l.Blog != "" {
		parts = append(parts, "on "+l.Blog)
	}
	if l.Number != 0 {
		parts = append(parts, fmt.Sprintf("entry %d revision %d", l.Number, l.Revision))
	}
	if l.Account != "" {
		name := l.AccountName
		if name == "" {
			name = l.Account
		}
		parts = append(parts, "account "+name)
	}
	if l.Detail != "" {
		parts = append(parts, "("+l.Detail+")")
	}
	_, err := fmt.Fprintln(io.out, strings.Join(parts, " "))
	return err
}

// timeOrAge reads a time, a day in UTC, or how long ago something was.
func timeOrAge(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if age, err := time.ParseDuration(text); err == nil && age >= 0 {
		return now.Add(-age), nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, liveblog.FieldErrorf(liveblog.Invalid, "since",
		"“%.60s” is not a time; use one such as 2025-10-30, 2025-10-30T11:00:00+09:00, or 24h for the last day.", text)
}
