// Elements that are swapped for newer ones while somebody uses them.

/** @param {string} html of one element */
export const elementFrom = (html) => {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content.firstElementChild
}

/** @param {HTMLElement} element that need not be one that takes the focus by itself */
export function focusOn(element) {
  element.tabIndex = -1
  element.focus({ preventScroll: true })
}

/** @param {Element} root */
const stops = (root) => /** @type {HTMLElement[]} */ ([...root.querySelectorAll('a, summary')])

/** What a link or the head of a fold is known by, whatever page it is in. */
const nameOf = (e) => e.getAttribute('href') || (e.parentElement && e.parentElement.id)

/**
 * Opens the folds that are open in an element in another one that takes its place.
 * @param {Element} old
 * @param {Element} next
 */
function keepOpen(old, next) {
  for (const { id } of old.querySelectorAll('details[open][id]')) {
    const fold = next.querySelector(`details[id="${CSS.escape(id)}"]`)
    if (fold) fold.setAttribute('open', '')
  }
}

/**
 * Runs a swap of an element for another and keeps the focus where it was, on the same link or fold of the new one. Folds that
 * are open stay open.
 * @param {Element} old
 * @param {Element} next
 * @param {() => void} swap
 */
export function keepingFocus(old, next, swap) {
  const focused = document.activeElement
  const held = old.contains(focused)
  const name = held && nameOf(focused)
  const nth = held ? stops(old).filter((e) => nameOf(e) === name).indexOf(/** @type {HTMLElement} */ (focused)) : 0
  keepOpen(old, next)
  swap()
  if (!held) return
  const same = name ? stops(next).filter((e) => nameOf(e) === name) : []
  const stop = same[nth] || same[0]
  if (stop) stop.focus({ preventScroll: true })
  else focusOn(/** @type {HTMLElement} */ (next))
}

/**
 * Puts what is in one element in place of what is in another. Folds that are open stay open, and strips that are moved
 * sideways stay where they are.
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
