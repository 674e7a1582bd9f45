// "Older updates" and "Newer updates" without leaving the page. Whatever goes wrong, the link still leads to the other page.

import { focusOn } from './focus.js'
import { parseCursor } from './place.js'

/**
 * @param {object} options
 * @param {import('./stream.js').Stream} options.stream
 * @param {() => string} options.cursor
 * @param {string} options.changes address of the poll
 * @param {(root: Element, seq: number) => void} options.prepare is called for each article before it is put into
 *   the page, with the place in the log of the page that it is from
 * @param {(messages: any[]) => void} options.replay takes the changes that the other page does not have yet
 * @param {() => void} options.lost is called when there is no way from the other page to now
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

    // The page may come from a cache and be behind what this page has been told already.
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
    // What stands above does not push what is being read away.
    if (above) scrollBy({ top: Math.round(first.getBoundingClientRect().top - was), behavior: 'instant' })
    replay(missed)
    // What was missed may have put others in their place, or removed them.
    const stand = added.map((article) => stream.find(Number(article.dataset.number))).filter(Boolean)
    const nearest = above ? stand[stand.length - 1] : stand[0]
    if (nearest) focusOn(nearest)
    loaded(stand.length)
  }

  stream.main.addEventListener('click', (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest('a[data-older], a[data-newer]'))
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
