// The time zone of all times in the page: the venue's, as rendered by the server, the reader's own, or UTC. Times in
// a zone other than the venue's have a label.

import { keep, kept } from './storage.js'

/**
 * The locale for times and numbers, in the server's formats: English dates have the day first.
 * @param {import('./words.js').Words} words
 */
export const tagOf = ({ lang }) => `${lang === 'en' ? 'en-GB' : lang}-u-nu-latn`

/** @param {Date} at */
const offsetLabel = (at) => {
  const minutes = -at.getTimezoneOffset()
  const [h, m] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return minutes ? `UTC${minutes < 0 ? '−' : '+'}${h}${m ? `:${String(m).padStart(2, '0')}` : ''}` : 'UTC'
}

/**
 * Whether the reader's clock shows the time of a moment at another moment as well, because it is put back.
 * @param {Date} at
 */
const shownTwice = (at) =>
  [-3, 3].some((hours) => {
    // The clock has been put back by this much before, or will be after.
    const back = new Date(at.getTime() + hours * 36e5).getTimezoneOffset() - at.getTimezoneOffset()
    const other = new Date(at.getTime() + back * 6e4)
    return back * hours > 0 && other.getTimezoneOffset() - at.getTimezoneOffset() === back
  })

/**
 * The time of a moment by the reader's clock, with the offset where the clock shows it twice.
 * @param {Intl.DateTimeFormat} format
 * @param {Date} at
 */
export const ownClock = (format, at) => format.format(at) + (shownTwice(at) ? ` (${offsetLabel(at)})` : '')

/**
 * @param {string} className
 * @param {string} text
 */
const span = (className, text) => {
  const e = document.createElement('span')
  e.className = className
  e.textContent = text
  return e
}

/**
 * @param {HTMLElement} main
 * @param {import('./words.js').Words} words
 * @param {() => void} changed is called when the reader has chosen another zone
 */
export function zones(main, words, changed) {
  const select = /** @type {HTMLSelectElement | null} */ (main.querySelector('[data-times]'))
  const english = words.lang === 'en'
  const tag = tagOf(words)
  const format = (timeZone) => ({
    clock: new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }),
    day: new Intl.DateTimeFormat(tag, { dateStyle: english ? 'medium' : 'long', timeZone }),
  })
  const formats = { own: format(undefined), utc: format('UTC') }
  let zone = (select && kept('times')) || 'venue'
  if (!Object.keys(formats).includes(zone)) zone = 'venue' // localStorage may hold anything
  const mark = () => {
    if (zone === 'venue') delete main.dataset.zone
    else main.dataset.zone = zone
  }

  if (select) {
    select.value = zone
    main.querySelector('[data-settings]').setAttribute('data-on', '')
    select.addEventListener('change', () => {
      zone = select.value
      keep('times', zone === 'venue' ? null : zone)
      mark()
      changed()
    })
  }
  mark()

  return {
    venue: () => zone === 'venue',
    /**
     * @param {HTMLTimeElement} time
     * @param {Date} at
     */
    show(time, at) {
      if (time.closest('.capitals') || zone === (time.dataset.shown || 'venue')) return
      // The server's text is kept in the element itself, so that copies of it have it, too.
      if (!('shown' in time.dataset)) time.dataset.written = time.innerHTML
      time.dataset.shown = zone
      if (zone === 'venue') {
        time.innerHTML = time.dataset.written
        return
      }
      const parts = {
        clock: formats[zone].clock.format(at),
        zone: zone === 'utc' ? 'UTC' : offsetLabel(at),
        day: formats[zone].day.format(at).replace('Sept ', 'Sep '), // the server's abbreviation
      }
      time.replaceChildren(
        ...Object.entries(parts).flatMap(([name, text]) => {
          const part = span(name, text)
          if (name === 'zone') part.append(span('comma', words.say('zoned', { zone: '' })))
          return [part, ' ']
        }),
      )
    },
  }
}
