// Renewing elements while somebody uses them.

import { patch } from './patch.js'
import { keepingSelection } from './selection.js'

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
 * Opens in an element the details elements that are open in its older version.
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
 * Turns an element into a newer version of itself. Focus, selected text and open details elements stay.
 * @param {Element} here
 * @param {Element} next
 * @param {() => void} [move] moves the element to another position
 */
export function renew(here, next, move = () => {}) {
  keepOpen(here, next)
  keepingSelection(here, () => {
    keepingFocus(here, () => {
      patch(here, next)
      move()
    })
  })
}

/**
 * Replaces the contents of an element by those of another. Focus, selected text and open details elements stay, and
 * strips that scroll sideways keep their scroll position. The contents are not patched, because browsers would count
 * what moves down in a list as a layout shift.
 * @param {Element} here
 * @param {Element} next
 */
export function replaceContents(here, next) {
  keepOpen(here, next)
  const strips = [...here.querySelectorAll('ul')].map((strip) => strip.scrollLeft)
  keepingSelection(here, () => keepingFocus(here, () => here.replaceChildren(...next.childNodes)))
  here.querySelectorAll('ul').forEach((strip, i) => {
    if (strips[i]) strip.scrollLeft = strips[i]
  })
}

/**
 * Runs a change of an element. If it takes the focus from something within, the same link or summary gets it, or else
 * the element.
 * @param {Element} root
 * @param {() => void} change
 */
function keepingFocus(root, change) {
  const focused = /** @type {HTMLElement} */ (document.activeElement)
  if (!root.contains(focused)) return change()
  const name = nameOf(focused)
  const nth = stops(root).filter((e) => nameOf(e) === name).indexOf(focused)
  change()
  if (document.activeElement === focused) return
  const same = name ? stops(root).filter((e) => nameOf(e) === name) : []
  const stop = root.contains(focused) ? focused : same[nth] || same[0]
  if (stop) stop.focus({ preventScroll: true })
  else focusOn(/** @type {HTMLElement} */ (root))
}
