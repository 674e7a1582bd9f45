// Changes to the page that do not move what is being read. The browsers' own scroll anchoring is switched off in the
// style sheet: not all have it, and those that do choose differently.

/**
 * What the reader sees of the page, and how to scroll it.
 * @typedef {object} View
 * @property {(e: Element) => boolean} sees
 * @property {(e: Element) => boolean} cuts whether what is seen may begin above what is in view
 * @property {(line: Element) => boolean} starts whether the line above the stream, where what is new comes in, is in view or below
 * @property {() => boolean} rests whether what stands above the stream need not be held
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
 * The parts of an entry, in the order that they are read. What an entry states may grow while its text stays.
 * @param {Element} article
 */
export const blocks = (article) => [...article.querySelectorAll(':scope > :not(.acts, .prose), :scope > .prose > *, .act')]

/** What stands above the stream, part by part. Each is replaced by its like. */
const above = ['[data-title]', '.standfirst', '[data-part="board"]', '.summary', '[data-part="figures"]', '[data-part="agenda"]', '.key-events', '.activity', '.ways', '.line']

/**
 * An element that may be held, what is surely the same after a change that replaced it, and what stands in its place at least; a
 * late one is the last resort.
 * @typedef {{element: Element, same?: () => Element | null | undefined, like?: () => Element | null | undefined, late?: boolean}} Hold
 */

/**
 * Returns a function that runs a change and then scrolls so that what is being read stands where it stood: the link or button
 * that has the focus, the first part of an entry that begins in view, or of what stands above the stream. Where the stream
 * starts in view what comes is simply shown, and so are all changes at the top of the page. A change within another is a part
 * of that one.
 * @param {import('./stream.js').Stream} stream
 * @param {View} view
 */
export function holder(stream, view) {
  const { main, line } = stream
  // Scroll positions are whole pixels, layout is not. What one correction leaves is made good by the next, so that
  // it never adds up; a scroll by the reader ends it.
  let rest = 0
  let at = NaN
  let holding = false

  /** @param {HTMLElement} article @returns {Hold} */
  const whole = (article) => ({ element: article, like: () => stream.find(Number(article.dataset.number)) })

  /** @param {HTMLElement} article @returns {Hold[]} */
  const parts = (article) =>
    blocks(article).map((element, i) => {
      const now = () => {
        const next = whole(article).like()
        return next && !('removed' in next.dataset) ? blocks(next) : []
      }
      const alike = (e) => e.tagName === element.tagName && e.textContent === element.textContent
      return { element, same: () => now().find(alike), like: () => now()[i] }
    })

  /** @returns {Hold[]} the best first */
  function candidates() {
    const focused = document.activeElement
    /** @type {Hold[]} */
    const held = []
    if (focused.matches('a, button, [tabindex="0"]') && main.contains(focused) && view.sees(focused)) {
      held.push({ element: focused, same: () => (main.contains(document.activeElement) ? document.activeElement : null) })
    }
    if (held.length || !view.starts(line)) {
      const articles = stream.articles()
      const seen = articles.filter(view.sees)
      const [first, ...others] = seen.flatMap(parts).filter(({ element }) => view.sees(element))
      if (first) held.push(...(view.cuts(first.element) ? [...others, first] : [first, ...others]))
      held.push(...seen.map(whole))
      const next = articles[articles.indexOf(seen[seen.length - 1]) + 1]
      if (seen.length && next) held.push({ ...whole(next), late: true })
    } else if (!view.rests()) {
      const seen = above
        .map((selector) => ({ element: main.querySelector(selector), same: () => main.querySelector(selector) }))
        .filter(({ element }) => element && view.sees(element))
      const begun = seen.findIndex(({ element }) => !view.cuts(element))
      held.push(...seen.slice(Math.max(0, begun)), ...seen)
    }
    return held
  }

  /** @param {() => Set<Element> | void} change returns the entries that have moved to another place themselves */
  return function hold(change) {
    if (holding) {
      change()
      return
    }
    const before = candidates().map((held) => ({ ...held, top: held.element.getBoundingClientRect().top }))
    holding = true
    let moved
    try {
      moved = change()
    } finally {
      holding = false
    }
    /** @param {Hold} held @param {'same' | 'like'} how */
    const standing = (held, how) => {
      if (held.late && how === 'same') return null
      const now = held.element.isConnected ? held.element : held[how] && held[how]()
      return now && !(moved && moved.has(now.closest('article'))) ? now : null
    }
    for (const how of /** @type {const} */ (['same', 'like'])) {
      for (const held of before) {
        const now = standing(held, how)
        if (now) return put(now, held.top)
      }
    }
  }

  /**
   * Scrolls so that an element stands where it, or what it stands for, stood.
   * @param {Element} element
   * @param {number} top
   */
  function put(element, top) {
    if (scrollY !== at) rest = 0
    const wanted = top + rest
    const drift = () => element.getBoundingClientRect().top - wanted
    const pixels = Math.round(drift())
    if (pixels) view.scroll(pixels)
    rest = -drift()
    at = scrollY
    if (Math.abs(rest) > 1) rest = 0 // the page ends here and cannot scroll further
  }
}
