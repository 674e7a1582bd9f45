// Replacing elements by newer ones while somebody uses them.

/** @param {string} html of one element */
export const elementFrom = (html) => {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content.firstElementChild
}

/** @param {HTMLElement} element need not be focusable by itself */
export function focusOn(element) {
  element.tabIndex = -1
  element.focus({ preventScroll: true })
}

/** @param {Element} root */
const stops = (root) => /** @type {HTMLElement[]} */ ([...root.querySelectorAll('a, summary')])

/** Identifies a link or summary in different versions of a page. */
const nameOf = (e) => e.getAttribute('href') || (e.parentElement && e.parentElement.id)

/**
 * Opens in an element the details elements that are open in the element that it replaces.
 * @param {Element} old
 * @param {Element} next
 */
function keepOpen(old, next) {
  for (const { id } of old.querySelectorAll('details[open][id]')) {
    const details = next.querySelector(`details[id="${CSS.escape(id)}"]`)
    if (details) details.setAttribute('open', '')
  }
}

/**
 * Runs a swap of an element for another one. If the focus is within the old element, it moves to the same link or
 * summary in the new one. Open details elements stay open.
 * @param {Element} old
 * @param {Element} next
 * @param {() => void} swap
 */
export function keepingFocus(old, next, swap) {
  const focused = document.activeElement
  const within = old.contains(focused)
  const name = within && nameOf(focused)
  const nth = within ? stops(old).filter((e) => nameOf(e) === name).indexOf(/** @type {HTMLElement} */ (focused)) : 0
  keepOpen(old, next)
  swap()
  if (!within) return
  const same = name ? stops(next).filter((e) => nameOf(e) === name) : []
  const stop = same[nth] || same[0]
  if (stop) stop.focus({ preventScroll: true })
  else focusOn(/** @type {HTMLElement} */ (next))
}

/**
 * Replaces the contents of an element by those of another. Open details elements stay open, and strips that scroll
 * sideways keep their scroll position.
 * @param {Element} here
 * @param {Element} next
 */
export function replaceContents(here, next) {
  keepOpen(here, next)
  const strips = [...here.querySelectorAll('ul')].map((strip) => strip.scrollLeft)
  keepingFocus(here, here, () => here.replaceChildren(...next.childNodes))
  here.querySelectorAll('ul').forEach((strip, i) => {
    if (strips[i]) strip.scrollLeft = strips[i]
  })
}
