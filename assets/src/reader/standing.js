// Where tracks, claims and figures stand in a page: what is said aloud when one of them stands otherwise.

const longest = 120

/** @param {Element} e */
const words = (e) => e.textContent.replace(/\s+/g, ' ').trim()

/**
 * @param {Element} root
 * @returns {Map<string, string>} such as "Rare earths: in talks", by what it is about
 */
export function standings(root) {
  const all = new Map()
  for (const e of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('[data-standing]'))) {
    const [name, state] = [e.querySelector('.name'), e.querySelector('.state')]
    if (!name || !state) continue
    let text = words(name)
    if (text.length > longest) text = text.slice(0, longest) + '…'
    const now = words(state)
    all.set(e.dataset.standing, `${text.replace(/\.$/, '')}: ${now.charAt(0).toLowerCase()}${now.slice(1)}`)
  }
  return all
}

/**
 * @param {Map<string, string>} before
 * @param {Map<string, string>} after
 * @returns {Map<string, string>} those of after that were otherwise before
 */
export const otherwise = (before, after) => new Map([...after].filter(([about, text]) => before.has(about) && before.get(about) !== text))
