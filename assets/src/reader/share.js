// Sharing an entry: with the device's share sheet, or by copying a link. The link opens the stream around the entry.

/**
 * @param {HTMLElement} main
 * @param {import('./words.js').Words} words
 * @param {(sentence: () => string) => void} announce
 */
export function sharing(main, words, announce) {
  main.addEventListener('click', (event) => {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest('[data-share]'))
    const article = button && /** @type {HTMLElement} */ (button.closest('[data-number]'))
    if (!article) return
    const { number } = article.dataset
    const url = new URL(`/live/${main.dataset.blog}?around=${number}#entry-${number}`, location.href).href
    const headline = article.querySelector('.headline')
    const title = headline ? headline.textContent : document.title
    const copied = () => {
      const name = button.textContent
      const said = words.say('copied')
      announce(() => said)
      if (name === said) return
      button.textContent = said
      setTimeout(() => (button.textContent = name), 3e3)
    }
    // If the browser does not allow writing to the clipboard, show the link so that the reader can copy it.
    const show = () => {
      const field = document.createElement('input')
      field.className = 'link'
      field.dataset.own = ''
      field.readOnly = true
      field.dir = 'ltr'
      field.value = url
      field.setAttribute('aria-label', words.say('copy'))
      field.addEventListener('blur', () => field.remove())
      field.addEventListener('keydown', ({ key }) => key === 'Escape' && button.focus())
      button.after(field)
      field.select()
    }
    const copy = () => (navigator.clipboard ? navigator.clipboard.writeText(url).then(copied, show) : show())
    // Sharing fails in a frame without permission, and when the reader cancels it.
    if (!navigator.share) copy()
    else navigator.share({ url, title }).catch(({ name }) => name === 'AbortError' || copy())
  })
}
