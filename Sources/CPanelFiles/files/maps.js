// The page of maps: renews figures and the last hour, and tells what operators' actions did.

import { send } from "./api.js";
import { count } from "./elements.js";
import { showHistory } from "./mapcharts.js";
import { showReload } from "./reloads.js";
import { fragment, isInUse, repeat, replaceContent } from "./renewal.js";

const period = 2000; // ms
const boxes = [...document.querySelectorAll("[data-source]")];

/** Renews a part of the page; what is open stays open, and what is scrolled stays there. */
async function renew(box, signal) {
  if (isInUse(box)) return;
  const answer = await send("GET", box.dataset.source, { accept: "text/html", signal });
  if (!answer.ok) return;
  const fresh = fragment(await answer.text());
  // Somebody may have pressed something meanwhile.
  if (isInUse(box)) return;
  const places = [...box.querySelectorAll(".log, .wide")].map(part => [part.scrollTop, part.scrollLeft]);
  const focused = box.contains(document.activeElement) ? selector(document.activeElement) : null;
  replaceContent(box, fresh);
  box.querySelectorAll(".log, .wide").forEach((part, index) => {
    [part.scrollTop, part.scrollLeft] = places[index] ?? [0, 0];
  });
  if (focused) box.querySelector(focused)?.focus();
}

/** Finds an element again after its box was renewed. */
function selector(element) {
  for (const name of ["data-call", "data-kick", "href"]) {
    if (element.hasAttribute(name)) return `[${name}="${CSS.escape(element.getAttribute(name))}"]`;
  }
  return null;
}

const renewAll = boxes.length
  ? repeat(signal => Promise.allSettled(boxes.map(box => renew(box, signal))), period) : () => {};

const history = document.getElementById("history");
if (history) showHistory(history);

// Actions

document.addEventListener("click", event => {
  const button = event.target.closest("[data-kick]");
  if (!button) return;
  const dialog = document.getElementById("kick");
  dialog.querySelector(".name").textContent = button.dataset.login;
  dialog.querySelector("[name=player]").value = button.dataset.kick;
  dialog.querySelector(".problem").textContent = "";
  dialog.showModal();
});

/** Closes the dialog of an action, and says what the action did. */
function tell(text) {
  for (const dialog of document.querySelectorAll("dialog[open]")) {
    dialog.querySelector("form")?.reset();
    dialog.close();
  }
  const place = document.getElementById("told");
  place.textContent = text;
  place.hidden = false;
  renewAll();
}

document.addEventListener("map-told", ({ detail }) => tell(`Sent to ${count(detail.players, "player")}.`));
document.addEventListener("map-kicked", ({ detail }) => tell(`${detail.login} (${detail.kicked}) is off the map.`));
document.addEventListener("map-hooked", ({ detail }) => {
  tell(`Spawn hooks run again for ${count(detail.entities, "entity", "entities")}; the map's log says when they have.`);
});

document.addEventListener("show-reload", ({ detail }) => {
  showReload(document.getElementById("reloaded"), "The game folder was reloaded", detail);
});
