package liveblog_test

import (
	"strings"
	"testing"

	"readout/liveblog"
)

// BenchmarkIndexed splits entries of about 2,000 characters in several scripts into words, as each commit does.
func BenchmarkIndexed(b *testing.B) {
	for name, sentence := range map[string]string{
		"english": "Both sides say that the 145% tariffs on rare earths are open, an official said. ",
		"french":  "Les deux délégations ont évoqué les droits de douane, a déclaré à Séoul un négociateur âgé. ",
		"russian": "Стороны обсудили тарифы и экспорт редкоземельных металлов, заявил вчера представитель. ",
		"chinese": "双方表示，关税与稀土出口问题仍在谈判之中，预计2025年10月30日在釜山举行首脑会晤。",
		"korean":  "양측은 부산에서 열린 정상회담에서 관세와 희토류 수출 문제를 논의했다고 밝혔다. ",
		"arabic":  "قال مسؤول إن الجانبين ناقشا في المحادثات الرسوم الجمركية وصادرات المعادن النادرة في سيول. ",
		"hindi":   "दोनों पक्षों ने कहा कि शुल्क और दुर्लभ खनिजों के निर्यात पर बातचीत अभी जारी है। ",
		"thai":    "ทั้งสองฝ่ายกล่าวว่าการเจรจาเรื่องภาษีและการส่งออกแร่หายากยังคงดำเนินต่อไปที่กรุงเทพฯ ",
	} {
		e := liveblog.Entry{Headline: sentence, Body: strings.Repeat(sentence, 2000/len([]rune(sentence)))}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.Indexed()
			}
		})
	}
}

// BenchmarkSearchFind finds two words in an entry, as for each result on a page.
func BenchmarkSearchFind(b *testing.B) {
	q, err := liveblog.ParseSearch("tariffs rare")
	if err != nil {
		b.Fatal(err)
	}
	text := strings.Repeat("Both sides say that the 145% tariffs on rare earths are open. ", 30)
	b.ReportAllocs()
	for b.Loop() {
		q.Find(text)
	}
}
