// For partners: <script async src="https://HOST/embed.js" data-blog="SLUG"></script> puts a live blog right after
// itself. The frame takes the height of its content. It is not there at all before it has said so, and so never where
// the host does not let itself be framed.

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
  frame.loading = 'eager' // a frame that is not shown would never come near the screen
  Object.assign(frame.style, { display: 'none', width: '100%', height: '0', border: '0' })

  addEventListener('message', ({ data, origin: from, source }) => {
    if (from !== origin || source !== frame.contentWindow || !data) return
    if (data.type !== 'readout:size' || data.slug !== slug || !(data.height >= 0)) return
    if (!script.dataset.title) frame.title = String(data.title || '') // in the blog's own language
    const { top, bottom } = frame.getBoundingClientRect()
    const grown = data.height - (bottom - top)
    frame.style.height = `${data.height}px`
    frame.style.display = 'block'
    // What is being read stays in its place: in the frame, or below it where the browser does not see to that.
    let shift = 0
    if (bottom <= 0) shift = CSS.supports('overflow-anchor: auto') ? 0 : grown
    else if (top < 0 && Number.isFinite(data.shift)) shift = data.shift
    if (shift) scrollBy({ top: shift, behavior: 'instant' })
  })
  script.after(frame)
}
