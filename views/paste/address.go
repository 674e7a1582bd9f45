package paste

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// redirects are the addresses through which mail programs, search engines and networks pass clicks, with the parameters
// that have the address behind them. A host covers those below it.
var redirects = []struct {
	host, path string
	params     []string
}{
	{"safelinks.protection.outlook.com", "", []string{"url"}},
	{"safelinks.protection.office365.us", "", []string{"url"}},
	{"statics.teams.cdn.office.net", "", []string{"url"}},
	{"l.facebook.com", "/l.php", []string{"u"}},
	{"lm.facebook.com", "/l.php", []string{"u"}},
	{"l.instagram.com", "", []string{"u"}},
	{"l.threads.net", "", []string{"u"}},
	{"youtube.com", "/redirect", []string{"q"}},
	{"t.umblr.com", "/redirect", []string{"z"}},
	{"out.reddit.com", "", []string{"url"}},
	{"linkedin.com", "/redir/redirect", []string{"url"}},
	{"linkedin.com", "/safety/go", []string{"url"}},
	{"slack-redir.net", "/link", []string{"url"}},
	{"duckduckgo.com", "/l/", []string{"uddg"}},
	{"vk.com", "/away.php", []string{"to"}},
	{"bing.com", "/ck/a", []string{"u"}},
	{"urldefense.proofpoint.com", "/v2/url", []string{"u"}},
	{"steamcommunity.com", "/linkfilter/", []string{"u", "url"}},
}

const (
	label       = `[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?`
	mailAddress = `[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@` + label + `(?:\.` + label + `)+`
)

var (
	googleHost = regexp.MustCompile(`^(www\.)?google(\.[a-z]{2,3}){1,2}$`)
	// trackers are the parameters that only say from where a reader comes.
	trackers = regexp.MustCompile(`(?i)^(utm_.*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ysclid|twclid|` +
		`ttclid|li_fat_id|igshid?|mc_[ce]id|mkt_tok|_hs(enc|mi)|hsctatracking|vero_(id|conv)|oly_(enc|anon)_id|` +
		`rb_clickid|s_cid|s_kwcid|wickedid|ef_id|epik|_ga|_gl|__twitter_impression|ref_(src|url)|cmpid|smid|smtyp|` +
		`at_(medium|campaign|custom\d*|link_.*|format|ptr_name|bbc_team)|ns_(mchannel|source|campaign|linkname|fee)|` +
		`srsltid|guccounter|guce_referrer(_sig)?|xtor|campaign_id|ncid|sr_share|soc_(src|trk)|tpcc|__s|wt\.mc_id|` +
		`trk(campaign|email)?|pk_(campaign|kwd|source|medium)|mtm_.*|piwik_.*|matomo_.*|itm_.*|elqtrack(id)?)$`)
	// addressStart matches the beginning of a web address, or a whole mail address.
	addressStart = regexp.MustCompile(`https?://|www\.|` + mailAddress)
)

