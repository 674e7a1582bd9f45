package desk

import (
	"strconv"

	"readout/liveblog"
	"readout/views/markdown"
)

// MarkChoices is what the composer asks about other entries because of the marks of this one.
type MarkChoices struct {
	Desk        string           // the path of the blog at the desk
	Pins        []liveblog.Entry // those that are pinned, if there are too many; with their numbers and headlines
	Unpin       int              // the number of the one that makes room; 0 if that is not chosen yet
	Summary     *liveblog.Entry  // the summary that this entry replaces; nil if there is none
	KeepSummary bool             // that stays marked as a summary
}

// shortName names an entry by its number and the beginning of its headline.
func shortName(e liveblog.Entry) string {
	if e.Headline == "" {
		return "entry " + strconv.Itoa(e.Number)
	}
	return "entry " + strconv.Itoa(e.Number) + " (“" + markdown.Clip(e.Headline, 60) + "”)"
}
