package reader

import "readout/liveblog"

// shelf is the blogs of one status on the front page.
type shelf struct {
	status liveblog.BlogStatus
	title  string // its key
	blogs  []liveblog.Blog
}

// shelves sorts blogs by what readers look for first; empty shelves are left out.
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
			if b.Status == s.status {
				s.blogs = append(s.blogs, b)
			}
		}
		if len(s.blogs) > 0 {
			filled = append(filled, s)
		}
	}
	return filled
}
