// Times in the page are by the venue's clock. The script adds how long ago that was, or how long it is until then,
// and the reader's own time if that differs. Numbers and words are in the language of the page.

import { ownClock, tagOf, zones } from './zones.js'

const minute = 60e3
const hour = 60 * minute
const day = 24 * hour

/**
 * @param {HTMLElement} main
 * @param {import('./words.js').Words} words
 * @returns {(root: Element, now?: number) => void} brings the times within root up to date
 */
export function times(main, words) {
  const tag = tagOf(words)
  const relative = new Intl.RelativeTimeFormat(tag, { style: 'short' })
  const present = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }).format(0, 'second')
  const format = (options) => new Intl.DateTimeFormat(tag, { hourCycle: 'h23', ...options })
  const clock = format({ hour: '2-digit', minute: '2-digit' })
  const dated = format({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  const full = format({ dateStyle: 'full', timeStyle: 'short' })

  /** @param {number} age in milliseconds; negative if the reader's clock is slow */
  const ago = (age) => {
    if (age < minute) return present
    if (age < hour) return relative.format(-Math.floor(age / minute), 'minute')
    if (age < day) return relative.format(-Math.floor(age / hour), 'hour')
    return age < 7 * day ? relative.format(-Math.floor(age / day), 'day') : ''
  }

  /** @param {number} wait in milliseconds */
  const until = (wait) => {
    if (wait <= 0) return ''
    if (wait < hour) return relative.format(Math.ceil(wait / minute), 'minute')
    if (wait < 2 * day) return relative.format(Math.floor(wait / hour), 'hour')
    return relative.format(Math.floor(wait / day), 'day')
  }

  /**
   * @param {HTMLElement} time
   * @param {string} part
   */
  const beside = (time, part) => {
    let span = /** @type {HTMLElement} */ (time.parentElement.querySelector(`:scope > .${part}`))
    if (!span) {
      span = document.createElement('span')
      span.className = part
      time.parentElement.append(span)
    }
    return span
  }

  /**
   * @param {HTMLElement} span
   * @param {string} text
   */
  const write = (span, text) => {
    if (span.textContent !== text) span.textContent = text
  }

  /**
   * @param {HTMLTimeElement} time
   * @param {Date} at
   */
  const ownTime = (time, at) => {
    const shown = time.parentElement.querySelector(':scope > .local')
    if (shown) shown.toggleAttribute('hidden', !zone.venue())
    if (!zone.venue()) return
    // Nothing to add if the reader's zone shows the same date and time as the venue's.
    const [, date, h, m] = /^(.{10})T(..):(..)/.exec(time.dateTime)
    const sameDay = at.getDate() === Number(date.slice(8))
    if (sameDay && at.getHours() === Number(h) && at.getMinutes() === Number(m)) return
    const local = beside(time, 'local')
    if (local.textContent) return
    local.lang = words.lang
    local.dir = 'auto'
    local.textContent = words.say('yours', { time: ownClock(sameDay ? clock : dated, at) })
  }

  const zone = zones(main, words, () => refresh(document.body))

  const refresh = (root, now = Date.now()) => {
    for (const mark of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-recent]'))) {
      mark.hidden = now - Date.parse(mark.dataset.recent) >= day
    }
    for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (root.querySelectorAll('time[datetime]'))) {
      const at = new Date(time.dateTime)
      if (!time.title) time.title = words.say('yours', { time: ownClock(full, at) })
      const { dataset } = time
      zone.show(time, at)
      if ('until' in dataset) write(beside(time, 'until'), until(at.getTime() - now))
      if ('ago' in dataset) write(beside(time, 'ago'), ago(now - at.getTime()))
      if ('ago' in dataset || 'local' in dataset) ownTime(time, at)
    }
  }
  return refresh
}
