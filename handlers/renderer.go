package handlers

import (
	"readout/liveblog"
	"readout/realtime"
	"readout/views"
	"readout/views/data"
)

// Renderer is how the hub renders what it sends: HTML as in the pages, and JSON as in the API.
func Renderer() realtime.Renderer {
	return realtime.Renderer{
		Entry: views.EntryHTML,
		Note:  views.NoteHTML,
		Head:  views.HeadHTML,
		Data:  func(e liveblog.Entry) any { return data.EntryOf(e) },
		Talks: func(b liveblog.Blog, prev, next *liveblog.Talks, f realtime.Format) realtime.TalksParts {
			return realtime.TalksParts(data.TalksPartsOf(b, prev, next, f == realtime.HTML))
		},
	}
}
