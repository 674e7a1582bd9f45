/**
 * The two parts of a cursor, "epoch.seq".
 * @param {string} text
 */
export function parseCursor(text) {
  const [epoch, seq] = text.split('.')
  return { epoch, seq: Number(seq) }
}
