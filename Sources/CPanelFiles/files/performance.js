// The page of costs: renews the tables, sorts them, draws the chart and the flame graph.

import { call, Refusal, send } from "./api.js";
import { drawChart, listMarks, tabulate, trimmed } from "./cost-chart.js";
import { drawFlames } from "./flame-graph.js";
import { fragment, isInUse, repeat } from "./renewal.js";
import { localize } from "./times.js";

const scripts = document.getElementById("scripts");
const costs = document.getElementById("costs");
const history = document.getElementById("history");
const flame = document.getElementById("flame");
const slow = document.getElementById("slow");
const order = document.getElementById("order");

let shownWindow = scripts?.querySelector("[data-window][aria-pressed=true]").dataset.window;
let drawnWindow = shownWindow;
let sort = { title: "of ticks", isDescending: true };

// The table of scripts

async function renewScripts(signal) {
  const summary = document.getElementById("summary"), wanted = shownWindow;
  // Another window was asked for, so it is shown in any case.
  const mustStay = () => wanted === drawnWindow && (isInUse(costs) || isInUse(summary));
  if (mustStay()) return;
  const answer = await send("GET", `${scripts.dataset.source}?window=${wanted}`, { accept: "text/html", signal });
  if (!answer.ok) return;
  const fresh = fragment(await answer.text());
  if (mustStay()) return;
  const focused = costs.contains(document.activeElement) ? document.activeElement : null;
  const place = focused && (focused.dataset.sort ? `[data-sort="${CSS.escape(focused.dataset.sort)}"]`
    : `[data-key="${CSS.escape(focused.closest("tr")?.dataset.key ?? "")}"] a`);
  summary.replaceChildren(fresh.querySelector(".numbers"));
  costs.replaceChildren(fresh);
  drawnWindow = wanted;
  arrange();
  if (place) costs.querySelector(place)?.focus();
}

/** Sorts the rows, and says so in the heads. */
function arrange() {
  const table = costs.querySelector("table");
  if (!table) return;
  const titles = [...table.querySelectorAll("[data-sort]")].map(button => button.dataset.sort);
  if (!titles.includes(sort.title)) sort = { title: titles.at(-1), isDescending: true };
  const column = titles.indexOf(sort.title);
  table.querySelectorAll("thead th").forEach((head, index) => {
    if (index === column) head.setAttribute("aria-sort", sort.isDescending ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
  const value = row => row.children[column].dataset.value;
  const rows = [...table.tBodies[0].rows];
  rows.sort((a, b) => {
    const [first, second] = sort.isDescending ? [b, a] : [a, b];
    const difference = column === 0 ? value(first).localeCompare(value(second)) : value(first) - value(second);
    return difference || value(a).localeCompare(value(b));
  });
  table.tBodies[0].append(...rows);
  if (order.options.length !== titles.length) {
    order.replaceChildren(...titles.map(title => new Option(title, title)));
  }
  order.value = sort.title;
}

function sortBy(title) {
  sort = { title, isDescending: sort.title === title ? !sort.isDescending : title !== "script" };
  arrange();
}

// What it cost over time, and the slowest ticks

async function renewHistory(signal) {
  const costsOverTime = trimmed(await call("GET", history.dataset.source, undefined, { signal }));
  drawChart(history.querySelector("canvas"), costsOverTime);
  listMarks(history.querySelector(".marks"), costsOverTime);
  const figures = history.querySelector(".figures .wide");
  if (!isInUse(figures)) tabulate(figures, costsOverTime);
  localize(history);
}

let slowText = "";

async function renewSlow(signal) {
  const answer = await send("GET", slow.dataset.source, { accept: "text/html", signal });
  if (!answer.ok) return;
  const list = slow.querySelector(".list");
  const text = await answer.text();
  if (slowText === text || list.contains(document.activeElement) || isInUse(list)) return;
  slowText = text;
  list.replaceChildren(fragment(text));
}

// The flame graph

async function sample(button) {
  const problem = flame.querySelector(".problem");
  const state = flame.querySelector("[role=status]");
  const seconds = 10;
  problem.textContent = "";
  button.disabled = true;
  let left = seconds;
  const countdown = setInterval(() => { state.textContent = left > 0 ? `sampling, ${left--} s …` : "reading …"; }, 1000);
  state.textContent = "sampling …";
  try {
    const samples = await call("GET", `${flame.dataset.source}?seconds=${seconds}`);
    drawFlames(flame.querySelector(".graph"), samples);
    state.textContent = "press a part to see it alone";
  } catch (error) {
    problem.textContent = error instanceof Refusal ? error.message : "The server did not answer.";
    state.textContent = "";
  } finally {
    clearInterval(countdown);
    button.disabled = false;
  }
}

if (scripts) {
  arrange();
  costs.addEventListener("click", event => {
    const button = event.target.closest("[data-sort]");
    if (button) sortBy(button.dataset.sort);
  });
  order.addEventListener("change", () => {
    sort = { title: order.value, isDescending: order.value !== "script" };
    arrange();
  });
  scripts.querySelector(".windows").addEventListener("click", event => {
    const button = event.target.closest("[data-window]");
    if (!button) return;
    shownWindow = button.dataset.window;
    for (const other of scripts.querySelectorAll("[data-window]")) other.setAttribute("aria-pressed", other === button);
    const address = new URL(location.href);
    address.searchParams.set("window", shownWindow);
    window.history.replaceState(null, "", address);
    renewNow();
  });
  document.getElementById("sample").addEventListener("click", event => sample(event.currentTarget));
  const renewNow = repeat(renewScripts, 2000);
  repeat(renewHistory, 5000);
  repeat(renewSlow, 5000);
}
