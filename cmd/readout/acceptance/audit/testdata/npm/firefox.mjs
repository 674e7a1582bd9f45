// Does what a reader and an editor do, in Firefox over WebDriver BiDi, and prints what it saw as one line of JSON.
// Usage: node firefox.mjs BROWSER URL PARTNER TOKEN EMAIL PASSWORD
import { setTimeout } from 'node:timers/promises'
import puppeteer from 'puppeteer-core'

const [executablePath, base, partner, token, email, password] = process.argv.slice(2)
const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true })
const seen = { errors: [] }
try {
  const page = await browser.newPage()
  page.setDefaultTimeout(120e3) // the machine may be busy with other tests
  page.on('pageerror', (e) => seen.errors.push(String(e)))
  page.on('console', (m) => m.type() === 'error' && seen.errors.push(m.text()))
  await page.setViewport({ width: 1280, height: 800 })
  await page.goto(`${base}/live/summit`)
  // Waits until a condition holds in a page. It polls from here, since Firefox delays the frames and timers of a tab in
  // the background, by minutes on a busy machine. An evaluation that fails counts as false: the element may not exist
  // yet, or the page may be about to change.
  const until = async (condition, where = page) => {
    const end = Date.now() + 120e3
    while (!(await where.evaluate(`Boolean(${condition})`).catch(() => false))) {
      if (Date.now() > end) {
        const shown = await where.evaluate(() => document.querySelector('main')?.innerText.slice(0, 500))
        throw new Error(`waited in vain for ${condition} at ${where.url()}, which shows ${shown}`)
      }
      await setTimeout(50)
    }
  }
  await until(`document.querySelector('[data-connection="live"]')`)
  seen.stored = await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length)

  // The desk, in another tab.
  const desk = await browser.newPage()
  desk.setDefaultTimeout(120e3)
  desk.on('pageerror', (e) => seen.errors.push(String(e)))
  await desk.goto(`${base}/login`)
  await desk.type('[name=email]', email)
  await desk.type('[name=password]', password)
  // Wait for the page that answers a form: if it came later, it would replace the page that the test opens next.
  const send = (button) => Promise.all([desk.waitForNavigation(), desk.click(button)])
  await send('main button')
  seen.desk = new URL(desk.url()).pathname
  const post = async (headline) => {
    await desk.goto(`${base}/desk/summit`)
    await desk.type('[name=headline]', headline)
    await desk.type('[name=body]', 'Written in Firefox.')
    await desk.click('[name=action][value=publish]')
    await until(`document.querySelector('form[data-composer][aria-busy=false] [name=headline]').value === ''`, desk)
  }
  const change = async (path, field, text, button) => {
    await desk.goto(base + path)
    if (field) {
      await desk.$eval(field, (e) => (e.value = ''))
      await desk.type(field, text)
    }
    await send(button)
  }

  // The entry that is read must not move, in any frame.
  await page.bringToFront()
  await page.evaluate(() => {
    const article = document.querySelector('#entry-20')
    scrollTo(0, article.getBoundingClientRect().top + scrollY + 21)
    const from = article.getBoundingClientRect().top
    window.strayed = 0
    const measure = () => {
      window.strayed = Math.max(window.strayed, Math.abs(article.getBoundingClientRect().top - from))
      requestAnimationFrame(measure)
    }
    measure()
  })
  await post('From Firefox')
  await page.bringToFront()
  await until(`[...document.querySelectorAll('.headline')].some((h) => h.textContent === 'From Firefox')`)
  await until(`!document.querySelector('[data-new]').hidden`)
  seen.notice = await page.evaluate(() => document.querySelector('[data-count]').textContent)

  // An edit, a removal and a new title, above the entry that is read.
  await change('/desk/summit/entries/31', '[name=headline]', 'Edited', '[name=action][value=publish]')
  await page.bringToFront()
  await until(`document.querySelector('#entry-31 .headline').textContent === 'Edited'`)
  await change('/desk/summit/entries/30/remove', '', '', '.danger')
  await page.bringToFront()
  await until(`!document.querySelector('#entry-30')`)
  await change('/desk/summit/settings', '[name=title]', 'Another title', 'main form button[type=submit]')
  await page.bringToFront()
  await until(`document.querySelector('[data-title]').textContent === 'Another title'`)

  // Thirty posts, ten edits and ten removals more.
  const api = async (method, path, body) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'If-Match': '"1"' }
    if (method === 'POST') delete headers['If-Match']
    const address = `${base}/api/v1/blogs/summit/entries${path}`
    const res = await fetch(address, { method, headers, body: body && JSON.stringify(body) })
    if (!res.ok) throw new Error(`${method} ${path}: ${res.status} ${await res.text()}`)
    return method === 'POST' ? (await res.json()).number : 0
  }
  for (let i = 0; i < 10; i++) {
    const posted = []
    for (let k = 0; k < 3; k++) {
      const entry = { headline: `Update ${i}.${k}`, body: 'They talk on. '.repeat(20 + 9 * k) }
      posted.push(await api('POST', '', entry))
    }
    await api('PATCH', `/${i < 9 ? 21 + i : posted[0]}`, { body: 'It has another text now. '.repeat(60) })
    await api('DELETE', `/${posted[1]}`)
    await until(`document.querySelector('#entry-${posted[2]}') && !document.querySelector('#entry-${posted[1]}')`)
  }
  await until(`document.querySelector('#entry-29[data-revision="2"]')`)
  seen.many = await page.evaluate(() => document.querySelector('[data-count]').textContent)
  seen.strayed = await page.evaluate(() => new Promise((done) => {
    let frames = 0
    const next = () => (++frames < 5 ? requestAnimationFrame(next) : done(window.strayed))
    next()
  }))

  const before = await page.evaluate(() => document.querySelectorAll('[data-stream] > article').length)
  await page.evaluate(() => document.querySelector('a[data-older]').click())
  await until(`document.querySelectorAll('[data-stream] > article').length > ${before}`)
  seen.older = true

  await page.select('[data-times]', 'utc')
  seen.utc = await page.evaluate(() => document.querySelector('.when time .zone').textContent)

  // On a partner's page.
  await page.goto(partner)
  await until(`document.querySelector('iframe')?.getBoundingClientRect().height > 200`)
  const frame = await (await page.$('iframe')).contentFrame()
  await post('For partners')
  await page.bringToFront()
  await until(`[...document.querySelectorAll('.headline')].some((h) => h.textContent === 'For partners')`, frame)
  seen.embedded = await frame.evaluate(() => document.cookie.length + document.querySelectorAll('article').length)
} finally {
  await browser.close()
}
console.log(JSON.stringify(seen))
