// The reader's page: it takes what the server tells and keeps the page as the server would show it now. What it
// expects of the page, and what it puts there, is in views/doc.go.

import { announcer } from './reader/announce.js'
import { place } from './reader/follow.js'
import { frame } from './reader/frame.js'
import { holder, windowView } from './reader/hold.js'
import { loadInPlace } from './reader/pages.js'
import { reloader, returnToPlace } from './reader/reload.js'
import { sharing } from './reader/share.js'
import { sinceLeft } from './reader/since.js'
import { statusLine } from './reader/status.js'
import { Stream } from './reader/stream.js'
import { Talks } from './reader/talks.js'
import { followTalks } from './reader/talks_page.js'
import { times } from './reader/times.js'
import { Unseen } from './reader/unseen.js'
import { wordsOf } from './reader/words.js'

/** @param {HTMLElement} main */
function follow(main) {
  const { blog, changes } = main.dataset
  const stream = new Stream(main)
  const words = wordsOf(main)
  const talks = new Talks(main, words)
  const refresh = times(main, words)
  const unseen = new Unseen(document.querySelector('[data-new]'), stream, words)
  const { announce, tell } = announcer(document.querySelector('[data-announce]'), words)
  const framed = 'frame' in main.dataset && parent !== window
  const around = framed ? frame(blog, stream) : null
  const view = around ? around.view : windowView
  const hold = holder(stream, view)
  const reload = reloader(() => {
    return view.starts(stream.line) ? undefined : stream.articles().find(view.sees)
  })

  /** @type {any[]} changes that wait for the next frame */
  let waiting = []
  let scheduled = false
  let paused = false
  let markLeft = () => {}
  let fresh = 0 // new entries since the last announcement
  /** @type {Map<string, string>} what stands otherwise in the talks since then */
  const news = new Map()

  /**
   * @param {any} change
   * @param {Set<Element>} moved
   */
  function apply(change, moved) {
    const { op, entry, note, blog: head } = change
    if (change.talks) {
      for (const [about, text] of talks.apply(change, refresh)) news.set(about, text)
    } else if (head) {
      const title = main.querySelector('[data-title]').textContent
      stream.setHead(head.html, refresh)
      unseen.retitle(title, main.querySelector('[data-title]').textContent)
      line.status(head.status)
    } else if (op === 'put') {
      const done = stream.put(entry, refresh)
      if (done.moved) moved.add(done.article)
      if (!done.isNew) return
      fresh++
      if (done.article) done.article.classList.add('fresh')
      if (!framed) unseen.add(entry.number)
    } else if (op === 'remove') {
      stream.remove(entry.number, note, refresh)
      unseen.drop(entry.number)
    }
  }

  /** Applies all that waits, as one change to what is seen. */
  function flush() {
    scheduled = false
    if (paused || !waiting.length) return
    const batch = waiting
    waiting = []
    fresh = 0
    hold(() => {
      const moved = new Set()
      for (const change of batch) apply(change, moved)
      return moved
    })
    markLeft()
    unseen.look()
    if (around) {
      around.observe()
      around.post()
    }
    tell(news)
    news.clear()
    if (fresh) {
      const n = fresh
      announce((said) => words.count('new', n + said), n)
    }
  }

  /** How many things stand otherwise once what waits is applied; what came and went meanwhile is none of them. */
  function countWaiting() {
    /** @type {Map<unknown, any>} the last change of each */
    const last = new Map()
    for (const change of waiting) {
      const { entry, blog: head } = change
      last.set(entry ? entry.number : head ? 'head' : 'talks', change)
    }
    return [...last.values()].filter(({ op, entry, note }) => op !== 'remove' || note || stream.find(entry.number)).length
  }

  /** @param {any} change */
  function take(change) {
    if (talks.misses(change)) return reload()
    waiting.push(change)
    if (paused) line.waiting(countWaiting())
    if (scheduled || paused) return
    scheduled = true
    // Frames come late or never to a page that is not drawn.
    const once = () => scheduled && flush()
    requestAnimationFrame(once)
    setTimeout(once, 100)
  }

  const line = statusLine(main, words, {
    announce,
    hold,
    pause(on) {
      paused = on
      if (on) line.waiting(countWaiting()) // what came a moment ago waits as well
      flush()
    },
  })
  const log = place(main, { line, take, reload })

  loadInPlace({
    stream,
    cursor: log.cursor,
    changes,
    prepare: (article, seq) => {
      talks.bring(article, seq)
      refresh(article)
    },
    replay: (messages) => {
      for (const { op, entry, note, claims, cursor } of messages) {
        if (entry) waiting.push({ op, entry, note })
        else if (claims) waiting.push({ talks: [], claims, cursor })
      }
      if (paused) line.waiting(countWaiting())
      flush()
    },
    lost: reload,
    loaded: (n) => {
      if (around) {
        around.observe()
        around.post()
      }
      announce(() => words.count('loaded', n))
    },
  })

  // An entry that is in the page is nearer than its own page.
  main.addEventListener('click', (event) => {
    const link = /** @type {Element} */ (event.target).closest('a[data-entry]')
    const article = link && stream.find(Number(/** @type {HTMLElement} */ (link).dataset.entry))
    if (!article || framed || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    location.hash = article.id
  })

  const tick = () => {
    if (!document.hidden) hold(() => refresh(main))
  }
  hold(() => refresh(main))
  setInterval(tick, 60e3)
  document.addEventListener('visibilitychange', tick)
  addEventListener('pageshow', tick) // from the browser's cache of pages
  // The whole of a long summary, once asked for, stays in view when the head is replaced.
  const unfold = () => location.hash === '#what-we-know' && main.setAttribute('data-unfolded', '')
  addEventListener('hashchange', unfold)
  unfold()
  if (!framed) markLeft = sinceLeft(main, stream, words, refresh, unseen)
  sharing(main, words, announce)
  main.setAttribute('data-on', '')
  log.start()
}

const main = /** @type {HTMLElement | null} */ (document.querySelector('[data-blog]'))
if (main && main.dataset.window === 'talks') followTalks(main)
else if (main) follow(main)
addEventListener('load', returnToPlace)
