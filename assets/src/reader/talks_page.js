// A page of the talks: the script fetches it again when the talks change, except when it shows a past moment.

import { announcer } from './announce.js'
import { replaceContents } from './focus.js'
import { followLog } from './follow.js'
import { partsBelow, windowView } from './hold.js'
import { parseCursor } from './cursor.js'
import { reloader } from './reload.js'
import { changedStates, statesIn } from './states.js'
import { statusLine } from './status.js'
import { times } from './times.js'
import { wordsOf } from './words.js'

// In milliseconds.
const spread = 1.5e3 // fetches are spread over this time, because all readers hear of a change at the same moment
const retry = 3e3 // and up to as much again at random, if the page that was fetched is too old or the fetch failed

/** @param {HTMLElement} main */
export function followTalks(main) {
  const words = wordsOf(main)
  const refresh = times(main, words)
  const talks = /** @type {HTMLElement} */ (main.querySelector('[data-talks]'))
  refresh(main)
  const tick = () => document.hidden || refresh(main)
  setInterval(tick, 60e3)
  document.addEventListener('visibilitychange', tick)
  addEventListener('pageshow', tick)
  if ('at' in talks.dataset) return

  const { announce, tell } = announcer(document.querySelector('[data-announce]'), words)
  const reload = reloader(() => undefined)
  let { seq: shown } = parseCursor(main.dataset.cursor)
  let wanted = shown
  let paused = false
  let held = 0 // changes that wait while the reader has paused
  let timer = 0
  let busy = false

  const line = statusLine(main, words, {
    announce,
    hold: (change) => change(),
    pause(on) {
      paused = on
      held = 0
      if (!on) soon(0)
    },
  })
  const log = followLog(main, {
    line,
    reload,
    take({ cursor, talks: names, blog }) {
      if (!names && !blog) return
      if (blog) line.status(blog.status)
      wanted = parseCursor(cursor).seq
      line.waiting(++held)
      soon(Math.random() * spread)
    },
  })

  /** @param {number} wait */
  function soon(wait) {
    if (timer || busy || paused || wanted <= shown) return
    timer = setTimeout(renew, wait)
  }

  async function renew() {
    timer = 0
    if (paused) return
    busy = true
    try {
      const response = await fetch(location.href, { credentials: 'omit', cache: 'no-cache' })
      if (response.status === 404 || response.status === 410) return reload()
      if (!response.ok) throw new Error(response.statusText)
      const page = new DOMParser().parseFromString(await response.text(), 'text/html')
      const next = /** @type {HTMLElement} */ (page.querySelector('[data-blog]'))
      const { epoch, seq } = parseCursor(next.dataset.cursor)
      if (epoch !== parseCursor(log.cursor()).epoch) return reload()
      if (seq > shown && !paused) {
        show(next)
        shown = seq
      }
    } catch {
      // Retried below.
    } finally {
      busy = false
      soon(retry * (1 + Math.random()))
    }
  }

  /** @param {HTMLElement} next the main element of the newer page */
  function show(next) {
    for (const part of ['[data-title]', '[data-badge]']) {
      main.querySelector(part).innerHTML = next.querySelector(part).innerHTML
    }
    const fetched = next.querySelector('[data-talks]')
    refresh(fetched)
    const before = statesIn(talks, words)
    inPlace(talks, () => replaceContents(talks, fetched))
    tell(changedStates(before, statesIn(talks, words)))
  }

  log.start()
}

/**
 * Runs a change and scrolls so that what is in view does not move. Elements are identified by their ids. If none begins
 * in view, the part below the talks does not move.
 * @param {HTMLElement} root
 * @param {() => void} change
 */
function inPlace(root, change) {
  const top = (e) => e.getBoundingClientRect().top
  const visible = (e) => e instanceof HTMLElement && e.getClientRects().length && windowView.sees(e)
  const seen = [...root.querySelectorAll('[id]')].filter(visible)
  const end = partsBelow().find(windowView.sees)
  const anchor = scrollY > 0 ? seen.find((e) => top(e) >= 0) || end || seen.pop() : null
  const was = anchor && top(anchor)
  change()
  const now = anchor && (anchor.isConnected ? anchor : document.getElementById(anchor.id))
  if (now) windowView.scroll(Math.round(top(now) - was))
}
