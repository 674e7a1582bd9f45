// What is new since the reader left. Where they left off is kept only in this browser, and only if they have asked
// for it.

import { keep, kept } from './storage.js'
import { tagOf } from './zones.js'

/** @param {HTMLTimeElement} time */
const timeOf = (time) => Date.parse(time.dateTime)

/** @param {bigint} micros since 1970 */
const moment = (micros) => {
  const seconds = new Date(Number(micros / 1000n)).toISOString().slice(0, 20)
  return seconds + String(micros % 1000000n).padStart(6, '0') + 'Z'
}

/** @param {number} minutes @returns {[number, Intl.RelativeTimeFormatUnit]} */
const inUnit = (minutes) => {
  if (minutes < 60) return [minutes, 'minute']
  if (minutes < 2880) return [Math.round(minutes / 60), 'hour']
  return [Math.round(minutes / 1440), 'day']
}

/**
 * @param {HTMLElement} main
 * @param {import('./stream.js').Stream} stream
 * @param {import('./words.js').Words} words
 * @param {(root: Element) => void} refresh
 * @param {import('./unseen.js').Unseen} unseen
 * @returns {() => void} marks in the stream where the reader left off; call it after each change
 */
export function sinceLeft(main, stream, words, refresh, unseen) {
  const box = /** @type {HTMLInputElement | null} */ (main.querySelector('[data-keep]'))
  if (!box) return () => {}
  const name = `left.${main.dataset.blog}`
  const summary = () => {
    const section = /** @type {HTMLElement | null} */ (main.querySelector('[data-summary]'))
    return section ? section.dataset.summary : ''
  }
  const left = read(kept(name))
  /** The time of the newest entry that the reader has been shown, even if it has been removed since. */
  const newest = () => {
    const shown = stream.articles().filter((a) => !unseen.has(Number(a.dataset.number)))
    const published = shown.map((a) => BigInt(a.dataset.published))
    return published.reduce((a, b) => (a > b ? a : b), left ? left.seen : 0n)
  }
  box.checked = !!left

  /** When the talks last moved, by the server's clock, because the reader's may be wrong. */
  const moved = () => {
    const all = /** @type {NodeListOf<HTMLTimeElement>} */ (main.querySelectorAll('.board time'))
    return Math.max(0, ...[...all].map(timeOf))
  }
  const save = () => {
    keep(name, JSON.stringify({ at: Date.now(), seen: String(newest()), summary: summary(), moved: moved() }))
  }
  // The setting may have been switched off in another tab.
  const leave = () => box.checked && kept(name) && save()
  box.addEventListener('change', () => (box.checked ? save() : keep(name, null)))
  // Entries that arrive while the page is hidden have not been seen.
  addEventListener('pagehide', () => document.hidden || leave())
  document.addEventListener('visibilitychange', () => document.hidden && leave())

  /** The first entry from the top that the reader has already seen. */
  const boundary = () =>
    left && stream.articles().find((a) => !('pinned' in a.dataset) && BigInt(a.dataset.published) <= left.seen)
  const mark = () => {
    const article = boundary()
    if (!article || article === stream.articles().find((a) => !('pinned' in a.dataset))) return
    if (article.querySelector('.left-off')) return
    const line = document.createElement('span')
    line.className = 'left-off'
    line.dataset.own = ''
    line.lang = words.lang
    line.textContent = words.say('left-off')
    article.append(line)
  }
  mark()
  if (left) tell()
  return mark

  function tell() {
    const section = element('section', 'away')
    section.lang = words.lang
    const heading = element('h2')
    const ago = new Intl.RelativeTimeFormat(tagOf(words), { numeric: 'auto' })
    const minutes = Math.max(1, Math.round((Date.now() - left.at) / 60e3))
    const [n, unit] = inUnit(minutes)
    heading.textContent = words.say('away', { time: ago.format(-n, unit) })
    heading.id = 'away'
    section.setAttribute('aria-labelledby', 'away')
    const list = element('ul')
    const item = (content) => {
      const li = element('li')
      li.append(content)
      list.append(li)
    }
    const events = /** @type {HTMLAnchorElement[]} */ ([...main.querySelectorAll('.key-events li a')])
    // The time of an entry in the page has microseconds, that of a key event only seconds.
    const later = (a) => {
      const article = stream.find(Number(a.dataset.entry))
      if (article) return BigInt(article.dataset.published) > left.seen
      return timeOf(a.querySelector('time')) > Number(left.seen / 1000n)
    }
    const fresh = events.filter(later)
    for (const a of fresh.slice(0, 5)) {
      const copy = /** @type {HTMLElement} */ (a.cloneNode(true))
      copy.lang = main.lang
      item(copy)
    }
    if (fresh.length > 5) item(link(`/live/${main.dataset.blog}?by=key-events`, words.say('since-more')))
    if (summary() && summary() !== left.summary) item(link('#what-we-know', words.say('since-summary')))
    for (const track of /** @type {HTMLElement[]} */ ([...main.querySelectorAll('.board [data-standing]')])) {
      const time = track.querySelector('time')
      const [what, state] = [track.querySelector('.name'), track.querySelector('.state')]
      if (!time || !what || !state || timeOf(time) <= left.moved) continue
      const text = element('span')
      text.lang = main.lang
      text.textContent = `${what.textContent.trim()}: ${state.textContent.trim()}`
      item(text)
    }
    const read = boundary()
    const all = stream.articles()
    const before = read && all[all.indexOf(read) - 1]
    if (newest() > left.seen) {
      const first = before ? `#${before.id}` : `/live/${main.dataset.blog}?from=${moment(left.seen + 1n)}`
      item(link(first, words.say('since-first')))
    }
    if (!list.childElementCount) return
    const close = element('button')
    close.textContent = words.say('close')
    close.addEventListener('click', () => {
      section.remove()
      box.focus({ preventScroll: true })
    })
    section.append(heading, list, close)
    refresh(section)
    main.append(section)
  }
}

/** The last millisecond that a Date can represent. */
const latest = 864e13

/** @param {string | null} text from localStorage, so it may be anything */
function read(text) {
  try {
    const { at, seen, summary, moved } = JSON.parse(text)
    const left = { at: Number(at), seen: BigInt(seen), summary, moved: Number(moved) || 0 }
    return left.at > 0 && left.at < latest && left.seen >= 0n && left.seen < latest * 1000 ? left : null
  } catch {
    return null
  }
}

/**
 * @param {string} name
 * @param {string} [className]
 */
function element(name, className = '') {
  const e = document.createElement(name)
  if (className) e.className = className
  return e
}

/**
 * @param {string} href
 * @param {string} text
 */
function link(href, text) {
  const a = document.createElement('a')
  a.href = href
  a.textContent = text
  return a
}
