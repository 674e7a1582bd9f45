// The state of the talks in pages with a stream: the parts above the stream, and the claims that entries cite. A
// change of a claim is sent once, no matter how many entries cite it.

import { elementFrom, replaceContents } from './focus.js'
import { parseCursor } from './cursor.js'
import { changedStates, statesIn } from './states.js'

const parts = ['board', 'figures', 'agenda']

export class Talks {
  /**
   * @param {HTMLElement} main
   * @param {import('./words.js').Words} words
   */
  constructor(main, words) {
    this.main = main
    this.words = words
    /** @type {Map<string, {seq: number, html: string}>} by claim, the changes since the page was loaded */
    this.claims = new Map()
  }

  /**
   * @param {any} change
   * @param {(root: Element) => void} prepare
   * @returns {Map<string, string>} what has changed, in words
   */
  apply(change, prepare) {
    const news = new Map()
    const note = (before, root) => {
      for (const [about, text] of changedStates(before, statesIn(root, this.words))) news.set(about, text)
    }
    for (const part of parts) {
      const here = this.main.querySelector(`[data-part="${part}"]`)
      if (!here || !change[part]) continue
      const before = statesIn(here, this.words)
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
      const elements = this.main.querySelectorAll(`[data-claim="${CSS.escape(claim)}"]`)
      if (!elements.length) continue
      const before = statesIn(elements[0], this.words)
      const next = elementFrom(`<div>${html}</div>`)
      prepare(next)
      for (const e of elements) replaceContents(e, /** @type {Element} */ (next.cloneNode(true)))
      note(before, elements[0])
    }
    return news
  }

  /**
   * Reports whether the page cites a claim that a full change lacks, because it was taken back while the page was not
   * connected.
   * @param {any} change
   */
  lacksClaims(change) {
    if (!change.full) return false
    const known = new Set((change.claims || []).map(({ claim }) => claim))
    const cited = /** @type {HTMLElement[]} */ ([...this.main.querySelectorAll('[data-claim]')])
    return cited.some((e) => !known.has(e.dataset.claim) && e.querySelector('a.chip'))
  }

  /**
   * Applies to an element of another, older page the changes of claims that came after that page.
   * @param {Element} root
   * @param {number} seq of the other page
   */
  update(root, seq) {
    for (const e of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-claim]'))) {
      const known = this.claims.get(e.dataset.claim)
      if (known && known.seq > seq) e.innerHTML = known.html
    }
  }
}
