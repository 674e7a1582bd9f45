// Following the log of a blog: the page's cursor, and the handling of messages.

import { Connection } from './connection.js'
import { parseCursor } from './cursor.js'

/**
 * @param {HTMLElement} main
 * @param {object} options
 * @param {ReturnType<typeof import('./status.js').statusLine>} options.line
 * @param {(change: any) => void} options.take gets each change once, in order
 * @param {() => void} options.reload is called when changes are missing and the page has to be loaded again
 */
export function followLog(main, { line, take, reload }) {
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
        // All changes up to the server's cursor should have arrived; if one has not, it was lost on the way.
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
  // Nothing changes in an archived blog, so its readers cost the server no connection.
  const start = () => 'archived' in main.dataset || connection.start()
  return { cursor: () => cursor, seq: () => seq, start }
}
