package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"readout/handlers/web"
	"readout/liveblog"
	view "readout/views/desk"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

const approvalField = "approval"

// Setup shows the form with a blog's setup: what its acts refer to.
func (d *Handlers) Setup(c *fiber.Ctx, v visitor) error {
	if err := liveblog.May(v.actor(), liveblog.Manage, c.Params("slug")); err != nil {
		return err
	}
	ctx, cancel := web.Within(web.QueryTimeout)
	defer cancel()
	now, err := d.talks(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	form := view.SetupForm{Action: deskPath(c) + "/setup", CSRF: v.csrf, MayApprove: mayApprove(v, now.blog.Slug)}
	for _, list := range setupLists() {
		text := setupText(list, now)
		form.Lists = append(form.Lists, formList(list, text, digest(text)))
	}
	form.Approval, form.ApprovalSeen = approvalBoxes(now.setup.Approval), digest(approvalText(now.setup.Approval))
	return d.show(c, view.Setup(view.SetupPage{Desk: d.desk(v), Blog: now.blog, Form: form}))
}

// SaveSetup saves the lists that were changed in the form, so that two editors who change different lists do not undo
// each other's work. If somebody else has changed the same list meanwhile, it shows their version and asks.
func (d *Handlers) SaveSetup(c *fiber.Ctx, v visitor) error {
	if err := liveblog.May(v.actor(), liveblog.Manage, c.Params("slug")); err != nil {
		return err
	}
	ctx, cancel := web.Within(web.CommitTimeout)
	defer cancel()
	now, err := d.talks(ctx, c.Params("slug"))
	if err != nil {
		return err
	}
	form := readSetup(c, v.csrf)
	form.MayApprove = mayApprove(v, now.blog.Slug)
	setup, lines, err := typedSetup(now, &form)
	if err == nil {
		_, err = d.Desk.UpdateSetup(ctx, v.actor(), now.blog.Slug, setup)
	}
	if err == nil {
		return c.Redirect(deskPath(c)+"?done=setup", fiber.StatusSeeOther)
	}
	if !shownInForm(err) {
		return err
	}
	if !form.MayApprove { // otherwise the form could never be saved
		form.Approval, form.ApprovalSeen = approvalBoxes(now.setup.Approval), digest(approvalText(now.setup.Approval))
	}
	form.Problem = problemOf(nameLines(err, lines))
	return d.answer(c, err, view.Setup(view.SetupPage{Desk: d.desk(v), Blog: now.blog, Form: form}))
}

// mayApprove reports whether the visitor may change which states need a second editor.
func mayApprove(v visitor, slug string) bool {
	return liveblog.May(v.actor(), liveblog.Administer, slug) == nil
}

// typedSetup returns the current setup with the lists that were changed in the form, and the lines of those lists by
// field. It marks the lists in the form that somebody else has changed as well.
func typedSetup(now talksState, form *view.SetupForm) (setup liveblog.Setup, lines map[string][]*setupLine, err error) {
	setup, lines = now.setup, map[string][]*setupLine{}
	var invalid liveblog.FieldErrors
	var conflicts []liveblog.FieldError
	for i, list := range setupLists() {
		typed := &form.Lists[i]
		text, current := tidyLines(typed.Text), setupText(list, now)
		if digest(text) == typed.Seen {
			continue
		}
		read := readLines(list, text, now.blog.Location())
		next := talksState{blog: now.blog, setup: setup}
		list.parse(&next.setup, read)
		problems := problemsOf(read)
		if len(problems) == 0 && setupText(list, next) == current {
			continue // already saved
		}
		if digest(current) != typed.Seen {
			typed.Seen, typed.Current = digest(current), "\n"+current
			conflicts = append(conflicts, changedMeanwhile(list.field, strings.ToLower(list.name)))
			continue
		}
		setup, lines[list.field] = next.setup, read
		for _, p := range problems {
			invalid.Addf(list.field, "%s", p)
		}
	}
	states := typedApproval(form)
	if text, current := approvalText(states),
		approvalText(now.setup.Approval); digest(text) != form.ApprovalSeen && text != current {
		if digest(current) != form.ApprovalSeen {
			form.ApprovalSeen = digest(current)
			conflicts = append(conflicts, changedMeanwhile(approvalField, "states that need a second editor"))
		}
		setup.Approval = states
	}
	if len(conflicts) > 0 {
		return setup, lines, &liveblog.Error{Code: liveblog.Conflict, Message: conflicts[0].Message, Fields: conflicts}
	}
	return setup, lines, invalid.Err(liveblog.Invalid, "lines")
}

// problemsOf returns the problems of the lines, with their line numbers.
func problemsOf(lines []*setupLine) (all []string) {
	for _, l := range lines {
		for _, p := range l.problems {
			all = append(all, fmt.Sprintf("Line %d: %s", l.number, p))
		}
	}
	return all
}

func changedMeanwhile(field, what string) liveblog.FieldError {
	return liveblog.FieldError{Field: field,
		Message: "Somebody else has changed the " + what + " meanwhile. Saving again replaces their version."}
}

var setupField = regexp.MustCompile(`^([a-z]+)\[(\d+)\]`)

// nameLines returns the error with line numbers in place of the indexes of items, such as "sessions[2]".
func nameLines(err error, lines map[string][]*setupLine) error {
	e, ok := errors.AsType[*liveblog.Error](err)
	if !ok {
		return err
	}
	return e.MapFields(func(f liveblog.FieldError) liveblog.FieldError {
		m := setupField.FindStringSubmatch(f.Field)
		if m == nil {
			return f
		}
		f.Field = m[1]
		if n, err := strconv.Atoi(m[2]); err == nil {
			number := n + 1 // a list that was not changed has a line for each item
			if typed := lines[m[1]]; n < len(typed) {
				number = typed[n].number
			}
			f.Message = fmt.Sprintf("Line %d: %s", number, f.Message)
		}
		return f
	})
}

func setupText(list setupList, now talksState) string {
	return strings.Join(list.format(now.setup, now.blog.Location()), "\n")
}

// digest identifies the version of a list that the form was sent out with.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

func tidyLines(text string) string {
	return strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), " \t\n")
}

