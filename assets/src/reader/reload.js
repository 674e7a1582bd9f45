// Starting again from the page, when the server says that the way from here to there is lost.

/** A reload that comes of a reload waits until the page is this old, so that none can loop. */
const oncePer = 60e3

/** Goes to where the reload before this page left the reader. */
export function returnToPlace() {
  if (history.scrollRestoration !== 'manual') return
  const article = document.getElementById(location.hash.slice(1))
  if (article) article.scrollIntoView({ block: 'start', behavior: 'instant' })
  // Browsers restore the old position after the load event still, if they may.
  setTimeout(() => {
    history.scrollRestoration = 'auto'
  }, 1e3)
}

/**
 * @param {() => HTMLElement | undefined} reading finds the entry that is being read, if the reader is not at the top
 */
export function reloader(reading) {
  let due = false
  return () => {
    if (due) return
    due = true
    const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'))
    const wait = navigation && navigation.type === 'reload' ? Math.max(0, oncePer - performance.now()) : 0
    setTimeout(() => {
      const article = reading()
      if (article) {
        // An entry that was loaded in place stands on an older page.
        const url = new URL(article.dataset.page || location.href, location.href)
        url.hash = article.id
        history.replaceState(null, '', url)
        history.scrollRestoration = 'manual' // the place is the entry, not so many pixels of another page
      }
      location.reload()
    }, wait + Math.random() * 3e3)
  }
}
