package liveblog

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// TestSearchScripts searches for what people type in texts as others type them. Each row lists spellings of one word;
// every one finds, and marks, the bracketed part of every text of the row. It fails if a script loses its forms, if a
// form is in the index and not in the query or the reverse, and if a mark covers too little or too much.
func TestSearchScripts(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ spellings, texts []string }{
		"alef maqsura and yeh": {
			[]string{"الدوري", "الدورى", "الدوری", "دوري"},
			[]string{"قال إن [الدورى] بدأ", "قال إن [الدوري] بدأ", "([الدوری])"},
		},
		"teh marbuta and heh": {
			[]string{"القاهرة", "القاهره", "القاهرہ"},
			[]string{"في [القاهرة] أمس", "في [القاهره]، أمس", "[بالقاهرة]"},
		},
		"seats of hamza": {
			[]string{"مسؤول", "مسوول"},
			[]string{"قال [مسؤول] كبير", "قال [المسوول]"},
		},
		"hamza over yeh": {[]string{"رئيس", "رييس"}, []string{"[رئيس] الوفد", "[الرييس]"}},
		"alef with hamza": {
			[]string{"أوروبا", "اوروبا", "اوروبا"},
			[]string{"[أوروبا]", "إلى [اوروبا]"},
		},
		"Arabic article": {
			[]string{"محادثات", "المحادثات", "والمحادثات", "بالمحادثات", "للمحادثات", "فالمحادثات", "كالمحادثات",
				"وبالمحادثات", "وللمحادثات", "مُحادَثات", "محـــادثات"},
			[]string{"[محادثات] اليوم", "بدأت [المحادثات].", "[والمحادثات]", "[بالمحادثات]", "[للمحادثات]",
				"[فالمحادثات]", "[كالمحادثات]", "[وبالمحادثات]", "[وللمحادثات]", "«[المُحادَثات]»"},
		},
		"Arabic noun of two letters": {
			[]string{"سد", "السد", "والسد", "للسد"},
			[]string{"[سد] النهضة", "ملف [السد] اليوم", "[والسد]", "[بالسد]", "[للسد]"},
		},
		"Arabic noun that begins with lam": {
			[]string{"لقاء", "اللقاء", "للقاء"},
			[]string{"[لقاء]", "بعد [اللقاء]", "يستعد [للقاء] نظيره", "[واللقاء]"},
		},
		"Arabic article of a word that keeps it": {
			[]string{"الآن", "الان"},
			[]string{"أن [الآن] قال", "[والآن]", "ان [الان]"},
		},
		"Arabic name that begins like an article": {
			[]string{"ألمانيا", "المانيا"},
			[]string{"[ألمانيا]", "وصل [لألمانيا]", "[بألمانيا]", "[وألمانيا]"},
		},
		"Persian yeh and kaf": {[]string{"کشوری", "كشوري"}, []string{"[کشوری]", "[كشورى]"}},
		"Persian joiner": {
			[]string{"می\u200cخواهم", "میخواهم"},
			[]string{"[می\u200cخواهم]", "[ميخواهم]"},
		},
		"Persian heh with hamza": {
			[]string{"خانۀ", "خانه"},
			[]string{"[خانۀ]", "[خانهٔ]", "[خانه]"},
		},
		"Urdu heh":                {[]string{"ہمارے", "همارے"}, []string{"[ہمارے]", "[ھمارے]"}},
		"Kurdish heh":             {[]string{"هەولێر", "ههولێر"}, []string{"[ھەولێر]", "[هەولێر]"}},
		"Arabic as it is printed": {[]string{"مؤتمر"}, []string{"[ﻣﺆﺗﻤﺮ]"}},
		"Arabic ligatures":        {[]string{"الله"}, []string{"[ﷲ]", "[والله]"}},
		"Arabic digits": {
			[]string{"٢٠٢٦", "2026", "۲۰۲۶", "２０２６"},
			[]string{"[٢٠٢٦]", "[2026]", "[۲۰۲۶]", "[２０２６]年"},
		},
		"digits of India": {
			[]string{"१४५", "145", "১৪৫", "੧੪੫", "૧૪૫", "୧୪୫", "௧௪௫", "౧౪౫", "೧೪೫", "൧൪൫"},
			[]string{"[१४५]%", "[145] %", "[১৪৫]", "[௧௪௫]", "[൧൪൫]"},
		},
		"digits of South-East Asia": {
			[]string{"๒๕๖๙", "2569", "២៥៦៩", "၂၅၆၉", "໒໕໖໙", "༢༥༦༩"},
			[]string{"ปี[๒๕๖๙]", "ปี [2569]", "ឆ្នាំ[២៥៦៩]", "[၂၅၆၉]ခု", "ປີ[໒໕໖໙]"},
		},
		"Thai": {
			[]string{"กรุงเทพ"},
			[]string{"ประชุมที่[กรุงเทพ]มหานคร", "[กรุงเทพ]ฯ", "อยู่ [กรุงเทพ]"},
		},
		"Thai sara am": {
			[]string{"น้ำ", "น\u0e49\u0e4d\u0e32", "น\u0e4d\u0e49\u0e32"},
			[]string{"ส่ง[น้ำ]มัน", "ส่ง[น\u0e4d\u0e49\u0e32]มัน"},
		},
		"Thai sara ae": {[]string{"แผน", "เเผน"}, []string{"ตาม[แผน]งาน", "ตาม[เเผน]งาน"}},
		"Thai with zero-width spaces": {
			[]string{"เจรจา"},
			[]string{"การ\u200b[เจรจา]\u200bเรื่อง"},
		},
		"Lao": {[]string{"ວຽງຈັນ"}, []string{"ນະຄອນຫຼວງ[ວຽງຈັນ]ມື້ນີ້"}},
		"Lao ligature": {
			[]string{"ໜັງສື", "ຫນັງສື"},
			[]string{"ອ່ານ[ໜັງສື]ພິມ", "ອ່ານ[ຫນັງສື]ພິມ"},
		},
		"Khmer": {[]string{"ភ្នំពេញ"}, []string{"រាជធានី[ភ្នំពេញ]កម្ពុជា"}},
		"Khmer subscripts": {
			[]string{"ប្តី", "ប្ដី"},
			[]string{"ថា[ប្តី]ខ្ញុំ", "ថា[ប្ដី]ខ្ញុំ"},
		},
		"Burmese": {
			[]string{"မြန်မာ"},
			[]string{"ယနေ့[မြန်မာ]နိုင်ငံ", "“[မြန်မာ]”"},
		},
		"Burmese stacks": {[]string{"အင်္ဂလန်"}, []string{"သည်[အင်္ဂလန်]တွင်"}},
		"Burmese order of dots": {
			[]string{"လွှတ်တော့်", "လွှတ်တော\u1037\u103a", "လွှတ်တော\u103a\u1037"},
			[]string{"[လွှတ်တော\u103a\u1037]ကို", "[လွှတ်တော\u1037\u103a]ကို"},
		},
		"Tibetan": {
			[]string{"བོད་ལྗོངས", "བོད་ལྗོངས་"},
			[]string{"ང་[བོད་ལྗོངས]་ལ་", "[བོད་ལྗོངས]།"},
		},
		"Tibetan suffix": {[]string{"དགའ་པོ"}, []string{"[དགའ་པོ]འི་"}},
		"Javanese":       {[]string{"ꦗꦮ"}, []string{"ꦲ[ꦗꦮ]ꦲ"}},
		"Han":            {[]string{"贸易"}, []string{"中美[贸易]战", "[贸易]"}},
		"Han copies":     {[]string{"立場", "\uf9f7場"}, []string{"其[\uf9f7場]不變", "其[立場]不變"}},
		"Han variants": {
			[]string{"葛飾", "葛\U000e0100飾"},
			[]string{"東京[葛\U000e0100飾]区", "東京[葛飾]区"},
		},
		"kana": {[]string{"カタカナ", "ｶﾀｶﾅ"}, []string{"文字は[カタカナ]です", "文字は[ｶﾀｶﾅ]です"}},
		"kana with voiced marks": {
			[]string{"バイデン", "ﾊﾞｲﾃﾞﾝ", "ハ\u3099イテ\u3099ン"},
			[]string{"米[バイデン]氏", "米[ﾊﾞｲﾃﾞﾝ]氏", "米[ハ\u3099イテ\u3099ン]氏"},
		},
		"small kana and long vowels": {
			[]string{"パーティー", "ﾊﾟｰﾃｨｰ"},
			[]string{"[パーティー]券", "[ﾊﾟｰﾃｨｰ]券"},
		},
		"squared kana and units": {[]string{"5キロ", "5㌔", "５キロ"}, []string{"約[5キロ]", "約[5㌔]"}},
		"circled digits":         {[]string{"3", "③"}, []string{"第[③]条", "第[3]条"}},
		"full-width Latin":       {[]string{"G7", "Ｇ７"}, []string{"[Ｇ７]サミット", "[g7]"}},
		"Latin of mathematics":   {[]string{"talks"}, []string{"[𝗧𝗮𝗹𝗸𝘀] 𝗻𝗼𝘄"}},
		"Bopomofo":               {[]string{"ㄅㄆ"}, []string{"注音[ㄅㄆ]ㄇ"}},
		"Korean": {
			[]string{"회담", norm.NFD.String("회담")},
			[]string{"[회담]", "[회담에서]", "[" + norm.NFD.String("회담에서") + "]"},
		},
		"Hebrew points and finals": {
			[]string{"שלום", "שָׁלוֹם", "שלומ"},
			[]string{"[שלום] לך", "[שָׁלוֹם]"},
		},
		"Hebrew article": {
			[]string{"שיחות", "השיחות", "והשיחות"},
			[]string{"[שיחות] היום", "[השיחות]", "[והשיחות]", "[שהשיחות]", "[מהשיחות]", "[כשהשיחות]"},
		},
		"Hebrew as it is printed": {[]string{"שלום"}, []string{"[\ufb2aלום]"}},
		"Turkish": {
			[]string{"istanbul", "İstanbul", "ISTANBUL", "ıstanbul"},
			[]string{"[İstanbul]’da", "[ISTANBUL]", "[ıstanbul]"},
		},
		"Vietnamese": {
			[]string{"đàm phán", "dam phan", "ĐÀM PHÁN", norm.NFD.String("đàm phán")},
			[]string{"[Đàm] [phán]", norm.NFD.String("[đàm] [phán]")},
		},
		"Cyrillic": {
			[]string{"самолёт", "самолет", norm.NFD.String("самолёт")},
			[]string{"[Самолёт] сел", "[самолета]"},
		},
		"Cyrillic short i": {
			[]string{"Зеленский", norm.NFD.String("Зеленский")},
			[]string{"[Зеленский]", norm.NFD.String("[Зеленский]")},
		},
		"Ukrainian apostrophe": {
			[]string{"п'ять", "п’ять", "пʼять"},
			[]string{"[п]’[ять]", "[п]ʼ[ять]"},
		},
		"Greek":             {[]string{"σισυφος", "ΣΊΣΥΦΟΣ"}, []string{"[Σίσυφος]"}},
		"Georgian capitals": {[]string{"საქართველო", "ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ"}, []string{"[საქართველო]"}},
		"Armenian ligature": {[]string{"և", "եւ"}, []string{"[և]", "[եւ]"}},
		"Hindi nukta": {
			[]string{"ज़ेलेंस्की", "जेलेंस्की", "\u095bेलेंस्की"},
			[]string{"[ज़ेलेंस्की]", "[जेलेंस्की]"},
		},
		"Hindi chandrabindu": {[]string{"हाँ", "हां"}, []string{"[हाँ]", "[हां]"}},
		"Bengali":            {[]string{"হঠাৎ", "হঠাত্\u200d"}, []string{"[হঠাৎ]"}},
		"Bengali nukta":      {[]string{"বড়", "ব\u09dc"}, []string{"[বড়]", "[ব\u09dc]"}},
		"Malayalam chillu":   {[]string{"അവൻ", "അവന്\u200d"}, []string{"[അവൻ]", "[അവന്\u200d]"}},
		"French article":     {[]string{"accord"}, []string{"l’[accord]", "L'[Accord]"}},
		"Hausa":              {[]string{"ƙasa", "kasa"}, []string{"[ƙasa]", "[Ƙasa]"}},
	} {
		for _, spelling := range row.spellings {
			q, err := ParseSearch(spelling)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range row.texts {
				text := strings.NewReplacer("[", "", "]", "").Replace(want)
				if got := marked(q, text); got != want {
					t.Errorf("%s: %q marks %q, want %q", name, spelling, got, want)
				}
				if in := (Entry{Body: text}).Indexed(); !finds(q, in) {
					t.Errorf("%s: %q does not find %q, which is indexed as %+v", name, spelling, text, in)
				}
			}
		}
	}
}

