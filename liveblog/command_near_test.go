package liveblog_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"readout/liveblog"
)

// seen reports how a text is read: "acts" if all of its commands act, "held" if it is refused, "text" otherwise.
func seen(text string) string {
	setup := talksSetup()
	setup.Tracks = append(setup.Tracks, liveblog.Track{ID: "xitu", Name: "稀土"},
		liveblog.Track{ID: "leaders-meeting", Name: "Leaders’ meeting"})
	s, err := liveblog.Typed{Body: text}.Read(setup, time.UTC)
	switch {
	case err != nil:
		return "held"
	case s.Acts != "":
		return "acts"
	}
	return "text"
}

// TestNearCommands has lines of every kind that the rule names. It fails if one of its parts is left out.
func TestNearCommands(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/mvoe rare-earths → in talks":  "held",
		"/moves rare earths → in talks": "held",
		"/move":                         "held",
		"/mvoe":                         "held",
		"/mvoe: x":                      "held",
		"/이동 희토류 → 협의 중":                "held",
		"/移动 稀土 → 谈判中":                  "held",
		"／移动　稀土":                        "held",
		"/перенести тарифы → in talks":                  "held",
		"/نقل الرسوم → in talks":                        "held",
		"/स्थिति शुल्क":                                 "held",
		" /move 稀土 → in talks":                          "acts",
		"\u00a0/move rare-earths → in talks":            "acts",
		"\ufeff/move rare-earths → in_talks":            "acts",
		"\u200f/move rare-earths → in talks":            "acts",
		"／move 稀土 → in‑talks":                           "acts",
		"/move 稀土　⇒　in talks":                           "acts",
		"/move leaders' meeting -> raised":              "acts",
		"/move Leaders’ meeting → raised":               "acts",
		"- /move rare-earths → in talks":                "held",
		"> - /mvoe rare-earths → in talks":              "held",
		"1. /move rare-earths → in talks":               "held",
		"Text /move rare-earths → in talks":             "held",
		"Text /mvoe rare-earths → in talks":             "held",
		"北京说：/move rare-earths → in talks":              "held",
		"句子。／move 稀土 → in talks":                        "held",
		"谈判/move 稀土 → in talks":                         "held",
		"谈判/cite soy-purchases":                         "held",
		"- /mvoe soy":                                   "held",
		"1. /cte soy-purchases":                         "held",
		"talks/posision: unchanged":                     "text",
		"Talks/move rare-earths → in talks":             "held",
		"Beijing says:/move rare-earths → in talks":     "held",
		"They met.\n\nText (/cite soy-purchases)":       "held",
		`\/move rare-earths → in talks`:                 "text",
		`\/mvoe it`:                                     "text",
		`Text \/move rare-earths → in talks`:            "text",
		"```\n/mvoe x\nText /move a → b\n```":           "text",
		"Type `/move rare-earths → in talks` for that.": "text",
		"and/or, he/she, km/h, 1/2, w/ rice, 30/10":     "text",
		"/":                                          "text",
		"/ a slash":                                  "text",
		"// a comment":                               "text",
		"/etc/passwd is a path":                      "text",
		"/r/worldnews":                               "text",
		"/index.html":                                "text",
		"/24 is a network":                           "text",
		"- /24":                                      "text",
		"See https://example.com/move now":           "text",
		"[it](/move/x) and [that](/text)":            "text",
		"the talks/position paper":                   "text",
		"the /tmp /opt folders":                      "text",
		"yes /no":                                    "text",
		"Say /move.":                                 "text",
		"///move rare-earths → in talks":             "held",
		"////mvoe rare-earths → in talks":            "held",
		"\\\\move rare-earths → in talks":            "held",
		"\\//move rare-earths → in talks":            "text",
		"/\u200emvoe rare-earths → in talks":         "held",
		"/ mvoe rare-earths → in talks":              "held",
		"/\u00a0mvoe rare-earths → in talks":         "held",
		"/ move rare-earths → in talks":              "acts",
		"/ moved on to lunch":                        "text",
		"/ either way: they go":                      "text",
		"/mo\u200bve rare-earths → in talks":         "acts",
		"/mo\u00advoe rare-earths → in talks":        "held",
		"/\ufe0fmove rare-earths → in talks":         "acts",
		"/\x00move rare-earths → in talks":           "acts",
		"/\u0301move rare-earths → in talks":         "held",
		"/move: rare-earths → in talks":              "acts",
		"/MOVE： rare-earths → in talks":              "acts",
		"/move:rare-earths → in talks":               "held",
		"/move, rare-earths → in talks":              "held",
		"/move.rare-earths → in talks":               "held",
		"/move/rare-earths → in talks":               "held",
		"/move/x":                                    "text",
		"/at14:05":                                   "held",
		"/key!":                                      "held",
		"see /move and /cite":                        "text",
		"see /move, /cite and /text.":                "text",
		"voir /move et /cite.":                       "text",
		"見 /move 和 /cite":                            "text",
		"see /move and /cite soy-purchases":          "held",
		"see /move and go":                           "held",
		"They met. /key":                             "held",
		"They met. /pin ":                            "held",
		"They met. /sumary":                          "held",
		"They met. ／summary":                         "held",
		"They met. /key.":                            "text",
		"They met./key":                              "text",
		"the /tmp and /key":                          "held",
		"Text /mvoe rare-earths in talks":            "held",
		"**/move** rare-earths → in talks":           "held",
		"//move rare-earths → in talks":              "held",
		"／／move rare-earths → in talks":              "held",
		"⧸move rare-earths → in talks":               "held",
		"╱mvoe rare-earths → in talks":               "held",
		"\\move rare-earths → in talks":              "held",
		"＼move rare-earths → in talks":               "held",
		"//example.com/move":                         "text",
		"//moved to another room":                    "held",
		"// moved to another room":                   "text",
		"\\moved\\ is what they wrote":               "text",
		"/move rare-earths -＞ in talks":              "acts",
		"/move rare-earths －> in talks":              "acts",
		"/move rare-earths =＞ in talks":              "acts",
		"/move rare-earths –＞ in talks":              "acts",
		"```\n~~~\n/mvoe x\n```":                     "text",
		"```\n~~~\n```\n/cite soy-purchases":         "acts",
		"````\n```\n/cite soy-purchases\n```\n````":  "text",
		"  ```\n/cite soy-purchases\n  ```":          "text",
		"> ```\n> /cite soy-purchases\n> ```":        "text",
		"> ```\n> code\n/cite soy-purchases":         "acts",
		"- ```\n  /cite soy-purchases\n  ```":        "text",
		"- a\n\n  ~~~\n  /mvoe x\n\n  y\n  ~~~":      "text",
		"- ```\n  code\n/cite soy-purchases":         "acts",
		"``` a`b\n/cite soy-purchases":               "acts",
		"~~~ a`b\n/cite soy-purchases\n~~~":          "text",
		"```\n/cite soy-purchases\n``` x\n/cite soy": "text",
		"    ```\n/cite soy-purchases":               "acts",
		"> > ```\n> > /mvoe x\n> /mvoe y":            "held",
		"- - ```\n  ```\n/cite soy-purchases":        "acts",
		"- - ```\n    /cite soy-purchases":           "text",
		"> - ```\n>   /cite soy-purchases":           "text",
		"> - ```\n> /cite soy-purchases\n":           "held",
		"- a\nb\n  ```\n  /cite soy-purchases":       "text",
		"• ```\n  /cite soy-purchases":               "text",
		"/cite soy-purchases\n2. ```\n   /mvoe x":    "acts",
		"```\n\n/cite soy-purchases\n\n```":          "text",
	} {
		if got := seen(text); got != want {
			t.Errorf("%q is read as %s, want %s", text, got, want)
		}
	}
	for headline, want := range map[string]bool{
		"/move rare-earths → in talks": true, "/mvoe": true, "Text /move rare-earths → raised": true,
		"Talks and/or dinner": false, "": false, "/etc/passwd": false,
	} {
		_, err := liveblog.Typed{Headline: headline, Body: "B."}.Read(talksSetup(), time.UTC)
		if held := err != nil; held != want {
			t.Errorf("the headline %q: %v", headline, err)
		}
	}
}

