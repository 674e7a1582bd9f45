// What the script says, in the interface's language: the page brings the texts.

/**
 * @typedef {object} Words
 * @property {string} lang
 * @property {(key: string, places?: Record<string, string>) => string} say
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
  // The digits are those of the page.
  const number = new Intl.NumberFormat(lang, { numberingSystem: 'latn' })
  const fill = (text, places) => text.replace(/{(\w+)}/g, (_, name) => places[name])
  return {
    lang,
    number,
    say: (key, places) => fill(texts[key], places),
    count: (key, n) => fill(texts[key][plural.select(n)] || texts[key].other, { n: number.format(n) }),
  }
}
