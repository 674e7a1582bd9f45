// Sharing one entry: by what the device offers, or the link on the clipboard. The link opens the stream around the entry.

/**
 * @param {HTMLElement} main
 * @param {import('./words.js').Words} words
 * @param {(sentence: () => string) => void} announce
 */
export function sharing(main, words, announce) {
  main.addEventListener('click', (event) => {
    const button = /** @type {Element} */ (event.target).closest('[data-share]')
    const article = button && /** @type {HTMLElement} */ (button.closest('[data-number]'))
    if (!article) return
    const { number } = article.dataset
    const url = new URL(`/live/${main.dataset.blog}?around=${number}#entry-${number}`, location.href).href
    const headline = article.querySelector('.headline')
    if (navigator.share) {
      navigator.share({ url, title: headline ? headline.textContent : document.title }).catch(() => {}) // given up
      return
    }
    const copied = () => {
      const was = button.textContent
      button.textContent = words.say('copied')
      announce(() => words.say('copied'))
      setTimeout(() => (button.textContent = was), 3e3)
    }
    const show = () => prompt(words.say('copy'), url)
    if (navigator.clipboard) navigator.clipboard.writeText(url).then(copied, show)
    else show()
  })
}
