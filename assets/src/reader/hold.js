// Changes to the page that do not move what is being read. The browsers' own scroll anchoring is switched off in the
// style sheet: not all have it, and those that do choose differently.

/**
 * What the reader sees of the page, and how to scroll it.
 * @typedef {object} View
 * @property {(e: Element) => boolean} sees
 * @property {(list: HTMLElement[]) => boolean} atTop whether the first entry begins within or below what is seen
 * @property {(pixels: number) => void} scroll
 */

/** @type {View} */
export const windowView = {
  sees(e) {
    const { top, bottom } = e.getBoundingClientRect()
    return bottom > 0 && top < innerHeight
  },
  atTop: ([first]) => !first || first.getBoundingClientRect().top >= 0,
  scroll: (pixels) => scrollBy({ top: pixels, behavior: 'instant' }),
}

/**
 * The parts of an entry, in the order that they are read. What an entry states may grow while its text stays.
 * @param {HTMLElement} article
 */
export const blocks = (article) => [...article.querySelectorAll(':scope > :not(.acts), .act')]

/**
 * Returns a function that runs a change and then scrolls so that the first part of an entry in view, or the link or button
 * that has the focus, stands where it stood. At the top of the stream nothing is held: what comes is simply shown.
 * @param {import('./stream.js').Stream} stream
 * @param {View} view
 */
export function holder(stream, view) {
  // Scroll positions are whole pixels, layout is not. What one correction leaves is made good by the next, so that
  // it never adds up; a scroll by the reader ends it.
  let rest = 0
  let at = NaN

  /** @returns {{element: Element, top: number}[]} what may be held, the best first */
  function candidates() {
    const articles = stream.articles()
    const focused = document.activeElement
    const held = []
    if (focused.matches('a, button, [tabindex="0"]') && stream.main.contains(focused) && view.sees(focused)) {
      held.push(focused)
    }
    if (held.length || !view.atTop(articles)) {
      const seen = articles.filter(view.sees)
      held.push(...seen.flatMap(blocks).filter(view.sees), ...seen)
    }
    return held.map((element) => ({ element, top: element.getBoundingClientRect().top }))
  }

  /** @param {() => Set<Element> | void} change returns the entries that have moved to another place themselves */
  return function hold(change) {
    const before = candidates()
    const moved = change()
    const kept = before.find(({ element }) => element.isConnected && !(moved && moved.has(element)))
    if (!kept) return
    if (scrollY !== at) rest = 0
    const wanted = kept.top + rest
    const top = () => kept.element.getBoundingClientRect().top
    const drift = top() - wanted
    if (Math.abs(drift) >= 0.5) view.scroll(Math.round(drift))
    rest = wanted - top()
    at = scrollY
    if (Math.abs(rest) > 1) rest = 0 // the page ends here and cannot scroll further
  }
}
