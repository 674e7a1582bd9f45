// Loads "Older updates" and "Newer updates" into the page. If anything fails, the link leads to the other page as
// usual.

import { focusOn } from './focus.js'
import { parseCursor } from './cursor.js'

/**
 * @param {object} options
 * @param {import('./stream.js').Stream} options.stream
 * @param {() => string} options.cursor
 * @param {string} options.changes address of the poll
 * @param {(root: Element, seq: number) => void} options.prepare is called for each article before it is inserted, with
 *   the seq of the page that it comes from
 * @param {(messages: any[]) => void} options.replay gets the changes that the other page does not have yet
 * @param {() => void} options.lost is called when the other page cannot be brought up to date
 * @param {(n: number) => void} options.loaded
 */
export function loadInPlace({ stream, cursor, changes, prepare, replay, lost, loaded }) {
  let busy = false

  /** @param {HTMLAnchorElement} link */
  async function load(link) {
    const response = await fetch(link.href, { credentials: 'omit' })
    if (!response.ok) throw new Error(response.statusText)
    const page = new DOMParser().parseFromString(await response.text(), 'text/html')
    const main = /** @type {HTMLElement} */ (page.querySelector('[data-blog]'))

    // The other page may come from a cache and be older than the changes that this page has received.
    const theirs = parseCursor(main.dataset.cursor)
    const ours = parseCursor(cursor())
    if (theirs.epoch !== ours.epoch) return lost()
    let missed = []
    if (theirs.seq < ours.seq) {
      const url = new URL(changes, location.href)
      url.searchParams.set('after', main.dataset.cursor)
      missed = (await (await fetch(url, { credentials: 'omit' })).json()).changes
      if (missed.some(({ type }) => type === 'reload')) return lost()
    }

    const articles = /** @type {HTMLElement[]} */ ([...main.querySelectorAll('[data-stream] > [data-number]')])
    for (const article of articles) {
      article.dataset.page = link.href
      prepare(article, theirs.seq)
    }
    const above = !!(link.compareDocumentPosition(stream.list) & Node.DOCUMENT_POSITION_FOLLOWING)
    const first = stream.list.firstElementChild
    const was = first.getBoundingClientRect().top
    const added = stream.extend(articles, above)
    const next = main.querySelector('newer' in link.dataset ? 'a[data-newer]' : 'a[data-older]')
    if (next) link.href = next.getAttribute('href')
    else link.remove()
    // What was inserted above must not move what is being read.
    if (above) scrollBy({ top: Math.round(first.getBoundingClientRect().top - was), behavior: 'instant' })
    replay(missed)
    // The replayed changes may have replaced or removed some of the articles.
    const remaining = added.map((article) => stream.find(Number(article.dataset.number))).filter(Boolean)
    const nearest = above ? remaining[remaining.length - 1] : remaining[0]
    if (nearest) focusOn(nearest)
    loaded(remaining.length)
  }

  stream.main.addEventListener('click', (event) => {
    const target = /** @type {Element} */ (event.target)
    const link = /** @type {HTMLAnchorElement | null} */ (target.closest('a[data-older], a[data-newer]'))
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    if (busy) return
    busy = true
    link.setAttribute('aria-busy', 'true')
    load(link)
      .catch(() => location.assign(link.href))
      .finally(() => {
        busy = false
        link.removeAttribute('aria-busy')
      })
  })
}
