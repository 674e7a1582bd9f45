// The entries in the page, kept as the server would show them. Every operation may be repeated, and one that comes
// late does no harm: an older revision is ignored, and a removed entry never comes back.

import { elementFrom, focusOn, keepingFocus } from './focus.js'
import { compare, placeOf } from './place.js'

export class Stream {
  /** @param {HTMLElement} main */
  constructor(main) {
    this.main = main
    this.list = /** @type {HTMLElement} */ (main.querySelector('[data-stream]'))
    this.line = /** @type {HTMLElement} */ (main.querySelector('.line')) // above the list; what is new comes in below it
    this.window = main.dataset.window
    this.removed = new Set()
    // What is published after the newest entry that there was when the page came is new to the reader.
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

  /** What stands after the last entry: the note that there are none. */
  end() {
    return this.list.querySelector(':scope > [data-empty]')
  }

  /** @returns {HTMLAnchorElement | null} the link to what is older than all that is loaded */
  olderLink() {
    return this.main.querySelector('a[data-older]')
  }

  /** The floor is the lowest place that the page reaches down to. It stays when the entry there is removed. */
  lowerFloor() {
    const last = this.articles().filter((a) => !('pinned' in a.dataset)).pop()
    if (last) this.floor = placeOf(last)
  }

  /** @param {import('./place.js').Place} place */
  reaches(place) {
    return place.pinned || !this.olderLink() || !this.floor || compare(place, this.floor) <= 0
  }

  /**
   * @param {{number: number, revision: number, html: string}} entry
   * @param {(article: HTMLElement) => void} prepare is called before an article is put into the page
   * @returns {{article?: HTMLElement, isNew?: boolean, moved?: boolean}} article is what is now in the page;
   *   isNew says that the reader has not had it before, in the page or beyond it
   */
  put({ number, revision, html }, prepare) {
    if (this.removed.has(number)) return {}
    const old = this.find(number)
    if (old && Number(old.dataset.revision) >= revision) return {}
    const article = /** @type {HTMLElement} */ (elementFrom(html))
    const place = placeOf(article)
    const isNew = place.published > this.newest

    if (!old && this.window !== 'newest') return { isNew: isNew && this.window === 'older' }
    if (this.window === 'newest' && !this.reaches(place)) {
      if (old) old.remove() // it was pinned and goes back to an older page
      return {}
    }

    prepare(article)
    if (old && (this.window !== 'newest' || compare(place, placeOf(old)) === 0)) {
      keepingFocus(old, article, () => old.replaceWith(article))
      return { article }
    }
    if (!old) {
      this.insert(article, null)
      return { article, isNew }
    }
    keepingFocus(old, article, () => {
      this.insert(article, old)
      old.remove()
    })
    return { article, moved: true }
  }

  /**
   * @param {number} number
   * @param {{html: string} | undefined} note what takes the entry's place, if anything does
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
    if (article && (this.window === 'newest' ? this.reaches(placeOf(article)) : old)) {
      prepare(article)
      // A pinned entry stands at its own time everywhere but on the first page.
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
   * @param {HTMLElement | null} old what it stands for
   */
  insert(article, old) {
    const place = placeOf(article)
    const next = this.articles().find((a) => a !== old && compare(place, placeOf(a)) < 0)
    this.list.insertBefore(article, next || this.end())
  }

  /**
   * Puts what stands above the stream in place of what was there. A page without the whole head has its title and
   * status alone.
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
    keepingFocus(head, head, () => head.replaceChildren(...next.childNodes))
  }

  /**
   * Adds what another page has at an end of this one, but what is here already and entries that have been removed: a
   * page from a cache still has them.
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
