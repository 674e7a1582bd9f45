package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"readout/liveblog"
)

func searchTests() map[string]func(*testing.T, *fixture) {
	return map[string]func(*testing.T, *fixture){
		"Words":        testSearchWords,
		"Acts":         testSearchActs,
		"Changes":      testSearchChanges,
		"Other blogs":  testSearchOtherBlogs,
		"Pages":        testSearchPages,
		"Equal times":  testSearchEqualTimes,
		"Unknown":      testSearchUnknown,
		"Long texts":   testSearchLongTexts,
		"Random texts": testSearchRandom,
		"Any query":    testSearchAny,
	}
}

func query(t reporter, text string) liveblog.SearchQuery {
	t.Helper()
	q, err := liveblog.ParseSearch(text)
	if err != nil {
		t.Errorf("%q: %v", text, err)
	}
	return q
}

// found returns the numbers of the entries that a query finds.
func (f *fixture) found(t *testing.T, text string) []int {
	t.Helper()
	got, err := f.Search(t.Context(), slug, query(t, text), 0, everything)
	if err != nil {
		t.Errorf("Search(%q): %v", text, err)
	}
	return numbers(got.Entries)
}

func headline(s string) option { return func(e *liveblog.Entry) { e.Headline = s } }
func author(s string) option   { return func(e *liveblog.Entry) { e.Author = s } }

