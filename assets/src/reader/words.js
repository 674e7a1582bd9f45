// The script's texts in the interface's language, which the page contains.

/**
 * @typedef {object} Words
 * @property {string} lang
 * @property {(key: string, values?: Record<string, string>) => string} say
 * @property {(key: string, n: number) => string} count picks the text for n by the language's plurals
 * @property {Intl.NumberFormat} number
 */

/**
 * @param {HTMLElement} main
 * @returns {Words}
 */
export function wordsOf(main) {
  const texts = JSON.parse(main.dataset.words)
  const { lang } = texts
  const plural = new Intl.PluralRules(lang)
  // The server uses Latin digits in all languages.
  const number = new Intl.NumberFormat(lang, { numberingSystem: 'latn' })
  const fill = (text, values) => text.replace(/{(\w+)}/g, (_, name) => values[name])
  return {
    lang,
    number,
    say: (key, values) => fill(texts[key], values),
    count: (key, n) => fill(texts[key][plural.select(n)] || texts[key].other, { n: number.format(n) }),
  }
}
