// The last hour of a map, from the history that the server keeps: charts where Chart.js is installed, and a table.

import { send } from "./api.js";
import { element, table } from "./elements.js";
import { repeat } from "./renewal.js";
import { minuteOfDay, timeOfDay } from "./times.js";

const hour = 3600;
const charts = [
  { title: "FPS", unit: "", lines: [["fps", "ticks a second"], ["target", "target"]] },
  { title: "Tick", unit: "ms", lines: [["tick_ms", "mean"], ["tick_p95_ms", "p95"]] },
  { title: "Players", unit: "", lines: [["players", "players"]], isWhole: true },
  { title: "Lua memory", unit: "bytes", lines: [["lua_bytes", "in use"]] },
  { title: "Traffic", unit: "bytes", lines: [["sent_per_second", "out a second"], ["received_per_second", "in a second"]] },
];
const columns = [
  ["fps", "FPS"], ["tick_ms", "tick ms"], ["tick_p95_ms", "p95 ms"], ["players", "players"], ["entities", "entities"],
  ["lua_bytes", "Lua memory"], ["sent_per_second", "out /s"], ["received_per_second", "in /s"],
];

/** Loads the history into a section, and goes on with later samples. */
export function showHistory(section) {
  const samples = { time: [] };
  const drawn = window.Chart ? charts.map(chart => draw(section.querySelector(".charts"), chart)) : [];
  const figures = section.querySelector(".figures-table");
  let interval = 5;

  async function renew(signal) {
    const last = samples.time.at(-1);
    const query = last === undefined ? "" : `?since=${last}`;
    const answer = await send("GET", section.dataset.history + query, { signal });
    if (!answer.ok) return;
    const news = await answer.json();
    interval = news.interval;
    append(samples, news);
    if (!samples.time.length) return;
    section.dataset.samples = samples.time.length;
    section.querySelector(".empty").hidden = true;
    section.querySelector(".charts").hidden = drawn.length === 0;
    // Without charts the table is open at first; the reader may close it.
    if (!drawn.length && figures.hidden) figures.open = true;
    figures.hidden = false;
    for (const chart of drawn) chart.show(samples, interval, news.target_fps);
    if (figures.open) fill(figures, samples);
  }

  figures.addEventListener("toggle", () => { if (figures.open) fill(figures, samples); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const chart of drawn) chart.colour();
  });
  repeat(renew, () => interval * 1000);
}

/** Adds later samples, and drops those older than an hour. */
function append(samples, news) {
  const last = samples.time.at(-1) ?? -Infinity;
  const first = news.time.findIndex(time => time > last);
  if (first < 0) return;
  for (const [name, values] of Object.entries(news)) {
    if (Array.isArray(values)) samples[name] = (samples[name] ?? []).concat(values.slice(first));
  }
  const old = samples.time.findIndex(time => time > samples.time.at(-1) - hour);
  if (old > 0) for (const name of Object.keys(samples)) samples[name].splice(0, old);
}

function readable(value, unit) {
  if (unit !== "bytes") return `${Number(value.toPrecision(3))}${unit && ` ${unit}`}`;
  const units = ["B", "KiB", "MiB", "GiB"];
  let index = 0;
  while (value >= 1024 && index < 3) { value /= 1024; index += 1; }
  return `${value.toFixed(index && value < 100 ? 1 : 0)} ${units[index]}`;
}

// Charts

function draw(place, { title, unit, lines, isWhole }) {
  const now = element("span");
  const canvas = element("canvas", { role: "img", "aria-label": `${title} of the last hour; the table below has the numbers` });
  place.append(element("figure", {}, element("figcaption", {}, title, now), element("div", {}, canvas)));
  const chart = new Chart(canvas, {
    type: "line",
    data: { datasets: lines.map(([name, label]) => ({
      label, data: [], borderWidth: name === "target" ? 1 : 1.6, borderDash: name === "target" ? [4, 4] : [],
      pointRadius: 0, pointHitRadius: 6, tension: 0, spanGaps: false,
    })) },
    options: {
      animation: false, parsing: false, normalized: true, responsive: true, maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      scales: {
        x: { type: "linear", ticks: { maxTicksLimit: 5, maxRotation: 0, stepSize: 900, callback: minuteOfDay } },
        y: { beginAtZero: true, suggestedMax: 1, ticks: { maxTicksLimit: 5, precision: isWhole ? 0 : undefined, callback: value => readable(value, unit) } },
      },
      plugins: {
        legend: { display: lines.length > 1, labels: { boxWidth: 14, boxHeight: 1 } },
        tooltip: { callbacks: {
          title: items => timeOfDay(items[0].parsed.x),
          label: item => `${item.dataset.label}: ${readable(item.parsed.y, unit)}`,
        } },
      },
    },
  });

  function colour() {
    const style = getComputedStyle(document.documentElement);
    const [ink, line, leaf, other] = ["--faint", "--line", "--chart-one", "--chart-two"].map(name => style.getPropertyValue(name).trim());
    chart.data.datasets.forEach((set, index) => { set.borderColor = set.backgroundColor = index ? other : leaf; });
    for (const scale of Object.values(chart.options.scales)) {
      scale.ticks.color = ink;
      scale.grid = { color: line, borderColor: line, tickColor: line };
    }
    chart.options.plugins.legend.labels.color = ink;
    chart.update();
  }

  /** The distance of marks for bytes: a power of two, so that they have round names. */
  function step(sets) {
    const most = sets.flatMap(set => set.data).reduce((most, point) => Math.max(most, point.y || 0), 4);
    return 2 ** Math.ceil(Math.log2(most / 4));
  }

  /** A line's points; where the map did not run is a gap. */
  function points(times, values, interval) {
    const made = [];
    times.forEach((x, index) => {
      if (index && x - times[index - 1] > 2.5 * interval) made.push({ x: x - interval, y: NaN });
      made.push({ x, y: values[index] });
    });
    return made;
  }

  function show(samples, interval, target) {
    const last = samples.time.at(-1);
    lines.forEach(([name], index) => {
      chart.data.datasets[index].data = name === "target"
        ? [{ x: last - hour, y: target }, { x: last, y: target }] : points(samples.time, samples[name], interval);
    });
    if (unit === "bytes") chart.options.scales.y.ticks.stepSize = step(chart.data.datasets);
    chart.options.scales.x.min = last - hour;
    chart.options.scales.x.max = last;
    const values = lines.filter(([name]) => name !== "target").map(([name]) => readable(samples[name].at(-1), unit));
    now.textContent = values.join(", ");
    chart.update();
  }

  colour();
  return { show, colour };
}

// The table: the latest sample of each minute, latest first.

function fill(details, samples) {
  const rows = [];
  let minute;
  for (let index = samples.time.length - 1; index >= 0; index -= 1) {
    const time = samples.time[index];
    if (Math.floor(time / 60) === minute) continue;
    minute = Math.floor(time / 60);
    rows.push([timeOfDay(time), ...columns.map(([name]) => {
      const isBytes = name === "lua_bytes" || name.endsWith("_per_second");
      return readable(samples[name][index], isBytes ? "bytes" : "");
    })]);
  }
  details.querySelector(".wide").replaceChildren(table(["time", ...columns.map(([, title]) => title)], rows));
}
