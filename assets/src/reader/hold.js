// Scroll anchoring: changes to the page that do not move what is being read. The browsers' own scroll anchoring is
// switched off in the style sheet, because not all browsers have it, and those that do choose different anchors.

/**
 * What the reader sees of the page, and how to scroll it.
 * @typedef {object} View
 * @property {(e: Element) => boolean} sees
 * @property {(e: Element) => boolean} cuts whether a visible element may begin above the visible part of the page
 * @property {(line: Element) => boolean} starts whether the line above the stream, below which new entries are
 *   inserted, is visible or further down
 * @property {() => boolean} rests whether the parts above the stream need no anchor, because the page is at its top
 * @property {(pixels: number) => void} scroll
 */

/** @type {View} */
export const windowView = {
  sees(e) {
    const { top, bottom } = e.getBoundingClientRect()
    return bottom > 0 && top < innerHeight
  },
  cuts: (e) => e.getBoundingClientRect().top < 0,
  starts: (line) => line.getBoundingClientRect().top >= 0,
  rests: () => scrollY <= 0,
  scroll: (pixels) => scrollBy({ top: pixels, behavior: 'instant' }),
}

/**
 * The parts of an entry in reading order. Acts may grow while the text stays the same.
 * @param {Element} article
 */
export const blocks = (article) => [
  ...article.querySelectorAll(':scope > :not(.acts, .prose), :scope > .prose > *, .act'),
]

/** The parts above the stream. A change replaces each by one that matches the same selector. */
const above = [
  '[data-title]',
  '.standfirst',
  '[data-part="board"]',
  '.summary',
  '[data-part="figures"]',
  '[data-part="agenda"]',
  '.key-events',
  '.activity',
  '.ways',
  '.line',
]

/** The parts below the stream, which no change replaces. */
const below = ['.way-on', '.to-corrections', '.search', '.beside', '.imprint']

/** @returns {Element[]} the parts of the page below the stream */
export const partsBelow = () =>
  below.map((selector) => document.querySelector(`.stream ~ ${selector}, main ~ ${selector}`)).filter(Boolean)

/**
 * A candidate for the anchor.
 * @typedef {object} Anchor
 * @property {Element} element
 * @property {() => Element | null | undefined} [same] finds the element that is certainly the same after a change
 * @property {() => Element | null | undefined} [like] finds the element that is at least at the same position
 * @property {boolean} [late] a last resort, used only if no other candidate is left
 */

/**
 * Returns a function that runs a change and then scrolls so that the anchor does not move. The anchor is the link or
 * button with the focus, the first part of an entry that begins in view, or the first part above the stream that does.
 * Below the last entry it is the first part below the stream.
 * If the start of the stream is visible, new entries simply appear, as do all changes at the top of the page. A change
 * within another change belongs to that one.
 * @param {import('./stream.js').Stream} stream
 * @param {View} view
 */
export function holder(stream, view) {
  const { main, line } = stream
  // Scroll positions are whole pixels, the layout is not. The next correction makes up for the rounding error of this
  // one, so that errors do not add up; they are forgotten when the reader scrolls.
  let error = 0
  let at = NaN
  let holding = false

  /** @param {HTMLElement} article @returns {Anchor} */
  const whole = (article) => {
    const { number, revision } = article.dataset
    const like = () => stream.find(Number(number))
    const same = () => {
      const now = like()
      return now && now.dataset.revision === revision ? now : null
    }
    return { element: article, same, like }
  }

  /** @param {HTMLElement} article @returns {Anchor[]} */
  const parts = (article) =>
    blocks(article).map((element, i) => {
      const { tagName, textContent } = element
      const now = () => {
        const next = whole(article).like()
        return next && !('removed' in next.dataset) ? blocks(next) : []
      }
      const alike = (e) => e.tagName === tagName && e.textContent === textContent
      const same = () => (element.isConnected && alike(element) ? element : now().find(alike))
      return { element, same, like: () => now()[i] }
    })

  /** @returns {Anchor[]} the best first */
  function candidates() {
    const focused = document.activeElement
    /** @type {Anchor[]} */
    const anchors = []
    if (focused.matches('a, button, [tabindex="0"]') && main.contains(focused) && view.sees(focused)) {
      const same = () => (main.contains(document.activeElement) ? document.activeElement : null)
      anchors.push({ element: focused, same })
    }
    if (anchors.length || !view.starts(line)) {
      const articles = stream.articles()
      const seen = articles.filter(view.sees)
      const [first, ...others] = seen.flatMap(parts).filter(({ element }) => view.sees(element))
      if (first) anchors.push(...(view.cuts(first.element) ? [...others, first] : [first, ...others]))
      anchors.push(...partsBelow().filter(view.sees).map((element) => ({ element })))
      anchors.push(...seen.map(whole))
      const next = articles[articles.indexOf(seen[seen.length - 1]) + 1]
      if (seen.length && next) anchors.push({ ...whole(next), late: true })
    } else if (!view.rests()) {
      const seen = above
        .map((selector) => ({ element: main.querySelector(selector), same: () => main.querySelector(selector) }))
        .filter(({ element }) => element && view.sees(element))
      const begun = seen.findIndex(({ element }) => !view.cuts(element))
      anchors.push(...seen.slice(Math.max(0, begun)), ...seen)
    }
    return anchors
  }

  /** @param {() => Set<Element> | void} change returns the entries that it has moved to another position */
  return function hold(change) {
    if (holding) {
      change()
      return
    }
    const before = candidates().map((anchor) => ({ ...anchor, top: anchor.element.getBoundingClientRect().top }))
    holding = true
    let moved
    try {
      moved = change()
    } finally {
      holding = false
    }
    /** @param {Anchor} anchor @param {'same' | 'like'} how */
    const find = (anchor, how) => {
      if (anchor.late && how === 'same') return null
      const now = anchor[how] ? anchor[how]() : anchor.element.isConnected ? anchor.element : null
      return now && !(moved && moved.has(now.closest('article'))) ? now : null
    }
    for (const how of /** @type {const} */ (['same', 'like'])) {
      for (const anchor of before) {
        const now = find(anchor, how)
        if (now) return scrollBack(now, anchor.top)
      }
    }
  }

  /**
   * Scrolls so that an element is where the anchor was before the change.
   * @param {Element} element
   * @param {number} top
   */
  function scrollBack(element, top) {
    if (scrollY !== at) error = 0
    const wanted = top + error
    const drift = () => element.getBoundingClientRect().top - wanted
    const pixels = Math.round(drift())
    if (pixels) view.scroll(pixels)
    error = -drift()
    at = scrollY
    if (Math.abs(error) > 1) error = 0 // the page ends here and cannot scroll further
  }
}
