// Changes elements into newer versions of themselves in place. What both versions have stays the same nodes, with the
// text that is selected in it and the focus.

/** Attributes that only scripts set. */
const own = new Set(['tabindex', 'data-page'])

/** Above this number of possible pairs, what differs is replaced. */
const maxPairs = 2500

/**
 * @param {Element} here
 * @param {Element} next its nodes may move to the page
 */
export function patch(here, next) {
  for (const { name } of [...here.attributes]) {
    if (!next.hasAttribute(name) && !own.has(name)) here.removeAttribute(name)
  }
  for (const { name, value } of next.attributes) {
    if (here.getAttribute(name) !== value) here.setAttribute(name, value)
  }
  // What scripts have added with data-own stays.
  const old = [...here.childNodes].filter((e) => !(e instanceof HTMLElement && 'own' in e.dataset))
  const wanted = [...next.childNodes]
  const pairs = pair(old, wanted)
  const kept = new Set(pairs.values())
  for (const node of old) if (!kept.has(node)) node.remove()
  let at = here.firstChild
  for (const node of wanted) {
    const match = pairs.get(node)
    if (!match) {
      here.insertBefore(node, at)
      continue
    }
    at = match.nextSibling
    if (match.isEqualNode(node)) continue
    if (match instanceof Element) patch(match, /** @type {Element} */ (node))
    else replaceText(/** @type {CharacterData} */ (match), node.nodeValue)
  }
}

/**
 * @param {ChildNode[]} old
 * @param {ChildNode[]} wanted
 * @returns {Map<ChildNode, ChildNode>} by wanted node the old one that becomes it; both in the same order
 */
function pair(old, wanted) {
  const pairs = new Map()
  let first = 0
  let a = old.length
  let b = wanted.length
  while (first < a && first < b && old[first].isEqualNode(wanted[first])) pairs.set(wanted[first], old[first++])
  while (a > first && b > first && old[a - 1].isEqualNode(wanted[b - 1])) pairs.set(wanted[--b], old[--a])
  const left = old.slice(first, a).map(candidate)
  const right = wanted.slice(first, b).map(candidate)
  if (left.length * right.length > maxPairs) return pairs
  // best[i][j] is the greatest sum of likenesses for left from i and right from j.
  const best = Array.from({ length: left.length + 1 }, () => new Float64Array(right.length + 1))
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const like = likeness(left[i], right[j])
      best[i][j] = Math.max(like && like + best[i + 1][j + 1], best[i + 1][j], best[i][j + 1])
    }
  }
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (best[i][j] === best[i + 1][j]) i++
    else if (best[i][j] === best[i][j + 1]) j++
    else pairs.set(right[j++].node, left[i++].node)
  }
  return pairs
}

/** @typedef {{node: Node, text: string}} Candidate */

/** @param {Node} node @returns {Candidate} */
const candidate = (node) => ({ node, text: node.textContent })

/**
 * @param {Candidate} from
 * @param {Candidate} to
 * @returns {number} 0 if one cannot become the other, at most 1
 */
function likeness({ node: a, text: from }, { node: b, text: to }) {
  if (a.nodeName !== b.nodeName) return 0
  let sum = 0.1
  if (a instanceof Element && b instanceof Element) {
    // Somebody who uses a link or an element with an id would find themselves elsewhere.
    if (a.id !== b.id || a.getAttribute('href') !== b.getAttribute('href')) return 0
    if (a.className === b.className) sum += 0.1
  }
  const start = commonStart(from, to)
  const length = Math.max(from.length, to.length)
  return sum + (length && (0.8 * (start + commonEnd(from, to, start))) / length)
}

/**
 * @param {string} a
 * @param {string} b
 * @returns {number} how many characters both have in common at the start
 */
export function commonStart(a, b) {
  let n = 0
  while (n < a.length && n < b.length && a[n] === b[n]) n++
  return n
}

/**
 * @param {string} a
 * @param {string} b
 * @param {number} [start] how many characters at the start do not count
 * @returns {number} how many characters both have in common at the end
 */
export function commonEnd(a, b, start = 0) {
  const most = Math.min(a.length, b.length) - start
  let n = 0
  while (n < most && a[a.length - 1 - n] === b[b.length - 1 - n]) n++
  return n
}

/**
 * Replaces only the part of a text that differs, since a selection ends where text is replaced.
 * @param {CharacterData} node
 * @param {string} text
 */
function replaceText(node, text) {
  const start = commonStart(node.data, text)
  const end = commonEnd(node.data, text, start)
  node.replaceData(start, node.length - start - end, text.slice(start, text.length - end))
}
