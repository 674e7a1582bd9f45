// Where the talks stand within the stream's pages: the parts above the entries, and the claims that entries cite. A
// claim's change comes once, however many entries cite it.

import { elementFrom, keepingFocus, replaceContents } from './focus.js'
import { parseCursor } from './place.js'
import { otherwise, standings } from './standing.js'

const parts = ['board', 'figures', 'agenda']

export class Talks {
  /**
   * @param {HTMLElement} main
   * @param {import('./words.js').Words} words
   */
  constructor(main, words) {
    this.main = main
    this.words = words
    /** @type {Map<string, {seq: number, html: string}>} by claim, as told since the page was loaded */
    this.claims = new Map()
  }

  /**
   * @param {any} change
   * @param {(root: Element) => void} prepare
   * @returns {Map<string, string>} what stands otherwise now, in words
   */
  apply(change, prepare) {
    const news = new Map()
    const note = (before, root) => {
      for (const [about, text] of otherwise(before, standings(root, this.words))) news.set(about, text)
    }
    for (const part of parts) {
      const here = this.main.querySelector(`[data-part="${part}"]`)
      if (!here || !change[part]) continue
      const before = standings(here, this.words)
      const next = elementFrom(`<div>${change[part].html}</div>`)
      prepare(next)
      replaceContents(here, next)
      note(before, here)
    }
    const { seq } = parseCursor(change.cursor)
    for (const { claim, html } of change.claims || []) {
      const known = this.claims.get(claim)
      if (known && known.seq > seq) continue
      this.claims.set(claim, { seq, html })
      const places = this.main.querySelectorAll(`[data-claim="${CSS.escape(claim)}"]`)
      if (!places.length) continue
      const before = standings(places[0], this.words)
      const next = elementFrom(`<div>${html}</div>`)
      prepare(next)
      for (const place of places) keepingFocus(place, place, () => place.replaceChildren(...next.cloneNode(true).childNodes))
      note(before, places[0])
    }
    return news
  }

  /**
   * Reports whether the page cites a claim that a change of everything does not have: it was taken back while this page
   * was not told.
   * @param {any} change
   */
  misses(change) {
    if (!change.full) return false
    const told = new Set((change.claims || []).map(({ claim }) => claim))
    const cited = /** @type {HTMLElement[]} */ ([...this.main.querySelectorAll('[data-claim]')])
    return cited.some((place) => !told.has(place.dataset.claim) && place.querySelector('a.chip'))
  }

  /**
   * Brings what comes from a page that is older than this one up to what has been told since.
   * @param {Element} root
   * @param {number} seq of the page that it is from
   */
  bring(root, seq) {
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-claim]'))) {
      const known = this.claims.get(place.dataset.claim)
      if (known && known.seq > seq) place.innerHTML = known.html
    }
  }
}