// TestNearCommandsSayWhatToDo also checks that what an entry has already is not held back.
func TestNearCommandsSayWhatToDo(t *testing.T) {
	t.Parallel()
	typed := liveblog.Typed{Headline: "/cite x", Body: "One.\r\n/mvoe x\r\n> /quote e: x\r\n/wish"}
	_, err := typed.Read(talksSetup(), time.UTC)
	want := `headline: The command /cite has to stand in the text or in the field for acts. Type \/ for a slash that ` +
		"belongs to the text.\n" +
		`body: Line 2: there is no command “/mvoe”. Did you mean /move? Type \/ for a slash that belongs to the text.` +
		"\n" + `body: Line 3: the command /quote has to stand at the beginning of a line of its own. Type \/ for a ` +
		"slash that belongs to the text.\n" +
		`body: Line 4: there is no command “/wish”. The commands are /move, /position, /claim, /cite, /quote, ` +
		`/readout, /text, /session, /figure, /key, /pin, /summary, /as and /at. Type \/ for a slash that belongs to the text.`
	if got := faults(err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	typed.Was = liveblog.Entry{Headline: typed.Headline, Body: strings.ReplaceAll(typed.Body, "\r", "")}
	if s, err := typed.Read(talksSetup(), time.UTC); err != nil || s.Body != typed.Body {
		t.Errorf("an unchanged text: %v, %q", err, s.Body)
	}
}

// TestAlmostCommands types 500 lines that are almost commands. None may be published as text.
func TestAlmostCommands(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	one := func(list ...string) string { return list[random.IntN(len(list))] }
	commands := []string{
		"/move rare-earths → in talks", "/position china on rare earths: They stay.", "/cite soy-purchases",
		"/claim soy-purchases reported: They buy.", "/quote envoy: Good.", "/figure soy = 25 million tonnes",
		"/session dinner under way", "/readout leaders by china\n- One.", "/text statement draft-2\nWe agree.",
	}
	full := strings.NewReplacer("/", "／", "|", "｜", ":", "：", "=", "＝", " ", "\u3000", "a", "ａ", "M", "Ｍ")
	// misspell edits the kind of a command once.
	misspell := func(command string) string {
		kind, rest, _ := strings.Cut(command[1:], " ")
		i, letter := random.IntN(len(kind)), string(rune('a'+random.IntN(26)))
		switch random.IntN(4) {
		case 0:
			kind = kind[:i] + kind[i+1:]
		case 1:
			kind = kind[:i] + letter + kind[i:]
		case 2:
			kind = kind[:i] + letter + kind[i+1:]
		default:
			i = min(i, len(kind)-2)
			kind = kind[:i] + kind[i+1:i+2] + kind[i:i+1] + kind[i+2:]
		}
		return "/" + kind + " " + rest
	}
	known := map[string]bool{}
	for _, c := range commands {
		kind, _, _ := strings.Cut(c, " ")
		known[kind] = true
	}
	for n := range 500 {
		command := one(commands...)
		text, want := command, "acts"
		switch n % 5 {
		case 0:
			if text = misspell(command); !known[strings.Fields(text)[0]] {
				want = "held"
			}
		case 1:
			text = one(" ", "\t", "    ", "\u00a0", "\u3000", "\ufeff", "\u200b", "\u2060", "\u200e ", "\u3164") + command
		case 2:
			text = full.Replace(command)
		case 3:
			text, want = one("The talks go on. ", "会谈继续。", "그는 말했다. ", "Переговоры идут: ", "المحادثات مستمرة، ",
				"वार्ता जारी है। ", "- ", "> ", "1. ", "**Now:** ", "“Yes” ")+command, "held"
		case 4:
			_, rest, _ := strings.Cut(command, " ")
			text, want = "/"+one("이동", "移动", "переместить", "نقل", "ले-जाना", "déplacer", "verschieben")+" "+rest, "held"
		}
		if got := seen(text); got != want {
			t.Errorf("%q is read as %s, want %s", text, got, want)
		}
	}
}

// TestOrdinaryTextIsNotHeldBack makes 1,000 sentences in which slashes have their usual meanings.
func TestOrdinaryTextIsNotHeldBack(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	one := func(list ...string) string { return list[random.IntN(len(list))] }
	for range 1000 {
		subject := one("The delegations", "U.S./Chinese negotiators", "Minister Wang (left/right)", "Der/die Vorsitzende",
			"La délégation", "Делегация", "中美/欧盟代表", "미국/중국 대표단", "الوفد")
		what := one("discussed export and/or import controls", "agreed on 1/2 of the text", "meet on 30/10 at 09/10 o’clock",
			"drove at 80 km/h", "published https://example.com/move/text?quote=/claim", "sent [the text](/live/x/move)",
			"wrote to /dev/null", "took a position/claim/quote each", "said w/o further comment", "討論了關稅/稀土問題",
			"관세/희토류를 논의했다", "обсудили импорт/экспорт", "ناقش الصادرات/الواردات", "rate: 24/7", "c/o the embassy",
			"mentioned AC/DC, TCP/IP and n/a", "saw the price of US$1.20/bushel", "called it a win/win")
		text := subject + " " + what + one(".", "…", "。", " //", " (1/3).", "\n\n/ 2 /", "\n- a/b\n- c / d")
		if got := seen(text); got != "text" {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

// FuzzLiftCommands checks that every line of a text is in the rest or in a command, but for empty ones.
func FuzzLiftCommands(f *testing.F) {
	f.Add("One.\n /cite x\r\n\n／readout leaders by China\n- One.\n\n```\n/cite y\n```\nText /move a → b")
	f.Fuzz(func(t *testing.T, text string) {
		rest, lifted := liveblog.LiftCommands(text)
		liveblog.NearCommands("body", text)
		have := map[string]int{}
		count := func(s string, n int) {
			for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
				if line = strings.TrimSpace(strings.Trim(line, "\u200b\ufeff")); line != "" {
					have[line] += n
				}
			}
		}
		count(text, 1)
		count(rest, -1)
		if len(lifted) == 0 && rest != text {
			t.Errorf("a text without commands has become %q", rest)
		}
		left := 0
		for _, n := range have {
			left += n
		}
		for _, c := range lifted {
			left -= strings.Count(c.Text, "\n") + 1
		}
		if left != 0 {
			t.Errorf("%d lines of %q are neither in %q nor in %q", left, text, rest, spelt(lifted))
		}
	})
}

// BenchmarkNearCommands reads texts that have a slash in every place.
func BenchmarkNearCommands(b *testing.B) {
	for _, unit := range []string{"a /move", "/", "- ", "`", " /abcd", "](", "a://", "／", "\n/mvo", ". /mvoe x"} {
		text := strings.Repeat(unit, (64<<10)/len(unit))
		b.Run(fmt.Sprintf("%q", unit), func(b *testing.B) {
			for b.Loop() {
				liveblog.NearCommands("body", text)
			}
		})
	}
}
