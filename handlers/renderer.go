package handlers

import (
	"readout/liveblog"
	"readout/realtime"
	"readout/views/data"
	"readout/views/reader"
)

// Renderer returns the functions with which the hub renders changes: the same HTML as in the pages, and the same JSON
// as in the API.
func Renderer() realtime.Renderer {
	return realtime.Renderer{
		Entry: reader.EntryHTML,
		Note:  reader.NoteHTML,
		Head:  reader.HeadHTML,
		Data:  func(e liveblog.Entry) any { return data.EntryOf(e) },
		Talks: func(b liveblog.Blog, prev, next *liveblog.Talks, f realtime.Format) realtime.TalksParts {
			return realtime.TalksParts(data.TalksPartsOf(b, prev, next, f == realtime.HTML))
		},
	}
}
