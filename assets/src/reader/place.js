// Where an entry stands in the stream: pinned ones first, then the newest, then the highest number.

/** @typedef {{pinned: boolean, published: bigint, number: number}} Place */

/**
 * @param {HTMLElement} article
 * @returns {Place}
 */
export const placeOf = ({ dataset }) => ({
  pinned: 'pinned' in dataset,
  published: BigInt(dataset.published),
  number: Number(dataset.number),
})

/**
 * Negative where a stands above b.
 * @param {Place} a
 * @param {Place} b
 */
export function compare(a, b) {
  if (a.pinned !== b.pinned) return a.pinned ? -1 : 1
  if (a.published !== b.published) return a.published > b.published ? -1 : 1
  return b.number - a.number
}

/**
 * The two parts of a cursor, "epoch.seq".
 * @param {string} text
 */
export function parseCursor(text) {
  const [epoch, seq] = text.split('.')
  return { epoch, seq: Number(seq) }
}
