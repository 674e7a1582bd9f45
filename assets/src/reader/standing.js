// Where tracks, claims and figures stand in a page: what is said aloud when one of them stands otherwise.

const longest = 120

/** @param {Element} e */
const textOf = (e) => e.textContent.replace(/\s+/g, ' ').trim()

/**
 * @param {Element} root
 * @param {import('./words.js').Words} words
 * @returns {Map<string, string>} such as "Rare earths: in talks", by what it is about
 */
export function standings(root, words) {
  const all = new Map()
  for (const e of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-standing]'))) {
    const [name, state] = /** @type {HTMLElement[]} */ (['.name', '.state'].map((part) => e.querySelector(part)))
    if (!name || !state) continue
    let text = textOf(name)
    if (text.length > longest) text = text.slice(0, longest) + '…'
    const now = state.dataset.said || textOf(state)
    all.set(e.dataset.standing, words.say('standing', { name: text.replace(/[.。]$/, ''), now }))
  }
  return all
}

/**
 * @param {Map<string, string>} before
 * @param {Map<string, string>} after
 * @returns {Map<string, string>} those of after that were otherwise before
 */
export const otherwise = (before, after) => new Map([...after].filter(([about, text]) => before.has(about) && before.get(about) !== text))
