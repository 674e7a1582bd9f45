package reader

import "readout/liveblog"

// shelf is the list of the blogs of one status on the front page.
type shelf struct {
	status liveblog.BlogStatus
	title  string // key of its title
	blogs  []liveblog.Blog
}

// shelves groups blogs by status, live ones first and archived ones with those that have ended. It leaves out empty
// shelves.
func shelves(blogs []liveblog.Blog) []shelf {
	all := []shelf{
		{status: liveblog.Live, title: "shelf-live"},
		{status: liveblog.Paused, title: "shelf-paused"},
		{status: liveblog.Upcoming, title: "shelf-upcoming"},
		{status: liveblog.Ended, title: "shelf-ended"},
	}
	var filled []shelf
	for _, s := range all {
		for _, b := range blogs {
			status := b.Status
			if b.Archived() {
				status = liveblog.Ended
			}
			if status == s.status {
				s.blogs = append(s.blogs, b)
			}
		}
		if len(s.blogs) > 0 {
			filled = append(filled, s)
		}
	}
	return filled
}
