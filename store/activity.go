package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"readout/liveblog"
)

// countActivity updates the activity after an entry changes from prev (nil for a new entry) to next.
func countActivity(ctx context.Context, tx *sql.Tx, slug string, prev *liveblog.Entry, next liveblog.Entry) error {
	was := counted{}
	if prev != nil {
		was = countedOf(*prev)
	}
	is := countedOf(next)
	if was == is {
		return nil
	}
	was.entries, was.keyEvents = -was.entries, -was.keyEvents
	for _, c := range []counted{was, is} {
		if c.entries != 0 {
			if err := c.add(ctx, tx, slug); err != nil {
				return err
			}
		}
	}
	return nil
}

// counted is what entries add to a quarter of an hour. The zero value is that of an entry which is not public.
type counted struct {
	day                int64
	quarter            int // of the day
	entries, keyEvents int
}

func countedOf(e liveblog.Entry) (c counted) {
	if !e.Public() {
		return c
	}
	at, day := e.PublishedAt.UnixMicro(), (24 * time.Hour).Microseconds()
	c.day, c.quarter, c.entries = at/day, int(at%day/liveblog.QuarterLength.Microseconds()), 1
	if e.KeyEvent {
		c.keyEvents = 1
	}
	return c
}

const (
	selectDay      = `SELECT day, quarters FROM activity WHERE blog = $1 AND day = $2`
	selectActivity = `SELECT day, quarters FROM activity WHERE blog = $1 ORDER BY day`
)

// add adds c to the counts of its quarter. The transaction holds the lock of the blog.
func (c counted) add(ctx context.Context, tx *sql.Tx, slug string) error {
	day, err := scanDay(tx.QueryRowContext(ctx, selectDay, slug, c.day))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	i, there := slices.BinarySearchFunc(day, c, func(a, b counted) int { return cmp.Compare(a.quarter, b.quarter) })
	if there {
		c.entries, c.keyEvents = c.entries+day[i].entries, c.keyEvents+day[i].keyEvents
		day = slices.Delete(day, i, i+1)
	}
	if c.entries > 0 {
		day = slices.Insert(day, i, c)
	}
	var text []string
	for _, q := range day {
		text = append(text, fmt.Sprintf("%d:%d:%d", q.quarter, q.entries, q.keyEvents))
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO activity (blog, day, quarters) VALUES ($1, $2, $3)
		ON CONFLICT (blog, day) DO UPDATE SET quarters = excluded.quarters`, slug, c.day, strings.Join(text, " "))
	return err
}

// scanDay reads the quarters of a day, sorted by time.
func scanDay(r row) (day []counted, err error) {
	var number int64
	var text string
	if err := r.Scan(&number, &text); err != nil {
		return nil, err
	}
	for item := range strings.FieldsSeq(text) {
		c := counted{day: number}
		rest := item
		for _, of := range []*int{&c.quarter, &c.entries, &c.keyEvents} {
			var text string
			text, rest, _ = strings.Cut(rest, ":")
			if *of, err = strconv.Atoi(text); err != nil {
				return nil, fmt.Errorf("the activity of a day has %.40q: %w", item, err)
			}
		}
		day = append(day, c)
	}
	slices.SortFunc(day, func(a, b counted) int { return cmp.Compare(a.quarter, b.quarter) })
	return day, nil
}

func readActivity(ctx context.Context, tx *sql.Tx, slug string) (all []liveblog.QuarterHour, err error) {
	days, err := collect(ctx, tx, scanDay, selectActivity, slug)
	for _, day := range days {
		for _, c := range day {
			start := time.Unix(c.day*24*60*60, 0).UTC().Add(time.Duration(c.quarter) * liveblog.QuarterLength)
			all = append(all, liveblog.QuarterHour{Start: start, Entries: c.entries, KeyEvents: c.keyEvents})
		}
	}
	return all, err
}
