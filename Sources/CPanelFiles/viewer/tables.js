// The tables beside the map: the own entity's fields and components, and the entities around.

import { KINDS, nameOf } from "./world.js";

const FIELDS = ["key", "login", "prefab", "x", "y", "z", "side", "action", "map_id"];
const MOST = 200; // entities that are listed

function text(value) {
  if (typeof value === "number" && !Number.isInteger(value)) return String(Math.round(value * 1000) / 1000);
  return typeof value === "string" ? value : JSON.stringify(value);
}

function row(name, ...cells) {
  const made = document.createElement(name);
  for (const cell of cells) {
    const part = document.createElement(name === "tr" ? "td" : "th");
    part.append(cell);
    made.append(part);
  }
  return made;
}

/** Shows an entity's own fields, its components, and the events that wait on it. */
export function showSelf(place, entity) {
  if (!entity) return place.replaceChildren();
  const table = document.createElement("table");
  const add = (title, pairs) => {
    if (!pairs.length) return;
    const head = row("tr", title);
    head.className = "group";
    head.firstChild.colSpan = 2;
    table.append(head, ...pairs.map(([name, value]) => row("tr", name, text(value))));
  };
  table.append(...FIELDS.filter(name => name in entity).map(name => row("tr", name, text(entity[name]))));
  add("Components", Object.entries(entity.components));
  add("Events that wait", Object.entries(entity.events).filter(([, event]) => event.action)
    .map(([group, event]) => [`${group}/${event.action}`, event.data ?? ""]));
  place.replaceChildren(table);
}

/** Lists the entities, nearest first. */
export function showAround(place, count, entities, self, picked) {
  const all = [...entities.values()];
  count.textContent = KINDS.map(kind => `${all.filter(({ type }) => type === kind).length} ${kind}`).join(", ");
  const distance = ({ x, y }) => self ? Math.hypot(x - self.x, y - self.y) : 0;
  all.sort((a, b) => distance(a) - distance(b) || a.key.localeCompare(b.key));
  const table = document.createElement("table");
  const head = document.createElement("tr");
  for (const title of ["name", "key", "x", "y", "action", "components"]) {
    const cell = document.createElement("th");
    cell.textContent = title;
    head.append(cell);
  }
  table.append(head, ...all.slice(0, MOST).map(entity => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = nameOf(entity);
    button.dataset.key = entity.key;
    const made = row("tr", button, entity.key, text(entity.x), text(entity.y), entity.action ?? "",
      Object.entries(entity.components).map(([name, value]) => `${name} ${text(value)}`).join(", "));
    if (entity.key === picked) made.className = "picked";
    return made;
  }));
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  place.replaceChildren(table);
  if (focused) place.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}