// TestSearchDistinguishes fails if words that are different become one.
func TestSearchDistinguishes(t *testing.T) {
	t.Parallel()
	for spelling, text := range map[string]string{
		"ハ":          "バ",                // ha and ba
		"กา":         "ก้า ก่า",          // tones
		"ครู":        "คร",               // vowels
		"กรุงเทพฯ":   "กรุงเทพ กรุง เทพ", // the whole sequence
		"เทพกรุง":    "กรุงเทพ",
		"กรุง เชียง": "กรุงเทพ",
		"คน":         "ค น", // characters with a space between them
		"कि":         "की",
		"ကန်":        "ကန",
		"ន":          "ក្ន", // a subscript belongs to its character
		"السد":       "سداد",
		"أن":         "الآن",
		"له":         "الله",
		"الى":        "والد",
		"11":         "١٠",
		"سوريا":      "روسيا",
	} {
		q, err := ParseSearch(spelling)
		if err != nil {
			t.Fatal(err)
		}
		if got := marked(q, text); got != text && len(q.Terms) == 1 {
			t.Errorf("%q marks %q", spelling, got)
		}
		if in := (Entry{Body: text}).Indexed(); finds(q, in) {
			t.Errorf("%q finds %q, which is indexed as %+v", spelling, text, in)
		}
	}
}

