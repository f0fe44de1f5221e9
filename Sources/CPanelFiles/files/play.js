// The page "Play": the game in a frame, a form for commands, and the log and the performance of a map.
//
// The page template of a Unity build runs in the frame and uses the elements `map_id`, `perfomance`,
// `unity-api-container` and `unity-canvas` of this page by itself. Clients that don't get the commands of the form in a
// message `{ perigeeCommand: {…} }` to their window, and answer it with `{ perigeeTaken: command_id }`.

import { send } from "./api.js";
import { closed, element } from "./elements.js";
import { TYPES, fieldOf, valueOf, valuesOf } from "./parameters.js";
import { fragment, isInUse, repeat, replaceContent } from "./renewal.js";
import { timeOfDay } from "./times.js";

const find = id => document.getElementById(id);
const frame = find("unity-canvas");
const form = find("unity-api-container");
const parameters = find("parameters");
const problem = form.querySelector(".problem");
const performancePeriod = 10000; // ms
const logPeriod = 2000; // ms
const patience = 1500; // ms until a client should have taken a command

// MARK: The form

let groups = [];
let extra = []; // parameters that were added by hand, for any event

function declared() {
  const action = form.elements.action.value.trim();
  const name = action.includes("/") ? action : `${action}/index`;
  return groups.flatMap(group => group.events).find(event => event.action === name);
}

/** The parameters that were added by hand, without those that the event declares itself. */
function own(event) { return extra.filter(({ name }) => !event?.parameters.some(parameter => parameter.name === name)); }

async function loadGame() {
  const answer = await send("GET", "/server/api/game").catch(() => null);
  if (!answer?.ok) return;
  ({ groups } = await answer.json());
  const actions = groups.flatMap(group => group.events).map(event => event.action);
  find("actions").replaceChildren(...actions.map(action => new Option(action)));
  showParameters();
}

let shown = "";

/** Shows the fields of the action's parameters; they stay while they are the same. */
function showParameters() {
  const event = declared();
  find("about").textContent = event ? about(event) :
    form.elements.action.value ? "No public event has this name; the server will say what it thinks of it." :
      "Choose one of the game's public events, or type any action.";
  const text = JSON.stringify([event?.parameters, own(event)]);
  if (text === shown) return;
  shown = text;
  const typed = Object.fromEntries(new FormData(form));
  parameters.replaceChildren(...(event?.parameters ?? []).map(fieldOf), ...own(event).map(extraField));
  for (const field of parameters.querySelectorAll("[name]")) {
    if (typed[field.name] !== undefined) field.value = typed[field.name];
  }
}

/** A field with a button that takes the parameter away. */
function extraField(parameter) {
  const remove = () => {
    extra = extra.filter(other => other !== parameter);
    showParameters();
    form.elements.action.focus();
  };
  return element("div", { class: "extra" }, fieldOf(parameter), element("button",
    { type: "button", class: "quiet", onclick: remove, "aria-label": `Remove the parameter ${parameter.name}` }, "Remove"));
}

function about({ action, parameters }) {
  return parameters.length ? `${action} has the parameters below.` : `${action} has no parameters.`;
}

form.elements.action.addEventListener("input", showParameters);
form.elements.action.addEventListener("focus", loadGame);

find("types").append(...Object.keys(TYPES).map(type => new Option(type)));
find("another").addEventListener("submit", event => {
  event.preventDefault();
  const { elements } = event.target;
  const [name, type] = [elements.namedItem("name").value.trim(), elements.namedItem("type").value.trim()];
  const said = event.target.querySelector(".problem");
  said.textContent = "";
  if (!(type in TYPES)) {
    said.textContent = `There is no type ${type}; the types are ${Object.keys(TYPES).join(", ")}.`;
  } else if (["action", "command_id"].includes(name) || parameters.querySelector(`[name="${CSS.escape(name)}"]`)) {
    said.textContent = `The command has ${name} already.`;
  } else {
    extra = [...extra, { name, type }];
    showParameters();
    event.target.reset();
    parameters.querySelector(`[name="${CSS.escape(name)}"]`).focus();
  }
});

// MARK: Sending

let command = null; // what the form sends now, with its types
let lastID = 0;

/** Before the listeners of the frame: refuses what can't be sent, and makes the values. */
form.addEventListener("submit", event => {
  problem.textContent = "";
  try {
    const texts = Object.fromEntries(new FormData(form));
    const action = texts.action.trim();
    const known = declared();
    const values = known ? valuesOf(known, texts) : {};
    for (const { name, type } of own(known)) values[name] = valueOf(name, type, texts[name] ?? "");
    command = { action, ...values };
    lendTypes(frame.contentWindow);
  } catch (error) {
    event.preventDefault();
    event.stopImmediatePropagation();
    problem.textContent = closed(error.message);
    form.querySelector(`[name="${CSS.escape(error.field ?? "")}"]`)?.focus();
  }
}, { capture: true });

