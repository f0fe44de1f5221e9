// Makes elements of a page; texts never become markup.

/**
 * Makes an element.
 *
 *     element("button", { class: "quiet", text: "Back", onclick: back, disabled: false })
 *
 * `text` is its text, `on…` are listeners, false and null leave an attribute out, true gives it without a value.
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (key === "text") made.textContent = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

/** A message as a sentence. Many begin with a name, such as `hp`, whose spelling counts. */
export function sentence(text) { return /[.!?]$/.test(text) ? text : `${text}.`; }
