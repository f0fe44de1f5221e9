// Forms and buttons that ask the server for something.
//
//   <form data-call="POST /path" data-then="reload">     sends its fields as JSON
//   <button data-call="DELETE /path" data-confirm="Really?">   sends `data-body`, if it has one
//
// `data-then` says what follows: `reload` loads the page again, `next` opens the page before the login, a path opens
// that page, and any other word is an event of that name on the document, with the answer as its `detail`. A refusal is
// shown in the nearest `.problem`.

import { call, Refusal, logInAgain } from "./api.js";
import { confirmed } from "./dialogs.js";
import { sentence } from "./elements.js";

/** Sends a form; a form without `data-call` is left to the browser. */
async function submit(event) {
  const form = event.target;
  if (!form.dataset.call) return;
  event.preventDefault();
  await run(form, Object.fromEntries(new FormData(form)));
}

async function press(event) {
  const button = event.target.closest("button[data-call]");
  if (!button) return;
  if (button.dataset.confirm && !await confirmed(button.dataset.confirm)) return;
  await run(button, button.dataset.body && JSON.parse(button.dataset.body));
}

async function run(source, body) {
  const buttons = source.matches("button") ? [source] : [...source.querySelectorAll("button")];
  const problem = nearestProblem(source);
  const [method, path] = source.dataset.call.split(" ");
  if (problem) problem.textContent = "";
  for (const button of buttons) button.disabled = true;
  try {
    follow(source.dataset.then, await call(method, path, body));
  } catch (error) {
    const isLogin = path === "/server/api/v1/session" && method === "POST";
    if (error instanceof Refusal && error.status === 401 && !isLogin && error.code === "unauthorized") return logInAgain();
    if (problem) problem.textContent = sentence(error.message);
    source.querySelector(`[name="${error.field}"]`)?.focus();
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function nearestProblem(source) {
  if (source.matches("form")) return source.querySelector(".problem");
  for (let part = source.parentElement; part; part = part.parentElement) {
    const problem = part.querySelector(":scope > .problem");
    if (problem) return problem;
  }
  return null;
}

function follow(then, answer) {
  if (!then) return;
  if (then === "reload") location.reload();
  else if (then === "next") location.assign(nextPage());
  else if (then.startsWith("/")) location.assign(then);
  else document.dispatchEvent(new CustomEvent(then, { detail: answer }));
}

/** The page to which the login leads; only pages of the panel. */
function nextPage() {
  const next = new URLSearchParams(location.search).get("next") ?? "";
  return /^\/admin(\/|\?|$)/.test(next) && !next.startsWith("/admin/login") ? next : "/admin/";
}

export function connectForms() {
  document.addEventListener("submit", submit);
  document.addEventListener("click", press);
}
