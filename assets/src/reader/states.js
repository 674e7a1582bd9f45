// The states of tracks, claims and figures in a page, as sentences for screen readers.

const maxName = 120

/** @param {Element} e */
const textOf = (e) => e.textContent.replace(/\s+/g, ' ').trim()

/**
 * @param {Element} root
 * @param {import('./words.js').Words} words
 * @returns {Map<string, string>} sentences such as "Rare earths: in talks", by the thing that they are about
 */
export function statesIn(root, words) {
  const all = new Map()
  for (const e of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-standing]'))) {
    const [name, state] = /** @type {HTMLElement[]} */ (['.name', '.state'].map((part) => e.querySelector(part)))
    if (!name || !state) continue
    let text = textOf(name)
    if (text.length > maxName) text = text.slice(0, maxName) + '…'
    const now = state.dataset.said || textOf(state)
    all.set(e.dataset.standing, words.say('standing', { name: text.replace(/[.。]$/, ''), now }))
  }
  return all
}

/**
 * @param {Map<string, string>} before
 * @param {Map<string, string>} after
 * @returns {Map<string, string>} those of after that differ from before
 */
export const changedStates = (before, after) =>
  new Map([...after].filter(([about, text]) => before.has(about) && before.get(about) !== text))
