// The connection to the server: a WebSocket, or polling if no WebSocket gets through. It resumes from the page's
// cursor, so it may break at any moment without loss. A proxy may let a socket open and hold back what comes on it, so
// only the server's messages count.

// In milliseconds.
const timing = {
  base: 1e3, // first backoff between attempts; it doubles
  cap: 20e3, // longest backoff
  spread: 3e3, // reconnects are spread over this time when the server has closed the connections
  hello: 5e3, // polling begins if a socket is asked for and the server's hello has not come after this time
  handshake: 10e3, // deadline for a socket until the server's hello
  answer: 10e3, // deadline for a poll
  silence: 60e3, // a socket that is silent for longer is dead: the server sends a heartbeat at least every 25 s
  stale: 30e3, // a connection that was silent for this long is renewed when the reader comes back to the page
  poll: 5e3,
  retry: 60e3, // between attempts at a WebSocket while polling works
  tick: 5e3,
}

const attemptsBeforePolling = 3
const restarting = 1012
const tooSlow = 4008
const unheard = 0 // no hello came in time

const random = (max) => Math.random() * max

/** @typedef {'connecting' | 'live' | 'polling' | 'reconnecting' | 'offline' | 'stopped'} State */

export class Connection {
  /**
   * @param {object} options
   * @param {string} options.socket address of the WebSocket, as a path
   * @param {string} options.changes address of the poll
   * @param {() => string} options.cursor
   * @param {(message: any) => void} options.receive
   * @param {(state: State, heard: number) => void} options.tell gets the time of the last message from the server
   */
  constructor({ socket, changes, cursor, receive, tell }) {
    const url = new URL(socket, location.href)
    url.protocol = url.protocol.replace('http', 'ws')
    this.socketURL = url
    this.changesURL = new URL(changes, location.href)
    this.cursor = cursor
    this.receive = receive
    this.tell = tell
    /** @type {State} */
    this.state = 'connecting'
    this.failures = 0 // attempts since the last hello
    this.proof = 1 // how many messages on a socket show that it works
    this.late = 0 // the timer after which polling begins
    this.heard = Date.now()
    this.ticked = this.heard
    /** @type {WebSocket | null} */
    this.socket = null
  }

  start() {
    const comeBack = () => this.check()
    addEventListener('online', () => this.reconnect())
    addEventListener('offline', () => this.set('offline'))
    addEventListener('pageshow', (e) => e.persisted && this.reconnect())
    addEventListener('pagehide', () => this.close()) // pages with an open socket get no back/forward cache
    document.addEventListener('visibilitychange', comeBack)
    document.addEventListener('resume', comeBack)
    setInterval(() => this.tick(), timing.tick)
    this.connect()
  }

  /** @param {State} state */
  set(state) {
    if (this.state === 'stopped') return
    this.state = state
    this.tell(state, this.heard)
  }

  /** Checks the clock: a jump means that the machine was asleep, a long silence that the connection is dead. */
  tick() {
    const now = Date.now()
    const slept = now - this.ticked > 3 * timing.tick
    this.ticked = now
    if (this.socket && now - this.heard > timing.silence) {
      if (!slept) this.proof = 2 // another hello would not show that what follows it comes through
      this.reconnect()
    } else if (slept) {
      this.check()
    }
  }

  /** Renews a stale connection at once when the reader comes back to the page. */
  check() {
    if (!document.hidden && Date.now() - this.heard > timing.stale) this.reconnect()
  }

  /** Drops the current connection and connects at once. */
  reconnect() {
    if (this.state === 'stopped') return
    if (this.state === 'live') this.set('reconnecting')
    this.connect()
  }

  close() {
    clearTimeout(this.timer)
    clearTimeout(this.patience)
    this.expect(false)
    this.stopPolling()
    if (!this.socket) return
    this.socket.onmessage = this.socket.onclose = null
    this.socket.close()
    this.socket = null
  }

  stopPolling() {
    clearTimeout(this.pollTimer)
    if (this.polling) this.polling.abort()
    this.polling = null
  }

  connect() {
    this.close()
    this.attempt()
    if (this.failures >= attemptsBeforePolling || this.proof > 1) this.poll()
  }

  /** @param {boolean} hello whether a hello is due, without which polling begins */
  expect(hello) {
    if (!hello) {
      clearTimeout(this.late)
      this.late = 0
    } else if (!this.late && !this.polling) {
      this.late = setTimeout(() => {
        this.late = 0
        if (!this.polling) this.poll()
      }, timing.hello)
    }
  }

  /** Tries a WebSocket. Polling goes on until it works. */
  attempt() {
    clearTimeout(this.timer)
    this.expect(true)
    this.socketURL.searchParams.set('after', this.cursor())
    const socket = (this.socket = new WebSocket(this.socketURL))
    let messages = 0
    const lose = (event) => {
      clearTimeout(this.patience)
      socket.onmessage = socket.onclose = null
      socket.close()
      this.socket = null
      this.lost(event.code)
    }
    this.patience = setTimeout(() => lose({ code: unheard }), timing.handshake)
    socket.onclose = lose // every error is followed by a close
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data)
      this.heard = Date.now()
      if (message.type === 'hello') {
        clearTimeout(this.patience)
        this.failures = 0
      }
      if (++messages >= this.proof) {
        this.proof = 1
        this.expect(false)
        this.stopPolling()
        if (this.state !== 'live') this.set('live')
      }
      this.receive(message)
    }
  }

  /** @param {number} code with which the socket closed */
  lost(code) {
    this.failures = code === unheard ? attemptsBeforePolling : this.failures + 1
    let wait = random(Math.min(timing.cap, timing.base * 2 ** (this.failures - 1)))
    if (code === restarting || code === tooSlow) wait = random(timing.spread)
    if (this.failures >= attemptsBeforePolling) {
      if (!this.polling) this.poll()
      wait = timing.retry
    } else if (!this.polling) {
      this.set(navigator.onLine ? 'reconnecting' : 'offline')
    }
    this.timer = setTimeout(() => this.attempt(), wait)
  }

  async poll() {
    clearTimeout(this.pollTimer)
    const polling = (this.polling = new AbortController())
    const late = setTimeout(() => polling.abort(), timing.answer)
    let wait = timing.poll * (0.75 + random(0.5))
    try {
      this.changesURL.searchParams.set('after', this.cursor())
      const response = await fetch(this.changesURL, { credentials: 'omit', signal: polling.signal })
      if (response.status === 404 || response.status === 410) {
        this.set('stopped')
        this.close()
        return
      }
      if (!response.ok) throw new Error(response.statusText)
      const { cursor, changes } = await response.json()
      if (this.polling !== polling) return
      this.heard = Date.now()
      for (const message of changes) this.receive(message)
      this.receive({ type: 'polled', cursor })
      // The server is available again, so a WebSocket may work, too.
      if (this.state === 'offline' && !this.socket) {
        clearTimeout(this.timer)
        this.timer = setTimeout(() => this.attempt(), random(timing.spread))
      }
      this.set('polling')
    } catch {
      if (this.polling !== polling) return
      this.set('offline')
      wait = Math.min(timing.cap, timing.poll + random(timing.poll * 2))
    } finally {
      clearTimeout(late)
    }
    this.pollTimer = setTimeout(() => this.poll(), wait)
  }
}
