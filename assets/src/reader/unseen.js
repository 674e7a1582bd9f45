// New entries that the reader has not seen yet: their number, on a button and in the page's title.

import { focusOn } from './focus.js'

export class Unseen {
  /**
   * @param {HTMLElement} notice a button that scrolls to them, or a link to the page that has them
   * @param {import('./stream.js').Stream} stream
   * @param {import('./words.js').Words} words
   */
  constructor(notice, stream, words) {
    this.words = words
    this.notice = notice
    this.stream = stream
    this.title = document.title
    /** @type {Map<number, number>} by entry: 1 if it is above the visible part of the page, -1 if below, else 0 */
    this.sides = new Map()
    if (notice.tagName === 'BUTTON') notice.addEventListener('click', () => this.show())
    let waiting = false
    const check = () => {
      if (waiting || !this.sides.size) return
      waiting = true
      requestAnimationFrame(() => {
        waiting = false
        this.check()
      })
    }
    addEventListener('scroll', check, { passive: true })
    addEventListener('resize', check)
    document.addEventListener('visibilitychange', check)
  }

  /** @param {number} number */
  add(number) {
    this.sides.set(number, 0)
  }

  /** @param {number} number */
  has(number) {
    return this.sides.has(number)
  }

  /** @param {number} number */
  drop(number) {
    this.sides.delete(number)
  }

  /**
   * @param {number} number
   * @returns {number | undefined} as in sides; undefined if the entry's beginning is visible
   */
  side(number) {
    const article = this.stream.find(number)
    if (!article) return 0
    const { top, bottom } = article.firstElementChild.getBoundingClientRect()
    if (bottom <= 0) return 1
    return top >= innerHeight ? -1 : undefined
  }

  /**
   * Drops the entries that are visible, those that the reader has scrolled past, and those below such an entry, because
   * the reader comes to them by reading on. An entry below pinned entries that fill the screen still counts.
   */
  check() {
    if (!document.hidden && this.sides.size) {
      let reached = false
      for (const { dataset } of this.stream.articles()) {
        const number = Number(dataset.number)
        const side = this.sides.get(number)
        if (side === undefined) continue
        const now = this.side(number)
        if (now === undefined || (side && now !== side)) reached = true
        if (reached) this.drop(number)
        else this.sides.set(number, now)
      }
    }
    this.tell()
  }

  /** Scrolls to the newest of them. */
  show() {
    const first = this.stream.articles().find((a) => this.sides.has(Number(a.dataset.number)))
    this.sides.clear()
    this.tell()
    if (!first) return
    focusOn(first)
    first.scrollIntoView({ block: 'start', behavior: 'instant' })
  }

  tell() {
    const n = this.sides.size
    this.notice.hidden = !n
    if (n) this.notice.querySelector('[data-count]').textContent = this.words.count('new', n)
    document.title = n ? `(${n}) ${this.title}` : this.title
  }

  /**
   * @param {string} from
   * @param {string} to
   */
  retitle(from, to) {
    this.title = this.title.replace(from, () => to) // a function, because a string with "$" would be interpreted
    this.tell()
  }
}
