// Keeping selected text selected while the page around it changes.

import { commonEnd, commonStart } from './patch.js'

/**
 * Runs a change of an element. If text within it is selected and still there afterwards, it stays selected, also if the
 * browser ended the selection because the text was moved or replaced by the same.
 * @param {Element} root
 * @param {() => void} change
 */
export function keepingSelection(root, change) {
  const selection = getSelection()
  const { anchorNode, focusNode, isCollapsed } = selection
  if (isCollapsed || !root.contains(anchorNode) || !root.contains(focusNode)) return change()
  const before = root.textContent
  const { start, end, backward } = offsets(root, selection)
  const wanted = before.slice(start, end)
  change()
  const after = root.textContent
  if (root.contains(selection.anchorNode) && root.contains(selection.focusNode)) {
    const now = offsets(root, selection)
    if (after.slice(now.start, now.end) === wanted) return
  }
  // The same words may occur several times. Take those with the most of the same text around them.
  let at = -1
  let most = -1
  for (let i = after.indexOf(wanted); i >= 0; i = after.indexOf(wanted, i + 1)) {
    const above = commonEnd(before.slice(0, start), after.slice(0, i))
    const alike = above + commonStart(before.slice(end), after.slice(i + wanted.length))
    if (alike > most) [at, most] = [i, alike]
  }
  if (at < 0) return
  const ends = [point(root, at, true), point(root, at + wanted.length, false)]
  const [from, to] = backward ? ends.reverse() : ends
  selection.setBaseAndExtent(from.node, from.offset, to.node, to.offset)
}

/**
 * @param {Element} root
 * @param {Selection} selection
 * @returns {{start: number, end: number, backward: boolean}} its ends in the text of root
 */
function offsets(root, selection) {
  const range = selection.getRangeAt(0)
  const to = document.createRange()
  to.selectNodeContents(root)
  to.setEnd(range.startContainer, range.startOffset)
  const start = to.toString().length
  const backward = selection.anchorNode !== range.startContainer || selection.anchorOffset !== range.startOffset
  return { start, end: start + range.toString().length, backward }
}

/**
 * @param {Element} root
 * @param {number} offset in its text
 * @param {boolean} begins whether the selection begins here, and not ends
 * @returns {{node: Node, offset: number}}
 */
function point(root, offset, begins) {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  let rest = offset
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const { length } = /** @type {Text} */ (node)
    if (rest < length || (!begins && rest === length)) return { node, offset: rest }
    rest -= length
  }
  return { node: root, offset: root.childNodes.length }
}
