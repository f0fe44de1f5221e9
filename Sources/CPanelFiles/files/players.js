// The pages of players: forms whose values have types, and the form of saved values.
//
//   <form data-send="PUT /path">    sends its fields as JSON: `data-type="number"` as numbers, `data-type="duration"` as
//                                   the time that many seconds from now, `data-empty="absent"` not when it is empty
//   <form data-saved="/path">       sends the values that were changed, by their `data-part` and `data-kind`
//
// After a success the page is loaded again; a refusal is shown in the form's `.problem`.

import { call, logInAgain, Refusal } from "./api.js";
import { sentence } from "./elements.js";
import { Mistake } from "./parameters.js";

/** The end of a duration, in Unix seconds; undefined for ever. */
function end(field) {
  if (field.value === "") return undefined;
  if (field.value !== "date") return Math.round(Date.now() / 1000) + Number(field.value);
  const date = field.form.elements.date;
  const time = new Date(date.value).getTime() / 1000;
  if (!Number.isFinite(time)) throw new Mistake(date.name, "Give the date and the time.");
  return time;
}

function typed(form) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name || field.name === "date") continue;
    if (field.dataset.type === "duration") body[field.name] = end(field);
    else if (field.dataset.type === "number") body[field.name] = Number(field.value);
    else if (field.value !== "" || field.dataset.empty !== "absent") body[field.name] = field.value.trim();
  }
  return body;
}

function value(field) {
  const text = field.value;
  switch (field.dataset.kind) {
    case "number": {
      if (text.trim() === "") return null;
      const number = Number(text);
      if (!Number.isFinite(number)) throw new Mistake(field.name, `${field.name} must be a number.`);
      return number;
    }
    case "boolean": return text === "" ? null : text === "true";
    case "json":
      if (text.trim() === "") return null;
      try {
        return JSON.parse(text);
      } catch (error) {
        throw new Mistake(field.name, `${field.name} is not JSON: ${error.message}`);
      }
    default: return text;
  }
}

function changes(form) {
  const body = {};
  for (const field of form.elements) {
    const part = field.dataset.part;
    if (!part || !hasChanged(field)) continue;
    (body[part] ??= {})[field.name] = value(field);
  }
  if (Object.keys(body).length === 0) throw new Error("Nothing was changed.");
  return body;
}

function hasChanged(field) {
  return field.matches("select") ? ![...field.options].every(option => option.selected === option.defaultSelected)
    : field.value !== field.defaultValue;
}

async function submit(event) {
  const form = event.target;
  if (!form.dataset.send && !form.dataset.saved) return;
  event.preventDefault();
  const problem = form.querySelector(".problem");
  const buttons = form.querySelectorAll("button");
  problem.textContent = "";
  for (const button of buttons) button.disabled = true;
  try {
    const [method, path] = form.dataset.send ? form.dataset.send.split(" ") : ["PATCH", form.dataset.saved];
    await call(method, path, form.dataset.send ? typed(form) : changes(form));
    location.reload();
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) return logInAgain();
    problem.textContent = sentence(error.message);
    if (error.field) form.elements[error.field]?.focus();
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

document.addEventListener("submit", submit);

// The field for a date is there only for those who want one.
document.addEventListener("change", ({ target }) => {
  if (target.dataset.type === "duration") target.form.querySelector(".date").hidden = target.value !== "date";
});

document.addEventListener("player-made", ({ detail }) => location.assign(`/admin/players/${detail.id}`));
