// New entries that the reader has not had in view: their exact number, on a button and in the page's title.

import { focusOn } from './focus.js'

export class Unseen {
  /**
   * @param {HTMLElement} notice a button that leads to them, or a link to the page that has them
   * @param {import('./stream.js').Stream} stream
   * @param {import('./words.js').Words} words
   */
  constructor(notice, stream, words) {
    this.words = words
    this.notice = notice
    this.stream = stream
    this.title = document.title
    /** @type {Map<number, number>} by entry: 1 where it lies above what is in view, -1 below, 0 not known */
    this.sides = new Map()
    if (notice.tagName === 'BUTTON') notice.addEventListener('click', () => this.show())
    let waiting = false
    const look = () => {
      if (waiting || !this.sides.size) return
      waiting = true
      requestAnimationFrame(() => {
        waiting = false
        this.look()
      })
    }
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    document.addEventListener('visibilitychange', look)
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
   * @returns {number | undefined} undefined where the entry's beginning is in view
   */
  side(number) {
    const article = this.stream.find(number)
    if (!article) return 0
    const { top, bottom } = article.firstElementChild.getBoundingClientRect()
    if (bottom <= 0) return 1
    return top >= innerHeight ? -1 : undefined
  }

  /**
   * Forgets what is in view now, what the reader has jumped over, and what lies below such an entry: whoever reads on
   * comes to it. One below the pinned entries that fill the view stays counted.
   */
  look() {
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

  /** Leads to the newest of them. */
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
    this.title = this.title.replace(from, () => to) // which may have a dollar sign
    this.tell()
  }
}
