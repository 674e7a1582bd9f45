// composing reports whether a key event belongs to an input method, which composes characters from several keys. Safari
// sends the key that ends a composition after its end: isComposing is false then, but the key code is still 229.
export const composing = (event) => event.isComposing || event.keyCode === 229;
