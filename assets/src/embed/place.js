// Scroll anchoring for a frame that changes its height, in whatever scrolls around it.

/**
 * Sets the height of a frame so that what is being read does not move: what is below the frame, if the frame is above
 * the visible part of the page, or else what is being read within it.
 * @param {HTMLIFrameElement} frame
 * @param {number} height
 * @param {number} shift by how many pixels what is being read within the frame has moved down in it
 */
export function keepPlace(frame, height, shift) {
  const boxes = scrollers(frame)
  // The upper edge of what is visible.
  const edge = Math.max(0, ...boxes.map((box) => box.getBoundingClientRect().top + box.clientTop))
  const before = frame.getBoundingClientRect()
  frame.style.height = `${height}px`
  if (before.top >= edge) return
  const wanted = before.top - (before.bottom <= edge ? height - before.height : shift)
  // Browsers with scroll anchoring of their own may have scrolled already, and a box that now fits its content cannot
  // scroll. So each scroller in turn makes up for the distance that remains.
  for (const box of boxes) {
    const drift = frame.getBoundingClientRect().top - wanted
    if (drift) box.scrollBy({ top: drift, behavior: 'instant' })
  }
}

/**
 * @param {Element} element
 * @returns {Element[]} the elements that scroll it, from the nearest to the page
 */
function scrollers(element) {
  const page = document.scrollingElement
  const boxes = []
  for (let e = element; e && e !== page; e = around(e)) {
    const { overflowY, position } = getComputedStyle(e)
    if (overflowY === 'auto' || overflowY === 'scroll') boxes.push(e)
    if (position === 'fixed') return boxes // nothing else scrolls it
  }
  if (page) boxes.push(page)
  return boxes
}

/** @param {Element} e @returns {Element | null} its parent in the page as it is drawn */
const around = (e) => e.assignedSlot || e.parentElement || /** @type {any} */ (e.getRootNode()).host || null
