// The line with the state of the connection, the number of followers and the button that pauses updates.

import { ownClock } from './zones.js'

/**
 * @param {HTMLElement} main
 * @param {import('./words.js').Words} words
 * @param {object} options
 * @param {(sentence: () => string) => void} options.announce
 * @param {(on: boolean) => void} options.pause
 * @param {(change: () => void) => void} options.hold runs a change that may alter the height of the line, above what is
 *   being read
 */
export function statusLine(main, words, { announce, pause, hold }) {
  const line = /** @type {HTMLElement} */ (main.querySelector('[data-connection]'))
  const state = line.querySelector('span')
  const button = line.querySelector('button')
  let status = main.dataset.status
  let current = 'connecting'
  let heard = 0
  let paused = false
  let held = 0
  let followers = ''

  const clock = new Intl.DateTimeFormat(`${words.lang}-u-nu-latn`, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })

  const show = () => hold(write)
  const write = () => {
    const time = ownClock(clock, new Date(heard))
    const still = paused && (current === 'live' || current === 'polling')
    const text = words.say(still ? 'paused' : current === 'live' && status !== 'live' ? 'connected' : current, { time })
    if (state.textContent !== text) state.textContent = text
    line.dataset.connection = current
    line.toggleAttribute('data-paused', paused)
    // Find the element each time, because the head around it may have been replaced.
    const count = /** @type {HTMLElement} */ (main.querySelector('[data-followers]'))
    count.textContent = followers
    count.hidden = !followers || current !== 'live'
  }
  const label = () => {
    button.textContent = paused ? (held ? words.count('waiting', held) : words.say('resume')) : words.say('pause')
  }

  button.addEventListener('click', () => {
    paused = !paused
    held = 0
    label()
    show()
    pause(paused)
  })
  line.hidden = false
  show()

  return {
    /**
     * @param {string} next
     * @param {number} at the time of the last message from the server
     */
    connection(next, at) {
      const was = current
      current = next
      heard = at
      show()
      if (was === next) return
      if (next === 'offline' || next === 'stopped') announce(() => state.textContent)
      else if (was === 'offline') announce(() => words.say('again'))
    },
    /** @param {string} next the blog's status */
    status(next) {
      status = next
      show()
    },
    /** @param {number} n */
    readers(n) {
      followers = words.count('readers', n)
      show()
    },
    /** @param {number} n changes that wait while the reader has paused */
    waiting(n) {
      held = n
      label()
    },
  }
}
