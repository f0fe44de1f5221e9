// The help: on small screens its two lists are opened by buttons, and on large ones the list of sections follows the text.

const buttons = [...document.querySelectorAll(".toggles button")];

function show(button, isOpen) { button.setAttribute("aria-expanded", isOpen); listOf(button).classList.toggle("open", isOpen); }
function listOf(button) { return document.getElementById(button.getAttribute("aria-controls")); }
function isOpen(button) { return button.getAttribute("aria-expanded") === "true"; }

for (const button of buttons) {
  button.addEventListener("click", () => {
    const opens = !isOpen(button);
    for (const other of buttons) show(other, other === button && opens);
  });
}

document.addEventListener("keydown", event => {
  const open = buttons.find(isOpen);
  if (event.key !== "Escape" || !open) return;
  show(open, false);
  open.focus();
});

// A section was chosen: what covered the text is not needed any more.
document.getElementById("contents")?.addEventListener("click", event => {
  if (event.target.closest("a")) for (const button of buttons) show(button, false);
});

// Marks the section that is read. The bar of sections scrolls by itself, so that its mark is in view.
const contents = document.getElementById("contents");
if (contents) {
  const links = new Map([...contents.querySelectorAll("a")].map(link => [decodeURIComponent(link.hash.slice(1)), link]));
  const headings = [...links.keys()].map(id => document.getElementById(id)).filter(Boolean);
  let marked;
  const mark = () => {
    const isAtEnd = scrollY > 0 && innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const read = isAtEnd ? headings.at(-1) : headings.findLast(heading => heading.getBoundingClientRect().top < 110) ?? headings[0];
    const link = links.get(read?.id);
    if (link === marked || !link) return;
    marked?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    marked = link;
    const [bar, place] = [contents.getBoundingClientRect(), link.getBoundingClientRect()];
    if (place.top < bar.top + 30 || place.bottom > bar.bottom - 30) contents.scrollTop += place.top - bar.top - bar.height / 2;
  };
  let isWaiting = false;
  addEventListener("scroll", () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => { isWaiting = false; mark(); });
  }, { passive: true });
  mark();
}

// The page that is shown is in view in the list of pages.
const shown = document.querySelector("#documents a[aria-current]");
const list = document.getElementById("documents");
if (shown && list.scrollHeight > list.clientHeight) list.scrollTop = Math.max(0, shown.offsetTop - list.offsetTop - list.clientHeight / 2);
