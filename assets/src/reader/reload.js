// Reloading the page when it cannot be brought up to date by changes.

/** A page that is the result of a reload must be this old before the next reload, so that reloads cannot loop. */
const minAge = 60e3

/** Scrolls to the entry that was being read before the page was reloaded. */
export function returnToPlace() {
  if (history.scrollRestoration !== 'manual') return
  const article = document.getElementById(location.hash.slice(1))
  if (article) article.scrollIntoView({ block: 'start', behavior: 'instant' })
  // Browsers may restore the old scroll position even after the load event, unless this is set for a while longer.
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
    const wait = navigation && navigation.type === 'reload' ? Math.max(0, minAge - performance.now()) : 0
    setTimeout(() => {
      const article = reading()
      if (article) {
        // An entry that was loaded in place is on an older page.
        const url = new URL(article.dataset.page || location.href, location.href)
        url.hash = article.id
        history.replaceState(null, '', url)
        history.scrollRestoration = 'manual' // return to the entry and not to a number of pixels
      }
      location.reload()
    }, wait + Math.random() * 3e3)
  }
}
