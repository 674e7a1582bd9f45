// The position of an entry in the stream: pinned entries first, then by time, newest first, then by number, highest
// first.

/** @typedef {{pinned: boolean, published: bigint, number: number}} Position */

/**
 * @param {HTMLElement} article
 * @returns {Position}
 */
export const positionOf = ({ dataset }) => ({
  pinned: 'pinned' in dataset,
  published: BigInt(dataset.published),
  number: Number(dataset.number),
})

/**
 * Returns a negative number if a is above b.
 * @param {Position} a
 * @param {Position} b
 */
export function compare(a, b) {
  if (a.pinned !== b.pinned) return a.pinned ? -1 : 1
  if (a.published !== b.published) return a.published > b.published ? -1 : 1
  return b.number - a.number
}
