// Package demo tells the week before a summit, so that a first look at Readout shows coverage and not sample text.
//
// The telling is a script: Markdown files in the folder script, written to be read and changed by an editor, one a
// day and one for what is posted live. [Load] reads and checks them, [Script.Seed] plays the days into a store with
// their own times, and [Script.Play] posts the rest through a desk while readers watch.
//
// The demo looks alive whenever it runs, because the script's calendar is moved to end where the program starts:
//   - All days but the last are moved by whole days, so that what was written at 09:40 in Washington stands at
//     09:40 in Washington (an hour off while summer time differs from the script's October).
//   - The last day is stretched or squeezed to fill the time from there to a few minutes before the start. Its times
//     set the order and the distances only, and its texts speak of no hour.
//   - What lies ahead of the last day moves by whole days too, and stays ahead.
//
// The facts are those of one published report, and so are the quotations; the other statements are paraphrased, and the
// staff is invented. So is the round of technical talks, which lets a reader see a timetable that slips, two accounts of
// one meeting, and a text in its versions: nobody is named in it, and each of its entries says what it is. The pinned
// entry tells readers all this.
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
	Standfirst: "Rare earth controls, a longer blacklist and a tariff threat stand between Washington and Beijing, and " +
		"their leaders plan to meet at the end of October. What is agreed, claimed, denied and corrected on the way. " +
		"A demonstration, told from one published report.",
	Status:   liveblog.Live,
	TimeZone: "Asia/Seoul",
	Language: "en",
}

//go:embed script/*.md script/setup.json
var files embed.FS

// Script is the demo's telling, read and checked. It is safe for concurrent use.
type Script struct {
	setup  liveblog.Setup // on the script's own calendar
	seeded []step         // in the order of their times
	live   []step
}

// Load reads the script that the program carries. The error names every fault with its file and line.
func Load() (Script, error) {
	sub, err := fs.Sub(files, "script")
	if err != nil {
		return Script{}, err
	}
	return load(sub)
}
