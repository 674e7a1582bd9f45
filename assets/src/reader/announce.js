// What a screen reader says: one short sentence for all that came together, never whole entries, and before it what
// moved in the talks.

const together = 1e3
const mostNews = 3

/**
 * @param {HTMLElement} region with role=status
 * @param {import('./words.js').Words} words
 */
export function announcer(region, words) {
  let timer = 0
  let sum = 0
  let say = ''
  /** @type {Map<string, string>} the newest of each thing that stands otherwise */
  const news = new Map()

  const later = () => {
    if (timer) return
    region.textContent = '' // the same sentence again is said only when the region was empty between
    timer = setTimeout(() => {
      const all = [...news.values()]
      const more = all.length - mostNews
      if (more > 0) all.splice(mostNews, more, words.count('more', more))
      if (say) all.push(say)
      region.textContent = all.length ? all.reduce((before, next) => words.say('together', { before, next })) : ''
      timer = sum = 0
      say = ''
      news.clear()
    }, together)
  }

  return {
    /**
     * @param {(before: number) => string} sentence is given the sum of n of those that have not been said yet; it takes
     *   their place
     * @param {number} [n]
     */
    announce(sentence, n = 0) {
      const before = n ? sum : 0
      sum += n
      say = sentence(before)
      later()
    },
    /** @param {Map<string, string>} sentences by what they are about */
    tell(sentences) {
      for (const [about, sentence] of sentences) {
        news.delete(about)
        news.set(about, sentence)
      }
      if (sentences.size) later()
    },
  }
}
