// For partners: <script async src="https://HOST/embed.js" data-blog="SLUG"></script> inserts a live blog after
// itself. The frame has the height of its content. It stays hidden until the content has reported its height, so it
// never shows up if the host does not allow framing.

const script = /** @type {HTMLScriptElement | null} */ (document.currentScript)
if (script && script.dataset.blog) embed(script, script.dataset.blog)

/**
 * @param {HTMLScriptElement} script
 * @param {string} slug
 */
function embed(script, slug) {
  const { origin } = new URL(script.src)
  const frame = document.createElement('iframe')
  frame.title = script.dataset.title || ''
  frame.src = `${origin}/embed/${encodeURIComponent(slug)}`
  frame.allow = 'clipboard-write' // for the links to updates
  frame.loading = 'eager' // browsers would not load a hidden frame lazily
  Object.assign(frame.style, { display: 'none', width: '100%', height: '0', border: '0' })

  addEventListener('message', ({ data, origin: from, source }) => {
    if (from !== origin || source !== frame.contentWindow || !data) return
    if (data.type !== 'readout:size' || data.slug !== slug || !(data.height >= 0)) return
    if (!script.dataset.title) frame.title = String(data.title || '') // in the blog's own language
    const { top, bottom } = frame.getBoundingClientRect()
    const growth = data.height - (bottom - top)
    frame.style.height = `${data.height}px`
    frame.style.display = 'block'
    // What is being read must not move: content within the frame or, in browsers without scroll anchoring, below it.
    let shift = 0
    if (bottom <= 0) shift = CSS.supports('overflow-anchor: auto') ? 0 : growth
    else if (top < 0 && Number.isFinite(data.shift)) shift = data.shift
    if (shift) scrollBy({ top: shift, behavior: 'instant' })
  })
  script.after(frame)
}
