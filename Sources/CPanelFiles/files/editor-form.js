// The form of a script's annotations. It shows what the text says, and changes the text by way of the server, so that
// the file has the same lines as a person would write.

import { element, sentence } from "./elements.js";

const types = ["number", "string", "boolean", "table", "any"];

/** Connects the form; `apply(fields)` changes the text and returns the fields that it has then. */
export function connectForm(form, apply) {
  if (!form) return { fill() {}, settled: Promise.resolve() };
  const problem = form.querySelector(".problem");
  const isReadOnly = "readOnly" in form.dataset;
  // Until it shows what the text says, nothing in it may change the text.
  const fieldset = form.querySelector("fieldset");
  fieldset.disabled = true;
  let shown = null;
  const connected = { fill, settled: Promise.resolve() };

  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("change", event => {
    if (event.target.name === "way" && event.target.value === "lua") return showWay();
    changed();
  });
  form.addEventListener("click", event => {
    const remove = event.target.closest(".remove-parameter");
    if (remove) {
      remove.closest("tr").remove();
      changed();
    }
    if (event.target.id === "add-parameter") {
      const row = parameterRow({ name: "", type: "number", default: "", about: "" });
      form.querySelector("tbody").append(row);
      row.querySelector("input").focus();
    }
  });

  /** Shows what the text says; fields that somebody is typing into stay. */
  function fill(fields) {
    if (!fields || form.contains(document.activeElement) && JSON.stringify(fields) === JSON.stringify(shown)) return;
    shown = fields;
    fieldset.disabled = isReadOnly;
    for (const [name, value] of Object.entries(fields)) {
      for (const field of form.querySelectorAll(`[name="${name}"]`)) put(field, value);
    }
    if (fields.kind === "timeout") {
      const isNumber = fields.seconds !== undefined && fields.seconds !== null;
      for (const way of form.querySelectorAll("[name=way]")) way.checked = (way.value === "number") === isNumber;
      put(form.querySelector("[name=seconds]"), fields.seconds ?? "");
      showWay();
    }
    if (fields.parameters) showParameters(fields.parameters);
  }

  function put(field, value) {
    if (field.type === "checkbox") {
      field.checked = Array.isArray(value) ? value.includes(field.value) : value === true;
    } else if (field.matches("select")) {
      // A wrong value in the file is shown, too.
      field.querySelector("[data-wrong]")?.remove();
      if (![...field.options].some(option => option.value === value)) {
        field.append(element("option", { value, "data-wrong": "" }, value || "missing"));
      }
      field.value = value;
    } else if (field !== document.activeElement) {
      field.value = value ?? "";
    }
  }

  function showWay() {
    const seconds = form.querySelector("[name=seconds]");
    if (seconds) seconds.disabled = !form.querySelector("[name=way][value=number]").checked;
  }

  function showParameters(parameters) {
    const body = form.querySelector("tbody");
    const focused = [...body.querySelectorAll("input, select")].indexOf(document.activeElement);
    const unfinished = [...body.rows].filter(row => row.dataset.was === undefined && !row.querySelector("[data-field=name]").value);
    body.replaceChildren(...parameters.map(parameterRow), ...unfinished);
    if (focused >= 0) body.querySelectorAll("input, select")[focused]?.focus();
  }

  function parameterRow({ was, name, type, default: value, about }) {
    const choice = element("select", { "data-field": "type", "aria-label": "Type" },
      ...[...types, ...(types.includes(type) ? [] : [type])].map(text => element("option", { value: text }, text)));
    choice.value = type;
    const field = (key, text, label) => element("input", {
      "data-field": key, value: text, "aria-label": label, autocomplete: "off", spellcheck: String(key === "about"),
    });
    const cells = [
      ["Name", field("name", name, "Name")], ["Type", choice],
      ["Default", field("default", value, "Default, as JSON")], ["What for", field("about", about, "What it is for")],
    ];
    const row = element("tr", {}, ...cells.map(([label, input]) => element("td", { "data-label": label }, input)),
      element("td", { class: "actions" }, isReadOnly ? null
        : element("button", { type: "button", class: "quiet remove-parameter", "aria-label": `Remove ${name || "the parameter"}` }, "Remove")));
    if (was !== undefined && was !== null) row.dataset.was = was;
    return row;
  }

  /** What the form says now. */
  function collected() {
    const fields = { ...shown };
    for (const name of ["about", "type", "default", "order", "life_radius", "share"]) {
      const field = form.querySelector(`[name="${name}"]`);
      if (field) fields[name] = field.value.trim();
    }
    for (const name of ["private", "public", "repeat"]) {
      const field = form.querySelector(`[name="${name}"]`);
      if (field) fields[name] = field.checked;
    }
    if (shown.entities) {
      fields.entities = [...form.querySelectorAll("[name=entities]:checked")].map(field => field.value);
    }
    if (shown.kind === "timeout") {
      const isNumber = form.querySelector("[name=way][value=number]").checked;
      const seconds = form.querySelector("[name=seconds]").value.trim().replace(",", ".");
      fields.seconds = isNumber && seconds ? seconds : null;
    }
    if (shown.parameters) {
      fields.parameters = [...form.querySelectorAll("tbody tr")].map(row => ({
        was: row.dataset.was === undefined ? null : Number(row.dataset.was),
        ...Object.fromEntries([...row.querySelectorAll("[data-field]")].map(field => [field.dataset.field, field.value.trim()])),
      })).filter(parameter => parameter.name || parameter.was !== null);
    }
    return fields;
  }

  function changed() {
    if (!shown || isReadOnly) return;
    connected.settled = connected.settled.then(async () => {
      problem.textContent = "";
      try {
        fill(await apply(collected()));
      } catch (error) {
        problem.textContent = sentence(error.message);
      }
    });
  }

  return connected;
}
