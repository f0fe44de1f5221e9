// The page of maps: renews the figures, and shows what a reload of the game folder did.

import { send } from "./api.js";
import { showReload } from "./reloads.js";
import { localize } from "./times.js";

const map = document.getElementById("map");
const period = 2000;

/** Renews the figures; what is open stays open, and what is scrolled stays there. */
async function renew() {
  if (document.hidden || map.matches(":active")) return;
  const answer = await send("GET", map.dataset.source, { accept: "text/html" }).catch(() => null);
  if (!answer?.ok) return;
  const renewed = document.createElement("template");
  renewed.innerHTML = await answer.text();
  localize(renewed.content);
  const open = new Set([...map.querySelectorAll("details[open]")].map(entry => entry.dataset.key));
  for (const entry of renewed.content.querySelectorAll("details")) entry.open = open.has(entry.dataset.key);
  const places = [...map.querySelectorAll(".log, .wide")].map(box => [box.scrollTop, box.scrollLeft]);
  const focused = map.contains(document.activeElement) ? document.activeElement.dataset.call : null;
  map.replaceChildren(renewed.content);
  map.querySelectorAll(".log, .wide").forEach((box, index) => {
    [box.scrollTop, box.scrollLeft] = places[index] ?? [0, 0];
  });
  if (focused) map.querySelector(`[data-call="${CSS.escape(focused)}"]`)?.focus();
}

if (map) {
  setInterval(renew, period);
  addEventListener("perigee-back", renew);
}

document.addEventListener("show-reload", ({ detail }) => {
  showReload(document.getElementById("reloaded"), "The game folder was reloaded", detail);
});
