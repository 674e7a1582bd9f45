// What a screen reader says: one short sentence for all that came together, never whole entries.

const together = 1e3

/**
 * @param {HTMLElement} region with role=status
 * @returns {(sentence: (before: number) => string, n?: number) => void} sentence is given the sum of n of those that
 *   have not been said yet; it takes their place
 */
export function announcer(region) {
  let timer = 0
  let sum = 0
  let say
  return (sentence, n = 0) => {
    const before = n ? sum : 0
    sum += n
    const text = sentence(before)
    say = text
    if (timer) return
    region.textContent = '' // the same sentence again is said only when the region was empty between
    timer = setTimeout(() => {
      timer = sum = 0
      region.textContent = say
    }, together)
  }
}
