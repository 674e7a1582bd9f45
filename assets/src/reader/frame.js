// The stream in an iframe on a partner's page. The frame has the height of its content, so the page around it
// scrolls. It gets the height, and by how much it has to scroll so that what is being read does not move.

import { blocks, partsBelow } from './hold.js'

/**
 * @param {string} slug
 * @param {import('./stream.js').Stream} stream
 * @returns {{view: import('./hold.js').View, observe: () => void, post: () => void}} call observe when entries have
 *   been added or removed, and post after each change
 */
export function frame(slug, stream) {
  const inView = new Set()
  let shift = 0
  let sent = -1
  let later = 0

  // A frame cannot measure which part of it the page around it shows; an observer without a root can.
  const observer = new IntersectionObserver((list) => {
    for (const { target, isIntersecting } of list) {
      if (isIntersecting) inView.add(target)
      else inView.delete(target)
    }
  })
  for (const part of [stream.line, ...partsBelow()]) observer.observe(part)
  const observe = () => {
    const parts = stream.articles().flatMap((article) => [article, ...blocks(article)])
    for (const part of parts) observer.observe(part) // which does nothing for those that it observes already
    for (const e of inView) if (!e.isConnected) inView.delete(e)
  }

  const post = () => {
    clearTimeout(later)
    // A frame has no width while it is not shown or, in a process of its own, until it learns its size. Its height
    // would be wrong, and browsers do not tell hidden frames of a resize.
    if (!innerWidth) {
      later = setTimeout(post, 100)
      return
    }
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height)
    if (height === sent && !shift) return
    sent = height
    const title = stream.main.querySelector('[data-title]').textContent
    parent.postMessage({ type: 'readout:size', slug, title, height, shift }, '*') // nothing in it is secret
    shift = 0
  }

  new ResizeObserver(post).observe(document.documentElement)
  addEventListener('message', ({ source, data }) => {
    if (source !== parent || !data || data.type !== 'readout:hello') return
    sent = -1
    post()
  })
  observe()
  post() // the frame is hidden until it has reported its height, and hidden frames run no observers

  return {
    view: {
      sees: (e) => inView.has(e),
      cuts: () => true, // not known here
      starts: (line) => !inView.size || inView.has(line),
      rests: () => true,
      scroll: (pixels) => {
        shift += pixels
      },
    },
    observe,
    post,
  }
}
