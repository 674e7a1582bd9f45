package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"readout/liveblog"
	"readout/realtime"
)

// printJSON prints a value for programs.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// printJSONLine prints a value on one line.
func printJSONLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// blogOutput is the JSON form of a blog.
type blogOutput struct {
	Slug       string     `json:"slug"`
	Title      string     `json:"title"`
	Status     string     `json:"status"`
	Language   string     `json:"language"`
	TimeZone   string     `json:"time_zone"`
	Path       string     `json:"path"`
	CreatedAt  time.Time  `json:"created_at"`
	ArchivedAt *time.Time `json:"archived_at"`
}

func blogJSON(b liveblog.Blog) blogOutput {
	o := blogOutput{Slug: b.Slug, Title: b.Title, Status: string(b.Status), Language: b.Language, TimeZone: b.TimeZone,
		Path: "/live/" + b.Slug, CreatedAt: b.CreatedAt}
	if b.Archived() {
		o.ArchivedAt = &b.ArchivedAt
	}
	return o
}

type blogListCommand struct {
	openedDatabase
	JSON bool `name:"json" help:"Print a JSON list."`
}

// Run lists the blogs, newest first.
func (c *blogListCommand) Run(ctx context.Context, io streams) error {
	return withStore(ctx, c.openedDatabase, func(s liveblog.Store) error {
		blogs, err := s.Blogs(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			list := []blogOutput{}
			for _, b := range blogs {
				list = append(list, blogJSON(b))
			}
			return printJSON(io.out, list)
		}
		w := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
		for _, b := range blogs {
			status := string(b.Status)
			if b.Archived() {
				status = "archived"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", b.Slug, status, b.Title)
		}
		return w.Flush()
	})
}

type blogArchiveCommand struct {
	openedDatabase
	Slug string `arg:"" help:"The blog's name in its address."`
	Undo bool   `help:"Take the blog out of the archive, so that it can be written again."`
	JSON bool   `name:"json" help:"Print the blog as JSON."`
}

// Run archives a blog. Servers on the same database refuse writes to it at once.
func (c *blogArchiveCommand) Run(ctx context.Context, io streams) error {
	return withStore(ctx, c.openedDatabase, func(s liveblog.Store) error {
		desk := liveblog.NewDesk(s, realtime.NewLocalBroker(), liveblog.DeskOptions{})
		b, err := desk.Archive(ctx, operator(), c.Slug, !c.Undo)
		if err != nil {
			return err
		}
		switch {
		case c.JSON:
			return printJSON(io.out, blogJSON(b))
		case c.Undo:
			fmt.Fprintf(io.out, "The blog %s can be written again.\n", b.Slug)
		default:
			fmt.Fprintf(io.out, "The blog %s is archived. It can be read as before, and nobody can write it.\n", b.Slug)
		}
		return nil
	})
}
