// Makes elements of a page; texts never become markup.

/**
 * Makes an element with attributes and children.
 *
 *     element("button", { class: "quiet", onclick: back, disabled: false }, "Back")
 *
 * `text` is its text, `on…` are listeners; false, null and undefined leave an attribute or a child out; true gives an attribute no value.
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key === "text") made.textContent = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter(child => child !== false && child !== null && child !== undefined));
  return made;
}

/** A table of rows of cells, each a text or a node, below a row of titles. */
export function table(titles, rows) {
  return element("table", {},
    element("thead", {}, element("tr", {}, ...titles.map(title => element("th", { scope: "col" }, title)))),
    element("tbody", {}, ...rows.map(cells => element("tr", {}, ...cells.map(cell => element("td", {}, cell))))));
}

/** A number with its noun: `3 lines` of `count(3, "line")`, `2 entities` of `count(2, "entity", "entities")`. */
export function count(number, one, many = `${one}s`) { return `${number.toLocaleString()} ${number === 1 ? one : many}`; }

/** A message with its full stop. */
export function closed(text) { return /[.!?]$/.test(text) ? text : `${text}.`; }

/** A message as a sentence. Not for those that begin with a name of the game, such as `hp`: its spelling counts. */
export function sentence(text) { return text.charAt(0).toUpperCase() + closed(text).slice(1); }
