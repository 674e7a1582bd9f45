// The page's place in the log of its blog, and what it does about a message.

import { Connection } from './connection.js'
import { parseCursor } from './place.js'

/**
 * @param {HTMLElement} main
 * @param {object} options
 * @param {ReturnType<typeof import('./status.js').statusLine>} options.line
 * @param {(change: any) => void} options.take is given each change once, in order
 * @param {() => void} options.reload is called where the way from the page to now is lost
 */
export function place(main, { line, take, reload }) {
  const { socket, changes } = main.dataset
  let cursor = main.dataset.cursor
  let { epoch, seq } = parseCursor(cursor)

  /** @param {any} message */
  function receive(message) {
    if (message.type === 'reload') return reload()
    if ('readers' in message) line.readers(message.readers)
    if (!message.cursor) return
    const next = parseCursor(message.cursor)
    if (next.epoch !== epoch) return reload()
    switch (message.type) {
      case 'change':
        if (next.seq <= seq) return
        take(message)
        break
      case 'heartbeat':
        // What the server has told by now has come before; if not, it is lost on the way.
        if (next.seq > seq) connection.reconnect()
        return
      case 'polled':
        if (next.seq <= seq) return
        break
      default:
        return
    }
    cursor = message.cursor
    seq = next.seq
  }

  const connection = new Connection({ socket, changes, cursor: () => cursor, receive, tell: line.connection })
  return { cursor: () => cursor, seq: () => seq, start: () => connection.start() }
}
