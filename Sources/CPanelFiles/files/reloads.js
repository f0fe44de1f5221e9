// What a reload of the game folder did, as a part of a page.

import { element } from "./elements.js";
import { linkPlaces } from "./places.js";

/** Shows the answer of a reload in an element: what is wrong, with links to the lines, and what changed on which map. */
export function showReload(place, title, { changes, effects, problems }) {
  const lines = [...changes, ...Object.entries(effects).flatMap(([map, texts]) => texts.map(text => `Map ${map}: ${text}`))];
  const parts = [element("h2", {}, title)];
  for (const { file, line, column, message } of problems) {
    const position = [file, line, column].filter(part => part !== null && part !== undefined).join(":");
    parts.push(element("p", { class: "notice bad" }, linkPlaces(`${position}: ${message}`)));
  }
  if (problems.length) {
    parts.push(element("p", { class: "hint" }, "A file with mistakes changes nothing: its former version goes on running."));
  }
  parts.push(lines.length
    ? element("ul", {}, ...lines.map(line => element("li", {}, linkPlaces(line))))
    : element("p", { class: "empty" }, "Nothing changed in the running game."));
  place.replaceChildren(...parts);
  place.hidden = false;
}