// marked brackets what a query finds in a text.
func marked(q SearchQuery, text string) string {
	var b strings.Builder
	last := 0
	for _, s := range q.Find(text) {
		b.WriteString(text[last:s.Start] + "[" + text[s.Start:s.End] + "]")
		last = s.End
	}
	return b.String() + text[last:]
}

// finds reports whether an index with these words finds them for a query.
func finds(q SearchQuery, in Indexed) bool {
	var has func(t SearchTerm) bool
	has = func(t SearchTerm) bool {
		if strings.Contains(in.Words, " "+t.Plain()+" ") &&
			(len(t.Words) == 1 || strings.Contains(in.Pairs, t.Pairs())) {
			return true
		}
		return t.Prefix && strings.Contains(in.Words, " "+t.Plain()) || slices.ContainsFunc(t.Or, has)
	}
	return !slices.ContainsFunc(q.Terms, func(t SearchTerm) bool { return !has(t) }) && len(q.Terms) > 0
}

// FuzzEquivalent compares the words of a text with those of the same text as other systems store it, composed and
// decomposed. It fails if a mark is searched in the order or composition in which it was typed.
func FuzzEquivalent(f *testing.F) {
	for _, s := range []string{"đàm phán Ørsted", "회담", "ﾊﾞガ", "น้ำ ຳ", "ကော့်", "क़ऩ য়", "שָׁלוֹם", "أُؤَى",
		"ᾳ ϓ", "ཀྵ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(norm.NFD.String(text)) > maxWord {
			t.Skip("only the beginning of a longer word is significant")
		}
		want := formsOf(text)
		for _, form := range []norm.Form{norm.NFC, norm.NFD} {
			if got := formsOf(form.String(text)); got != want {
				t.Fatalf("%q has the words %q, and %q in another form", text, want, got)
			}
		}
	})
}
