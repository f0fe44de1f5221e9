// The table of entities, searched and paged by the server, and the dialog that adds one.

import { closed, element } from "./elements.js";

const size = 50;

export function connectTable(world, view) {
  const section = document.getElementById("entities");
  const form = document.getElementById("search");
  const body = section.querySelector("tbody");
  const empty = section.querySelector(".empty");
  const problem = section.querySelector(".problem");
  const [back, next] = section.querySelectorAll("[data-page]");
  let offset = 0, request = 0, timer;

  async function load() {
    const mine = ++request;
    const query = new URLSearchParams({ text: form.elements.text.value, type: form.elements.type.value, offset, limit: size });
    try {
      const answer = await world.ask("GET", `/entities?${query}`);
      if (mine !== request) return;
      // The last page may have ended meanwhile.
      if (!answer.entities.length && offset) {
        offset = Math.max(0, offset - size);
        return load();
      }
      problem.textContent = "";
      show(answer);
    } catch (error) {
      if (mine === request) problem.textContent = closed(error.message);
    }
  }

  function show({ entities, total }) {
    body.replaceChildren(...entities.map(row));
    empty.hidden = entities.length > 0;
    empty.textContent = form.elements.text.value || form.elements.type.value ? "Nothing matches." : "The map has no entities.";
    section.querySelector("table").hidden = entities.length === 0;
    const [first, last, all] = [offset + 1, offset + entities.length, total].map(number => number.toLocaleString());
    section.querySelector(".pager .hint").textContent = entities.length ? `${first} to ${last} of ${all}` : "";
    back.disabled = offset === 0;
    next.disabled = offset + entities.length >= total;
  }

  function row({ key, type, name, prefab, x, y, events }) {
    const round = number => Math.round(number * 100) / 100;
    return element("tr", { "data-key": key, "aria-current": key === world.chosen ? "true" : null },
      element("td", {}, element("button", { class: "link", text: key, onclick: () => world.choose(key) })),
      element("td", { class: "more", text: type }), element("td", { text: name }), element("td", { text: prefab }),
      element("td", { class: "place", text: `${round(x)}, ${round(y)}` }),
      element("td", { class: "more", text: events.join(", ") }));
  }

  function search() {
    clearTimeout(timer);
    offset = 0;
    load();
  }

  form.addEventListener("submit", event => {
    event.preventDefault();
    search();
  });
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 300);
  });
  back.addEventListener("click", () => { offset = Math.max(0, offset - size); load(); });
  next.addEventListener("click", () => { offset += size; load(); });
  document.addEventListener("changed", load);
  addEventListener("perigee-back", load);
  document.addEventListener("chosen", ({ detail }) => {
    for (const line of body.rows) {
      if (line.dataset.key === detail) line.setAttribute("aria-current", "true"); else line.removeAttribute("aria-current");
    }
  });
  connectAdding(world, view);
  load();
}

function connectAdding(world, view) {
  const dialog = document.getElementById("add-entity");
  if (!dialog) return;
  const form = dialog.querySelector("form");
  const problem = dialog.querySelector(".problem");
  document.getElementById("add-button").addEventListener("click", () => {
    problem.textContent = "";
    [form.elements.x.value, form.elements.y.value] = [view.middle.x, view.middle.y];
    dialog.showModal();
  });
  form.addEventListener("submit", async event => {
    event.preventDefault();
    problem.textContent = "";
    const { type, prefab, x, y, components } = Object.fromEntries(new FormData(form));
    const body = { type };
    if (prefab.trim()) body.prefab = prefab.trim();
    for (const [name, text] of [["x", x], ["y", y]]) {
      if (text.trim()) body[name] = Number.isFinite(Number(text)) ? Number(text) : text;
    }
    try {
      if (components.trim()) body.components = JSON.parse(components);
    } catch (error) {
      problem.textContent = `The components are not JSON: ${error.message}.`;
      return form.elements.components.focus();
    }
    try {
      const { key } = await world.ask("POST", "/entities", body);
      dialog.close();
      world.changed();
      world.choose(key);
    } catch (error) {
      problem.textContent = closed(error.message);
      form.elements[error.field]?.focus?.();
    }
  });
}
