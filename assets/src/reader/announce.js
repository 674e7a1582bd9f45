// Announcements for screen readers: what changed in the talks, then one short sentence for all updates that arrived
// within a second, never whole entries.

const debounce = 1e3
const maxNews = 3

/**
 * @param {HTMLElement} region with role=status
 * @param {import('./words.js').Words} words
 */
export function announcer(region, words) {
  let timer = 0
  let sum = 0
  let say = ''
  /** @type {Map<string, string>} the latest sentence about each thing that changed */
  const news = new Map()

  const later = () => {
    if (timer) return
    region.textContent = '' // a repeated sentence is only read if the region was empty in between
    timer = setTimeout(() => {
      const all = [...news.values()]
      const more = all.length - maxNews
      if (more > 0) all.splice(maxNews, more, words.count('more', more))
      if (say) all.push(say)
      region.textContent = all.length ? all.reduce((before, next) => words.say('together', { before, next })) : ''
      timer = sum = 0
      say = ''
      news.clear()
    }, debounce)
  }

  return {
    /**
     * @param {(before: number) => string} sentence replaces sentences that have not been read yet; it gets the sum of
     *   their n
     * @param {number} [n]
     */
    announce(sentence, n = 0) {
      const before = n ? sum : 0
      sum += n
      say = sentence(before)
      later()
    },
    /** @param {Map<string, string>} sentences by the thing that they are about */
    tell(sentences) {
      for (const [about, sentence] of sentences) {
        news.delete(about)
        news.set(about, sentence)
      }
      if (sentences.size) later()
    },
  }
}
