// The reader script: it receives changes and keeps the page as the server would render it now. views/doc.go describes
// what it expects of the page and what it adds to it.

import { announcer } from './reader/announce.js'
import { followLog } from './reader/follow.js'
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

  /** @type {any[]} changes that wait for the next animation frame */
  let waiting = []
  let scheduled = false
  let paused = false
  let markLeft = () => {}
  let fresh = 0 // new entries since the last announcement
  /** @type {Map<string, string>} what has changed in the talks since then, in words */
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

  /** Applies all waiting changes at once, so that the page moves at most once. */
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
    unseen.check()
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

  /** The number of things that the waiting changes alter, without those that came and went meanwhile. */
  function countWaiting() {
    /** @type {Map<unknown, any>} the last change of each thing */
    const last = new Map()
    for (const change of waiting) {
      const { entry, blog: head } = change
      last.set(entry ? entry.number : head ? 'head' : 'talks', change)
    }
    const visible = ({ op, entry, note }) => op !== 'remove' || note || stream.find(entry.number)
    return [...last.values()].filter(visible).length
  }

  /** @param {any} change */
  function take(change) {
    if (talks.lacksClaims(change)) return reload()
    waiting.push(change)
    if (paused) line.waiting(countWaiting())
    if (scheduled || paused) return
    scheduled = true
    // A page that is not visible gets animation frames late or never.
    const once = () => scheduled && flush()
    requestAnimationFrame(once)
    setTimeout(once, 100)
  }

  const line = statusLine(main, words, {
    announce,
    hold,
    pause(on) {
      paused = on
      if (on) line.waiting(countWaiting()) // changes that were about to be applied wait as well
      flush()
    },
  })
  const log = followLog(main, { line, take, reload })

  loadInPlace({
    stream,
    cursor: log.cursor,
    changes,
    prepare: (article, seq) => {
      talks.update(article, seq)
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

  // A link to an entry scrolls to it when the page contains it.
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
  addEventListener('pageshow', tick) // the page may come from the back/forward cache
  // A long summary that has been unfolded stays so when the head is replaced.
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
