// For partners: <script async src="https://HOST/embed.js" data-blog="SLUG"></script> inserts a live blog after
// itself. The frame has the height of its content. It stays hidden until the content has reported its height, so it
// never shows up if the host does not allow framing.

import { keepPlace } from './embed/place.js'

const tag = 'readout-embed'

/**
 * The frame lives as long as this element is in the document, however the partner's page removes it and adds it again.
 * A page may embed blogs of two hosts with different versions of this script, of which the first defines the element.
 * Therefore scripts and elements share nothing but the attributes data-host, data-blog and data-title.
 */
class Embed extends HTMLElement {
  connectedCallback() {
    const { host, blog, title } = this.dataset
    const frame = document.createElement('iframe')
    frame.title = title || ''
    frame.src = `${host}/embed/${encodeURIComponent(blog)}`
    frame.allow = 'clipboard-write' // for the links to updates
    frame.loading = 'eager' // browsers would not load a hidden frame lazily
    frame.scrolling = 'no' // the scroll bar of a frame that is not high enough yet would make its text narrower
    Object.assign(frame.style, { display: 'block', width: '100%', height: '0', border: '0' })
    this.style.display = 'contents' // the frame takes part in the partner's layout by itself
    this.replaceChildren(frame)
    // Until it is shown, the frame takes up no space, but has the width with which its height is right.
    const width = frame.offsetWidth ? `${frame.offsetWidth}px` : '100%' // the partner may show it later
    Object.assign(frame.style, { position: 'absolute', visibility: 'hidden', width })
    addEventListener('message', this)
  }

  disconnectedCallback() {
    removeEventListener('message', this)
    this.replaceChildren()
  }

  /** Without this method, browsers that can move elements without loading their frames again would call the others. */
  connectedMoveCallback() {}

  /** @param {MessageEvent} message */
  handleEvent({ data, origin, source }) {
    const { host, blog, title } = this.dataset
    const frame = /** @type {HTMLIFrameElement} */ (this.firstChild)
    if (origin !== host || source !== frame.contentWindow || !data) return
    if (data.type !== 'readout:size' || data.slug !== blog || !(data.height >= 0)) return
    if (!title) frame.title = String(data.title || '') // in the blog's own language
    Object.assign(frame.style, { position: '', visibility: '', width: '100%' })
    keepPlace(frame, data.height, Number.isFinite(data.shift) ? data.shift : 0)
  }
}

const script = /** @type {HTMLScriptElement | null} */ (document.currentScript)
if (script && script.dataset.blog) {
  if (!customElements.get(tag)) customElements.define(tag, Embed)
  const element = document.createElement(tag)
  element.dataset.host = new URL(script.src).origin
  element.dataset.blog = script.dataset.blog
  if (script.dataset.title) element.dataset.title = script.dataset.title
  script.after(element)
}
