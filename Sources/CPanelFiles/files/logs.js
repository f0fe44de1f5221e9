// The page of logs: follows the log, renews the groups of errors, and keeps what is open.

import { call, logInAgain, send } from "./api.js";
import { LogRows } from "./log-rows.js";
import { patchGroups } from "./error-groups.js";
import { repeat } from "./renewal.js";

const errors = document.getElementById("errors");
const log = document.getElementById("log");
const form = document.getElementById("filter");
const state = document.getElementById("state");
const pause = document.getElementById("pause");
const rows = new LogRows(document.getElementById("lines"), document.getElementById("nothing"));

// The errors

const renewErrors = repeat(async signal => {
  const path = new URL(errors.dataset.source, location.href);
  path.searchParams.set("version", errors.querySelector("[data-version]").dataset.version);
  const answer = await send("GET", path, { accept: "text/html", signal });
  if (answer.status === 200) patchGroups(errors, await answer.text());
  else if (answer.status === 401) logInAgain();
}, 2000);
document.addEventListener("errors-changed", renewErrors);

// The log

let source = null;
let retry;
let isPaused = false;
let soon;

function query() {
  const wanted = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...wanted]) if (!value) wanted.delete(name);
  return wanted.toString();
}

function show(text, style) {
  state.textContent = text;
  state.className = style;
}

/** Follows the log with the filter as it is now. */
function follow() {
  clearTimeout(retry);
  source?.close();
  const opened = new EventSource(`${log.dataset.source}?${query()}`);
  source = opened;
  opened.addEventListener("start", event => {
    if (!JSON.parse(event.data).resumed) rows.clear();
    show(isPaused ? "paused" : "live", isPaused ? "" : "live");
    rows.settle();
  });
  opened.addEventListener("lines", event => {
    const entries = JSON.parse(event.data);
    if (rows.add(entries) > 0 && entries.some(entry => entry.level === "error")) soonRenewErrors();
    showWaiting();
  });
  opened.addEventListener("skipped", event => rows.skip(JSON.parse(event.data).count));
  opened.addEventListener("end", event => ended(opened, JSON.parse(event.data).reason));
  opened.addEventListener("error", () => {
    if (opened !== source) return;
    show("not connected", "bad");
    // The banner tells it at once when the server is away.
    call("GET", "/server/api/v1/session").catch(error => { if (error.status === 401) logInAgain(); });
    // Browsers try again by themselves, except after a refusal.
    if (opened.readyState === EventSource.CLOSED) retry = setTimeout(follow, 3000);
  });
}

function ended(opened, reason) {
  if (reason === "logged_out") return logInAgain();
  if (reason !== "replaced") return;
  opened.close();
  show("ended, because you opened the log in other windows; press Pause and Go on to follow it here", "bad");
}

function soonRenewErrors() {
  clearTimeout(soon);
  soon = setTimeout(renewErrors, 150);
}

function showWaiting() {
  if (isPaused) show(rows.waiting ? `paused, ${rows.waiting} new` : "paused", "");
}

pause.addEventListener("click", () => {
  isPaused = !isPaused;
  pause.setAttribute("aria-pressed", isPaused);
  pause.textContent = isPaused ? "Go on" : "Pause";
  rows.isPaused = isPaused;
  if (isPaused) return showWaiting();
  if (source.readyState === EventSource.CLOSED) return follow();
  show("live", "live");
});

// The filter applies while it is typed; its address can be kept.
let typing;
form.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    const wanted = query();
    history.replaceState(null, "", wanted ? `?${wanted}` : location.pathname);
    rows.clear();
    follow();
  }, 300);
});
form.addEventListener("submit", event => event.preventDefault());
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", event => { if (event.persisted) follow(); });
follow();