// cleanAddress returns the address that a link leads to: without redirects that only count clicks, tracking parameters
// and passwords. It returns "" for addresses that an entry may not link to.
func cleanAddress(href string) string {
	const maxAddress = 4 << 10 // bytes
	if len(href) > maxAddress {
		return ""
	}
	u, err := url.Parse(strings.TrimSpace(href))
	for range 5 {
		target := ""
		if err == nil {
			target = behind(u)
		}
		if target == "" {
			break
		}
		u, err = url.Parse(target)
	}
	if err != nil {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "mailto":
		if u.Opaque == "" {
			return ""
		}
	case "http", "https":
		if u.Hostname() == "" {
			return ""
		}
		u.User = nil
	default:
		return ""
	}
	if u.RawQuery = withoutTrackers(u.RawQuery); u.RawQuery == "" {
		u.ForceQuery = false
	}
	if name, _, _ := strings.Cut(u.Fragment, "="); trackers.MatchString(name) {
		u.Fragment, u.RawFragment = "", ""
	}
	if before, _, ok := strings.Cut(u.EscapedFragment(), ":~:"); ok {
		u.Fragment, u.RawFragment = before, ""
	}
	escapes := strings.NewReplacer(" ", "%20", "<", "%3C", ">", "%3E", "(", "%28", ")", "%29", `\`, "%5C", "\n", "",
		"|", "%7C", "*", "%2A", "`", "%60")
	return escapes.Replace(u.String())
}

// behind returns the address that a redirect leads to, or "" for an address that is no redirect.
func behind(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	query := u.Query()
	web := func(target string) string {
		if strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://") {
			return target
		}
		return ""
	}
	if googleHost.MatchString(host) && u.Path == "/url" {
		if target := web(query.Get("q")); target != "" {
			return target
		}
		return web(query.Get("url"))
	}
	if host == "urldefense.com" {
		_, rest, _ := strings.Cut(u.String(), "/v3/__")
		target, _, _ := strings.Cut(rest, "__;")
		return web(target)
	}
	for _, r := range redirects {
		if host != r.host && !strings.HasSuffix(host, "."+r.host) || r.path != "" && u.Path != r.path {
			continue
		}
		for _, name := range r.params {
			target := query.Get(name)
			switch r.host {
			case "urldefense.proofpoint.com":
				decoded, err := url.QueryUnescape(strings.NewReplacer("-", "%", "_", "/").Replace(target))
				if err == nil {
					target = decoded
				}
			case "bing.com":
				decoded, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(target, "a1"))
				if err == nil {
					target = string(decoded)
				}
			}
			if target = web(target); target != "" {
				return target
			}
		}
	}
	return ""
}

// withoutTrackers returns a query without tracking parameters. The others stay as they are.
func withoutTrackers(query string) string {
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		if part != "" && !trackers.MatchString(strings.TrimPrefix(name, "amp;")) {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

// findAddress returns where the first address in a text is, or nil. It looks at each character once, however many
// addresses follow one another.
func findAddress(s string) []int {
	at := addressStart.FindStringIndex(s)
	if at == nil || strings.Contains(s[at[0]:at[1]], "@") {
		return at
	}
	end := at[1]
	for i, c := range s[at[1]:] {
		if unicode.IsSpace(c) || strings.ContainsRune(`<>"“”„«»（）「」『』【】、。，`, c) {
			break
		}
		next := s[at[1]+i:]
		// An address directly behind another one, but not as a part of its path or query.
		glued := strings.HasPrefix(next, "http://") || strings.HasPrefix(next, "https://")
		if glued && !strings.ContainsRune("/=%&?#:+", rune(s[at[1]+i-1])) {
			break
		}
		end = at[1] + i + utf8.RuneLen(c)
	}
	end = at[0] + len(strings.TrimRight(s[at[0]:end], ".,:;!?'’*_~|)]}"))
	return []int{at[0], end}
}

// addresses splits a run at the web and mail addresses in its text, which become links to what is left of them after
// [cleanAddress]. In the text of a link they are only cleaned.
func addresses(r run) (out []run) {
	rest := r.text
	for {
		at := findAddress(rest)
		if at == nil || at[0] == at[1] {
			break
		}
		link := r
		link.text, link.href = linkTo(rest[at[0]:at[1]])
		if r.href != "" {
			link.href = r.href
		}
		if at[0] > 0 {
			out = append(out, run{rest[:at[0]], r.marks, r.href})
		}
		out = append(out, link)
		rest = rest[at[1]:]
	}
	if rest != "" {
		out = append(out, run{rest, r.marks, r.href})
	}
	return out
}

// linkTo returns the text and the address of a link to an address in a text. The address is "" if it is none.
func linkTo(found string) (text, href string) {
	switch {
	case strings.HasPrefix(found, "www."):
		href = cleanAddress("http://" + found)
		return strings.TrimPrefix(href, "http://"), href
	case !strings.Contains(found, "://") && strings.Contains(found, "@"):
		return found, cleanAddress("mailto:" + found)
	}
	if href = cleanAddress(found); href == "" {
		return found, ""
	}
	return href, href
}
