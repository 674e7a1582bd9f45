// followKeyboard keeps what sticks to the window's end above an on-screen keyboard, in browsers in which the keyboard
// covers the page instead of making it smaller.
export function followKeyboard(element) {
  const view = window.visualViewport;
  if (!view) return;
  const place = () => {
    // A page that is zoomed in is not covered.
    const covered = view.scale > 1 ? 0 : Math.max(0, innerHeight - view.height - view.offsetTop);
    element.style.setProperty("--covered", `${Math.round(covered)}px`);
  };
  view.addEventListener("resize", place);
  view.addEventListener("scroll", place);
  place();
}