func formList(list setupList, text, seen string) view.SetupList {
	return view.SetupList{Field: list.field, Name: list.name, Hint: list.hint, Example: list.example, Text: text,
		Seen: seen}
}

// readSetup returns the form with what was typed.
func readSetup(c *fiber.Ctx, csrf string) view.SetupForm {
	form := view.SetupForm{Action: c.Path(), CSRF: csrf, Typed: true,
		ApprovalSeen: web.Printable(formText(c, "seen_"+approvalField))}
	for _, list := range setupLists() {
		form.Lists = append(form.Lists,
			formList(list, web.Printable(formText(c, list.field)), web.Printable(formText(c, "seen_"+list.field))))
	}
	var set []liveblog.TrackState
	for _, s := range liveblog.TrackStates() {
		if formText(c, approvalField+"_"+string(s)) != "" {
			set = append(set, s)
		}
	}
	form.Approval = approvalBoxes(set)
	return form
}

func approvalBoxes(set []liveblog.TrackState) (boxes []view.ApprovalBox) {
	for _, s := range liveblog.TrackStates() {
		boxes = append(boxes, view.ApprovalBox{State: s, Set: slices.Contains(set, s)})
	}
	return boxes
}

func typedApproval(form *view.SetupForm) (states []liveblog.TrackState) {
	for _, box := range form.Approval {
		if box.Set {
			states = append(states, box.State)
		}
	}
	return states
}

// approvalText returns the states in a fixed order, so that equal sets give equal texts.
func approvalText(states []liveblog.TrackState) string {
	var all []string
	for _, s := range liveblog.TrackStates() {
		if slices.Contains(states, s) {
			all = append(all, string(s))
		}
	}
	return strings.Join(all, " ")
}

// TypedSetupForm is the [formBuilder] of the setup.
func (d *Handlers) TypedSetupForm(c *fiber.Ctx, csrf string, p view.Problem) templ.Component {
	form := readSetup(c, csrf)
	form.MayApprove = formText(c, "approval_boxes") != ""
	form.Problem = p
	return view.SetupFields(form)
}
