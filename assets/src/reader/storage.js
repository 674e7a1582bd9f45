// The reader's settings in localStorage. If the browser refuses access, nothing is remembered.

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
 * @param {string | null} value null removes it
 */
export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(`readout.${name}`)
    else localStorage.setItem(`readout.${name}`, value)
  } catch {
    // Not remembered.
  }
}