/** After the listeners of the frame: sends the command unless one of them did. */
document.addEventListener("submit", event => {
  if (event.target !== form) return;
  const isTaken = event.defaultPrevented;
  event.preventDefault();
  // The server and the frame acknowledge by this number, so two commands must not have the same.
  lastID = Math.max(Date.now(), lastID + 1);
  command.command_id = lastID;
  note(JSON.stringify(command));
  if (isTaken) return;
  const id = command.command_id;
  frame.contentWindow.postMessage({ perigeeCommand: command }, location.origin);
  waiting.set(id, setTimeout(() => {
    waiting.delete(id);
    note("The game's page did not take the command; the help says how a client takes it.", "bad");
  }, patience));
});

const waiting = new Map();
addEventListener("message", ({ data, origin, source }) => {
  if (origin !== location.origin || source !== frame.contentWindow) return;
  clearTimeout(waiting.get(data?.perigeeTaken));
  waiting.delete(data?.perigeeTaken);
});

/** Makes `new FormData(form)` in the game's page give the typed values: the page template turns the form's fields into
    an object, and fields only have texts, which the server refuses for numbers. */
function lendTypes(page) {
  const Plain = page.FormData;
  if (Plain.isLent) return;
  page.FormData = class extends Plain {
    static isLent = true;
    #isOurs;
    constructor(source, ...rest) {
      super(source, ...rest);
      this.#isOurs = source === form;
    }
    *entries() { yield* this.#isOurs ? Object.entries(command) : super.entries(); }
    *keys() { for (const [name] of this.entries()) yield name; }
    *values() { for (const [, value] of this.entries()) yield value; }
    [Symbol.iterator]() { return this.entries(); }
    forEach(call, self) { for (const [name, value] of this.entries()) call.call(self, value, name, this); }
    get(name) { return this.#isOurs ? command[name] ?? null : super.get(name); }
    has(name) { return this.#isOurs ? name in command : super.has(name); }
  };
}

function note(text, style) {
  const place = find("sent");
  place.querySelector(".empty")?.remove();
  place.append(line(text, style));
  while (place.childElementCount > 100) place.firstChild.remove();
  place.scrollTop = place.scrollHeight;
}

function line(text, style) {
  return element("p", { class: style, text });
}

// MARK: Focus

// A click into the frame is no click of this page. The template in the frame learns of the focus by clicks here, on
// `unity-canvas` or elsewhere, so the frame's focus becomes one.
let hasFrameFocus = false;

function setFocus(isInFrame) {
  if (isInFrame === hasFrameFocus) return;
  hasFrameFocus = isInFrame;
  find("focus").textContent = `The keyboard is with the ${isInFrame ? "game" : "panel"}.`;
  const target = isInFrame ? frame : document.body;
  target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
}

addEventListener("blur", () => setTimeout(() => setFocus(document.activeElement === frame)));
addEventListener("focus", () => setFocus(false));
document.addEventListener("focusin", event => setFocus(event.target === frame));

// MARK: Log and performance

const map = find("map_id");

async function renewPerformance(signal) {
  const place = find("perfomance");
  if (!map.value || isInUse(place)) return;
  const path = `/server/api/log_perfomance/${encodeURIComponent(map.value)}`;
  const answer = await send("GET", path, { accept: "text/html", signal });
  if (!answer.ok) {
    const { error } = await answer.json().catch(() => ({}));
    return place.replaceChildren(line(error ?? `The server answered with status ${answer.status}.`, "notice bad"));
  }
  const fresh = fragment(await answer.text());
  if (!isInUse(place)) replaceContent(place, fresh);
}

let shownLog = null;

async function renewLog(signal) {
  if (!map.value) return;
  const number = map.value;
  const answer = await send("GET", `/server/api/log_performance/${encodeURIComponent(number)}`, { signal });
  if (!answer.ok) return;
  const { log, errors } = await answer.json();
  const entries = [
    ...log.map(({ time, script, text }) => ({ time, text: script ? `${script}: ${text}` : text })),
    ...errors.map(({ time, script, line, message, entity, count }) => ({
      time, isBad: true,
      text: [[script, line].filter(part => part != null).join(":"), message,
        [entity, count > 1 ? `${count} times` : ""].filter(Boolean).map(part => `(${part})`).join(" ")]
        .filter(Boolean).join(" "),
    })),
  ].sort((a, b) => a.time - b.time);
  const place = find("log");
  const text = JSON.stringify([number, entries]);
  // Lines that stay are read out once, and can be selected.
  if (text === shownLog || isInUse(place)) return;
  shownLog = text;
  const isAtEnd = place.scrollTop + place.clientHeight >= place.scrollHeight - 8;
  const lines = entries.map(({ time, text, isBad }) => line(`${timeOfDay(time)} ${text}`, isBad ? "bad" : null));
  find("log-state").textContent = `map ${number}`;
  place.replaceChildren(...lines.length ? lines : [line("The map has logged nothing yet.", "empty")]);
  if (isAtEnd) place.scrollTop = place.scrollHeight;
}

loadGame();
for (const [renew, period] of [[renewPerformance, performancePeriod], [renewLog, logPeriod]]) {
  map.addEventListener("change", repeat(renew, period));
}
