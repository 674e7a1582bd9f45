// Package demo covers the week before a summit, so that people who try Readout see real coverage and not sample text.
//
// The coverage is a script of Markdown files that editors can read and change: one for each day and one for what is
// posted live. They are in the folder script. [Load] reads and checks them, [Script.Seed] plays the days into a store
// at their own times, and [Script.Play] posts the rest through a desk while readers watch.
//
// To be current whenever it runs, the demo maps the script's calendar to the days before the program starts:
//   - It moves all days but the last by whole days, so that what happened at 09:40 in Washington still happens at
//     09:40 there (or an hour off, while summer time differs from the script's October).
//   - It stretches or shrinks the last day to fill the time from there to a few minutes before the start. The times of
//     that day set only the order and the proportions, and its texts mention no time of day.
//   - It moves what is planned for later by whole days too, so that it stays in the future.
//
// The facts and the quotations are those of one published report. Other statements are paraphrased, and the staff is
// invented. So is the round of technical talks, which shows a timetable that slips, two accounts of one meeting, and
// the versions of a text: it names nobody, and each of its entries says that it is invented. The pinned entry tells
// readers all this.
package demo

import (
	"embed"
	"io/fs"

	"readout/liveblog"
)

// Blog is the blog that [Script.Seed] creates.
var Blog = liveblog.NewBlog{
	Slug:  "us-china-summit",
	Title: "Trump–Xi summit: the week of talks before South Korea",
	Standfirst: "Rare earth controls, a longer blacklist and a tariff threat stand between Washington and Beijing, " +
		"and their leaders plan to meet at the end of October. What is agreed, claimed, denied and corrected " +
		"on the way. A demonstration, told from one published report.",
	Status:   liveblog.Live,
	TimeZone: "Asia/Seoul",
	Language: "en",
}

//go:embed script/*.md script/setup.json
var files embed.FS

// Script is the parsed script of the demo. It is safe for concurrent use.
type Script struct {
	setup  liveblog.Setup // with times on the script's calendar
	seeded []step         // in the order of their times
	live   []step         // in the order in which they are played
}

// Load parses the script that is embedded in the program and checks its form. The error names every fault with its file
// and line.
func Load() (Script, error) {
	sub, err := fs.Sub(files, "script")
	if err != nil {
		return Script{}, err
	}
	return load(sub)
}