func testSearchWords(t *testing.T, f *fixture) {
	for i, e := range []struct{ headline, body, author string }{
		{"Tariffs cut", "Duties on *soybeans* fall to 10%, an official said in Łódź.", "Mara Lindqvist"},
		{"Rare earths", "The tariff question; don't wait. See [the text](https://example.org/hidden).",
			"Café Müller"},
		{"贸易战缓和", "中国与美国同意，关税下调。", "新华社"},
		{"관세 협상", "정상회담은 부산에서 열렸다. 양국은 관세를 낮춘다.", "김기자"},
		{"محادثات تجارية", "أعلن الوفد عن اتّفاقٍ في بوســان.", "مريم"},
		{"トランプ氏", "サミットは10月30日に開かれる。", ""},
		{"foo", "bar OR near AND not: “quoted words” 100 it's", ""},
		{"", "贸易。战，易战", ""}, // every pair of 贸易战, but not the whole
		{"ประชุมที่กรุงเทพมหานคร ปี ๒๕๖๙", "រាជធានីភ្នំពេញ။ ယနေ့မြန်မာနိုင်ငံ ﾊﾞｲﾃﾞﾝ氏", ""},
		{"", "بدأ السد للقاء ٢٠٢٦ بالقاهرة الدورى", ""},
	} {
		f.post(t, publishedAt(i), headline(e.headline), body(e.body), author(e.author))
	}
	for text, want := range map[string][]int{
		"tariff": {2, 1}, "TARIFFS": {1}, "tariffed": {}, "tar": {2, 1}, "ta": {}, "ariff": {},
		"tariff question": {2}, "question, tariff!": {2}, "tariff soybeans": {1}, "tariff nobody": {},
		"lodz": {1}, "Łódz": {1}, "cafe muller": {2}, "lindq": {1}, "don't": {2}, "t": {2}, "hidden": {},
		"10": {1, 6}, "1": {}, "100": {7}, "10%": {1, 6},
		"贸易": {3, 8}, "贸易战": {3}, "易贸": {}, "贸战": {}, "战": {3, 8}, "易战": {3, 8},
		"美国同意": {3}, "同意关税": {}, "同意 关税": {3}, "中国 日本": {}, "关税": {3},
		"관세": {4}, "관": {4}, "부산": {4}, "회담": {}, "정상회담": {4}, "관세 낮": {4},
		"اتفاق": {5}, "بوسان": {5}, "اعلن": {5}, "تِجاريّة": {5}, "محادث": {5},
		"قاهره": {10}, "القاهرة": {10}, "والقاهرة": {10}, "الدوري": {10}, "اللقاء": {10}, "سد": {10}, "والسد": {10},
		"2026": {10}, "۲۰۲۶": {10}, "بالمحادثات": {5}, "السداد": {}, "الاهرة": {},
		"กรุงเทพ": {9}, "กรุง เทพ": {9}, "เทพกรุง": {}, "กรง": {}, "2569": {9}, "ភ្នំពេញ": {9},
		"မြန်မာ": {9}, "バイデン": {9}, "ハイテン": {},
		"トランプ": {6}, "ランプ": {6}, "トラ プ氏": {6}, "サミット10月": {6}, "10月30日": {6},
		"foo OR bar": {7}, "foo NEAR bar": {7}, "foo -bar": {7}, "foo NOT bar": {7}, `"words quoted"`: {7}, "foo*": {7},
		"fo*": {}, "foo OR nobody": {},
		"bar^2": {}, "body:bar": {}, "(bar": {7}, "'": {}, `"`: {}, `\`: {}, "***": {}, "foo\x00bar": {7},
		"foo\xffbar": {7}, "foo' OR 1=1 --": {},
		"": {},
	} {
		got := f.found(t, text)
		slices.Sort(got)
		slices.Sort(want)
		equal(t, fmt.Sprintf("found by %q", text), got, want)
	}
}

func testSearchActs(t *testing.T, f *fixture) {
	f.setup(t, talksSetup())
	f.post(t, timed(minute(1)), stating(
		liveblog.Act{Kind: liveblog.ActClaim, Claim: "soy", Status: "reported", Text: "Beijing buys soybeans.",
			Attribution: "two diplomats"},
		liveblog.Act{Kind: liveblog.ActQuote, Speaker: "envoy", Text: "A candid exchange.", Original: "坦诚的交流",
			Language: "zh"},
		liveblog.Act{Kind: liveblog.ActPosition, Party: "china", Track: "tariffs", Text: "Reciprocity first."}))
	for text, want := range map[string][]int{"soybeans": {1}, "diplomat": {1}, "candid exchange": {1}, "坦诚": {1},
		"reciprocity candid": {1}, "envoy": {}, "zh": {}} {
		equal(t, fmt.Sprintf("found by %q", text), f.found(t, text), want)
	}
}

func testSearchChanges(t *testing.T, f *fixture) {
	want := func(text string, numbers ...int) {
		t.Helper()
		equal(t, fmt.Sprintf("found by %q", text), f.found(t, text), append([]int{}, numbers...))
	}
	e := f.post(t, draft, body("Soybeans.")).Entry
	want("soybeans")
	e = f.edit(t, e, published(3)).Entry
	want("soybeans", 1)
	e = f.edit(t, e, body("Wheat.")).Entry
	want("soybeans")
	want("wheat", 1)
	e = f.edit(t, e, keyEvent).Entry
	want("wheat", 1)
	e = f.edit(t, e, body("Maize 玉米."), publishedAt(4)).Entry
	want("wheat")
	want("maize 玉米", 1)
	other := f.post(t, publishedAt(3), body("Maize.")).Entry
	want("maize", 1, 2)
	f.reopen(t)
	want("maize", 1, 2)
	f.edit(t, e, removed)
	want("maize", 2)
	f.edit(t, other, removed)
	want("maize")
	if _, err := f.Commit(t.Context(), revise(e, body("Barley."))); err == nil {
		t.Error("a stale commit was accepted")
	}
	want("barley")
}

func testSearchOtherBlogs(t *testing.T, f *fixture) {
	for _, other := range []string{"summit-2", "summit2", "umm"} {
		f.createBlog(t, other)
		e := newEntry(body("Soybeans."))
		if _, err := f.Commit(t.Context(), liveblog.Commit{Slug: other, Entry: e,
			Audit: audit(1, "entry.post")}); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "found", f.found(t, "soybeans"), []int{})
	f.post(t, body("Nothing yet."))
	f.post(t, body("Soybeans."))
	equal(t, "found", f.found(t, "soybeans"), []int{2})
	got, err := f.Search(t.Context(), "summit-2", query(t, "soybeans"), 0, 10)
	if err != nil || got.Blog.Slug != "summit-2" || len(got.Entries) != 1 || got.Older {
		t.Errorf("found %+v, error %v", got, err)
	}
}

func testSearchPages(t *testing.T, f *fixture) {
	seen := fill(t, f)
	slices.SortFunc(seen, func(a, b liveblog.Entry) int { // as if none were pinned
		a.Pinned, b.Pinned = false, false
		return pageOrder(a, b)
	})
	for _, limit := range []int{1, 3, 7, len(seen) - 1, len(seen), len(seen) + 1} {
		var got []liveblog.Entry
		for before := 0; ; {
			f, err := f.Search(t.Context(), slug, query(t, "both sides"), before, limit)
			if err != nil {
				t.Fatal(err)
			}
			if len(f.Entries) > limit || f.Older && len(f.Entries) < limit {
				t.Fatalf("a page of %d has %d entries, older %v", limit, len(f.Entries), f.Older)
			}
			got = append(got, f.Entries...)
			if !f.Older {
				break
			}
			before = f.Entries[len(f.Entries)-1].Number
		}
		equal(t, fmt.Sprintf("all pages of %d", limit), got, seen)
	}
	// An entry that has been removed in the meantime is still a valid anchor.
	last := seen[4]
	f.edit(t, last, removed)
	got, err := f.Search(t.Context(), slug, query(t, "both sides"), last.Number, 3)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "behind one that is removed", got.Entries, seen[5:8])
}

// Entries of several blogs may be published in the same microsecond.
func testSearchEqualTimes(t *testing.T, f *fixture) {
	f.createBlog(t, "other")
	for range 5 {
		f.post(t)
		if _, err := f.Commit(t.Context(), liveblog.Commit{Slug: "other", Entry: newEntry(),
			Audit: audit(1, "entry.post")}); err != nil {
			t.Fatal(err)
		}
	}
	got := f.found(t, "talks")
	slices.Sort(got)
	equal(t, "found", got, []int{1, 2, 3, 4, 5})
}

func testSearchUnknown(t *testing.T, f *fixture) {
	f.post(t)
	f.post(t, draft)
	_, err := f.Search(t.Context(), "nowhere", query(t, "talks"), 0, 10)
	wantError(t, "no blog", err, liveblog.NotFound, "slug")
	_, err = f.Search(t.Context(), "no\x00where", query(t, "talks"), 0, 10)
	wantError(t, "no name", err, liveblog.NotFound, "slug")
	for _, before := range []int{2, 3, -1} {
		_, err := f.Search(t.Context(), slug, query(t, "talks"), before, 10)
		wantError(t, fmt.Sprintf("before %d", before), err, liveblog.NotFound, "before")
	}
	got, err := f.Search(t.Context(), slug, query(t, " "), 0, 10)
	if err != nil || got.Blog.Slug != slug || len(got.Entries) != 0 || got.Older {
		t.Errorf("without a query: %+v, error %v", got, err)
	}
}

// testSearchLongTexts: entries may contain whole documents, so their words must fit the limits of each engine.
func testSearchLongTexts(t *testing.T, f *fixture) {
	var different strings.Builder
	for i := 0; different.Len() < liveblog.MaxBody-20; i++ {
		fmt.Fprintf(&different, "w%x ", i*7919)
	}
	f.post(t, body(different.String()+"end"))
	f.post(t, body(strings.Repeat("的", liveblog.MaxBody/3-10)+"终点站"))
	f.post(t, body(strings.Repeat("x", liveblog.MaxBody)))
	f.post(t, body(strings.Repeat("회", 1000)))
	equal(t, "different words", f.found(t, "end"), []int{1})
	equal(t, "one character, many times", f.found(t, "的终点站"), []int{2})
	equal(t, "one word", f.found(t, strings.Repeat("x", 150)), []int{3})
	equal(t, "one word of three bytes a letter", f.found(t, strings.Repeat("회", 150)), []int{4})
}

// testSearchRandom compares search results with a reference implementation, which searches all entries. The texts are
// made of words whose indexed forms are listed here.
func testSearchRandom(t *testing.T, f *fixture) {
	plain := map[string]string{ // the indexed forms of words
		"tariff": "tariff", "Tariffs": "tariffs", "tar": "tar", "ta": "ta", "café": "cafe", "CAFE": "cafe", "10": "10",
		"100":     "100",
		"Ölpreis": "olpreis", "회담": "회담", "회담장": "회담장", "회": "회", "اتّفاق": "اتفاق",
		"اتفاقية": "اتفاقيه",
	}
	words := slices.Sorted(func(yield func(string) bool) {
		for w := range plain {
			if !yield(w) {
				return
			}
		}
	})
	characters := []string{"贸", "易", "贸易", "易贸", "战", "贸易战", "关税", "税", "กรุงเทพ", "รุงเ", "เท"}
	between := []string{" ", ", ", ". ", "\n\n", " – ", " *", "** "}
	noise := []string{" ", " OR ", `" `, " -", " * ", " (", "\x00", "^ ", " 'NEAR/2 ", "; --"}
	// A text consists of words and runs of Han or Thai characters, with separators.
	type text struct {
		words, runs []string
		whole       string
	}
	draw := func(r *rapid.T, most int, between []string) (all text) {
		var b strings.Builder
		for range rapid.IntRange(0, most).Draw(r, "items") {
			item := rapid.SampledFrom(append(slices.Clone(words), characters...)).Draw(r, "item")
			if p, ok := plain[item]; ok {
				all.words = append(all.words, p)
			} else {
				all.runs = append(all.runs, item)
			}
			b.WriteString(item + rapid.SampledFrom(between).Draw(r, "between"))
		}
		all.whole = b.String()
		return all
	}
	has := func(of, q text) bool {
		for _, w := range q.words {
			begins := len([]rune(w)) >= 3 && w > "99" || strings.HasPrefix(w, "회")
			if !slices.ContainsFunc(of.words,
				func(there string) bool { return there == w || begins && strings.HasPrefix(there, w) }) {
				return false
			}
		}
		for _, run := range q.runs {
			if !slices.ContainsFunc(of.runs, func(there string) bool { return strings.Contains(there, run) }) {
				return false
			}
		}
		return true
	}
	blogs := 0
	rapid.Check(t, func(r *rapid.T) {
		blogs++
		name := fmt.Sprintf("search-%d", blogs)
		f.createBlog(t, name)
		public := map[int]text{}
		current := map[int]liveblog.Entry{}
		for range rapid.IntRange(1, 12).Draw(r, "writes") {
			e := newEntry()
			base := 0
			if number := rapid.IntRange(0, len(current)).Draw(r, "number"); number > 0 {
				e = current[number]
				base = e.Revision
			}
			said := draw(r, 6, between)
			e.Headline, e.Author, e.Body = "", "", "- "+said.whole
			e.Status = rapid.SampledFrom([]liveblog.EntryStatus{liveblog.Published, liveblog.Published, liveblog.Draft,
				liveblog.Removed}).Draw(r, "status")
			if base == 0 && e.Status == liveblog.Removed {
				e.Status = liveblog.Draft
			}
			number := e.Number
			if number == 0 {
				number = len(current) + 1
			}
			e.PublishedAt = minute(rapid.IntRange(0, 5).Draw(r,
				"published")).Add(time.Duration(number) * time.Microsecond)
			done, err := f.Commit(t.Context(),
				liveblog.Commit{Slug: name, Entry: e, Base: base, Audit: audit(1, "entry.post")})
			if err != nil {
				r.Fatal(err)
			}
			current[done.Entry.Number] = done.Entry
			delete(public, done.Entry.Number)
			if e.Public() {
				public[done.Entry.Number] = said
			}
		}
		for range 5 {
			q := draw(r, 3, noise)
			want := []int{}
			for number, said := range public {
				if (len(q.words) > 0 || len(q.runs) > 0) && has(said, q) {
					want = append(want, number)
				}
			}
			slices.SortFunc(want, func(a, b int) int { return pageOrder(current[a], current[b]) })
			// The noise contains words that no text has.
			clean := strings.NewReplacer("OR", "", "NEAR/2", "").Replace(q.whole)
			got, err := f.Search(t.Context(), name, query(r, clean), 0, everything)
			if err != nil {
				r.Fatalf("%q: %v", clean, err)
			}
			equal(r, fmt.Sprintf("found by %q", clean), numbers(got.Entries), want)
		}
	})
}

// testSearchAny: no query text causes an error.
func testSearchAny(t *testing.T, f *fixture) {
	e := f.post(t, body("Both sides (are) in the “room”. 贸易")).Entry
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 60),
			func(b []byte) string { return string(b) }),
			rapid.StringMatching(`[ "'()*^:{}+\-&|!<>\\aOR贸易战ＡNTDE1]{0,40}`)).Draw(r, "query")
		q, err := liveblog.ParseSearch(text)
		if err != nil {
			r.Skip("too long")
		}
		got, err := f.Search(t.Context(), slug, q, 0, 10)
		if err != nil {
			r.Fatalf("%q: %v", text, err)
		}
		for _, found := range got.Entries {
			// SearchQuery.Find must find the terms in each result.
			if len(q.Find(e.Headline+"\n"+e.Body+"\n"+e.Author)) == 0 {
				r.Fatalf("%q finds entry %d and no word in it", text, found.Number)
			}
		}
	})
}
