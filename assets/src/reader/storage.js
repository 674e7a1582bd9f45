// What a reader has the browser remember. A browser may refuse; then it is as if nothing had been kept.

/** @param {string} name */
export function kept(name) {
  try {
    return localStorage.getItem(`readout.${name}`)
  } catch {
    return null
  }
}

/**
 * @param {string} name
 * @param {string | null} value null forgets
 */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(`readout.${name}`)
    else localStorage.setItem(`readout.${name}`, value)
  } catch {
    // It is not kept.
  }
}
