// The entries in the page, kept as the server would render them. All operations are idempotent, and late ones do no
// harm: an older revision is ignored, and a removed entry does not come back.

import { elementFrom, focusOn, renew, replaceContents } from './focus.js'
import { compare, positionOf } from './position.js'

export class Stream {
  /** @param {HTMLElement} main */
  constructor(main) {
    this.main = main
    this.list = /** @type {HTMLElement} */ (main.querySelector('[data-stream]'))
    // The line above the list. New entries are inserted below it.
    this.line = /** @type {HTMLElement} */ (main.querySelector('.line'))
    this.window = main.dataset.window
    this.removed = new Set()
    // Entries published after the blog's newest entry at the time of the page are new to the reader.
    this.newest = BigInt(this.list.dataset.newest || 0)
    this.lowerFloor()
  }

  /** @returns {HTMLElement[]} */
  articles() {
    return /** @type {HTMLElement[]} */ ([...this.list.children].filter((e) => 'number' in e.dataset))
  }

  /**
   * @param {number} number
   * @returns {HTMLElement | null}
   */
  find(number) {
    return this.list.querySelector(`:scope > [data-number="${Number(number)}"]`)
  }

  /** The element after the last entry: the note that there are no entries. */
  end() {
    return this.list.querySelector(':scope > [data-empty]')
  }

  /** @returns {HTMLAnchorElement | null} the link to the entries older than those in the page */
  olderLink() {
    return this.main.querySelector('a[data-older]')
  }

  /** Sets the floor to the position of the last entry. It does not change when that entry is removed. */
  lowerFloor() {
    const last = this.articles().filter((a) => !('pinned' in a.dataset)).pop()
    if (last) this.floor = positionOf(last)
  }

  /**
   * Whether a position belongs in this page, and not in an older one.
   * @param {import('./position.js').Position} position
   */
  reaches(position) {
    return position.pinned || !this.olderLink() || !this.floor || compare(position, this.floor) <= 0
  }

  /**
   * @param {{number: number, revision: number, html: string}} entry
   * @param {(article: HTMLElement) => void} prepare is called before an article is inserted
   * @returns {{article?: HTMLElement, isNew?: boolean, moved?: boolean}} article is the one now in the page; isNew says
   *   that the entry is new to the reader, whether or not this page shows it
   */
  put({ number, revision, html }, prepare) {
    if (this.removed.has(number)) return {}
    const old = this.find(number)
    if (old && Number(old.dataset.revision) >= revision) return {}
    const article = /** @type {HTMLElement} */ (elementFrom(html))
    const position = positionOf(article)
    const isNew = position.published > this.newest

    if (!old && this.window !== 'newest') return { isNew: isNew && this.window === 'older' }
    if (this.window === 'newest' && !this.reaches(position)) {
      if (old) old.remove() // it was pinned, and now belongs in an older page
      return {}
    }

    prepare(article)
    if (!old) {
      this.insert(article, null)
      return { article, isNew }
    }
    const moved = this.window === 'newest' && compare(position, positionOf(old)) !== 0
    renew(old, article, () => moved && this.insert(old, old))
    return { article: old, moved }
  }

  /**
   * @param {number} number
   * @param {{html: string} | undefined} note replaces the entry, if there is one
   * @param {(article: HTMLElement) => void} prepare
   */
  remove(number, note, prepare) {
    this.removed.add(number)
    const old = this.find(number)
    if (this.window === 'entry') {
      const template = this.main.querySelector('template[data-removed]')
      if (old) old.replaceChildren(/** @type {HTMLTemplateElement} */ (template).content.cloneNode(true))
      return
    }
    const article = note && /** @type {HTMLElement} */ (elementFrom(note.html))
    if (article && (this.window === 'newest' ? this.reaches(positionOf(article)) : old)) {
      prepare(article)
      // Only on the first page is a pinned entry not where its time would put it.
      if (old && (this.window !== 'newest' || !('pinned' in old.dataset))) old.before(article)
      else this.insert(article, old)
    }
    if (!old) return
    const after = old.contains(document.activeElement) && (article || this.neighbour(old))
    old.remove()
    if (after) focusOn(after)
  }

  /** @param {HTMLElement} article */
  neighbour(article) {
    const all = this.articles()
    const i = all.indexOf(article)
    return all[i + 1] || all[i - 1]
  }

  /**
   * @param {HTMLElement} article
   * @param {HTMLElement | null} old the article that it replaces, or itself
   */
  insert(article, old) {
    const position = positionOf(article)
    const next = this.articles().find((a) => a !== old && compare(position, positionOf(a)) < 0)
    this.list.insertBefore(article, next || this.end())
  }

  /**
   * Replaces the head above the stream. On a page without the full head it replaces only title and status.
   * @param {string} html
   * @param {(root: Element) => void} prepare
   */
  setHead(html, prepare) {
    const head = this.main.querySelector('[data-head]')
    const next = elementFrom(`<div>${html}</div>`)
    prepare(next)
    if (!head) {
      for (const part of ['[data-title]', '[data-badge]']) {
        const here = this.main.querySelector(part)
        if (here) here.innerHTML = next.querySelector(part).innerHTML
      }
      return
    }
    replaceContents(head, next)
  }

  /**
   * Adds the articles of another page at one end of this one, except those that are here already and those of removed
   * entries, which a cached page may still have.
   * @param {HTMLElement[]} articles
   * @param {boolean} above
   * @returns {HTMLElement[]} what was added
   */
  extend(articles, above) {
    const added = articles.filter(({ dataset }) => {
      const number = Number(dataset.number)
      return !this.find(number) && ('removed' in dataset || !this.removed.has(number))
    })
    const next = above ? this.list.firstElementChild : this.end()
    for (const article of added) this.list.insertBefore(article, next)
    this.lowerFloor()
    return added
  }
}
