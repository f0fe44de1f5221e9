// Makes elements of the page; texts never become markup.

/** Makes an element: `element("a", { href, className }, "text", otherElement)`. */
export function element(name, properties, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (key.startsWith("data-") || key.startsWith("aria-") || key === "role") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

/** The address of a file in the editor. */
export function address(file, line) {
  return `/admin/editor?file=${encodeURIComponent(file)}${line ? `&line=${line}` : ""}`;
}

/** A message as a sentence. */
export function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}

/** Turns texts such as `events/move/to.lua:3:8: …` into links to that line. */
export function linked(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(/([A-Za-z0-9_./-]+\.(?:lua|yaml|tmj|world)):(\d+)/g)) {
    parts.push(text.slice(end, match.index), element("a", { href: address(match[1], match[2]) }, match[0]));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}
