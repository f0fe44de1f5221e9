// The chart of what scripts cost over time, with a mark at each reload; without Chart.js, a table of the same figures.

import { element, table } from "./elements.js";
import { placeLink } from "./places.js";
import { timeOfDay } from "./times.js";

const maxSeries = 8;
const colours = ["#5b9a3a", "#d9822b", "#3f7fbf", "#b0519f", "#c7a500", "#3a9c93", "#c4554b", "#7a6bc4"];
let chart = null;

/** The history without the time before the first call, but at least two minutes. */
export function trimmed(costs) {
  const used = costs.times.findIndex((_, index) => costs.scripts.some(({ counts }) => counts[index] > 0));
  const first = Math.min(used < 0 ? Infinity : Math.max(used - 1, 0), costs.times.length - 12);
  return {
    ...costs, times: costs.times.slice(first), reloads: costs.reloads.filter(({ time }) => time >= costs.times[first]),
    scripts: costs.scripts.map(script => ({ ...script, ms_per_second: script.ms_per_second.slice(first) })),
  };
}

/** The most expensive scripts, and the others as one series. */
function series(costs) {
  const shown = costs.scripts.slice(0, maxSeries).map(({ script, ms_per_second }) => ({ script, values: ms_per_second }));
  const rest = costs.scripts.slice(maxSeries);
  if (rest.length) {
    const values = costs.times.map((_, index) => rest.reduce((sum, other) => sum + other.ms_per_second[index], 0));
    shown.push({ script: `${rest.length} others`, values });
  }
  return shown;
}

/** Draws a line with a flag at each reload. */
const reloadMarks = {
  id: "reloads",
  afterDatasetsDraw(drawn, _, { marks = [], times = [], seconds = 10, colour }) {
    if (times.length < 2) return;
    const { ctx, chartArea: area, scales: { x } } = drawn;
    const first = x.getPixelForValue(0);
    const step = (x.getPixelForValue(times.length - 1) - first) / (times.length - 1);
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.setLineDash([4, 3]);
    marks.forEach(({ time }) => {
      const at = Math.min(Math.max(first + (time - times[0]) / seconds * step, area.left), area.right);
      ctx.beginPath();
      ctx.moveTo(at, area.top);
      ctx.lineTo(at, area.bottom);
      ctx.stroke();
      ctx.beginPath();
      ctx.moveTo(at, area.top);
      ctx.lineTo(at + 8, area.top + 4);
      ctx.lineTo(at, area.top + 8);
      ctx.fill();
    });
    ctx.restore();
  },
};

/** Draws the chart; where the library is not installed, hides its place and opens the table, which may be closed again. */
export function drawChart(canvas, costs) {
  const place = canvas.parentElement;
  if (!globalThis.Chart) {
    if (!place.hidden) place.closest("section").querySelector("details").open = true;
    place.hidden = true;
    return;
  }
  const style = getComputedStyle(document.documentElement);
  const [ink, line, bad] = ["--faint", "--line", "--bad"].map(name => style.getPropertyValue(name).trim());
  const datasets = series(costs).map(({ script, values }, index) => ({
    label: script, data: values, borderColor: colours[index] ?? ink, backgroundColor: colours[index] ?? ink,
    borderWidth: 2, pointRadius: 0, tension: 0.2,
  }));
  const labels = costs.times.map(timeOfDay);
  const reloads = { marks: costs.reloads, times: costs.times, seconds: costs.seconds, colour: bad };
  if (chart) {
    const hidden = new Set(chart.data.datasets.filter((_, index) => !chart.isDatasetVisible(index)).map(set => set.label));
    for (const set of datasets) set.hidden = hidden.has(set.label);
    chart.data = { labels, datasets };
    chart.options.plugins.reloads = reloads;
    chart.update("none");
    return;
  }
  chart = new globalThis.Chart(canvas, {
    type: "line",
    data: { labels, datasets },
    plugins: [reloadMarks],
    options: {
      animation: false, maintainAspectRatio: false, interaction: { mode: "index", intersect: false },
      scales: {
        x: { ticks: { color: ink, maxTicksLimit: place.clientWidth < 480 ? 3 : 6, maxRotation: 0 }, grid: { display: false } },
        y: { beginAtZero: true, ticks: { color: ink, maxTicksLimit: 6 }, grid: { color: line }, title: { display: true, text: "ms a second", color: ink } },
      },
      plugins: {
        reloads,
        legend: { position: "bottom", labels: { color: ink, boxWidth: 12 } },
        tooltip: { filter: item => item.parsed.y > 0, itemSort: (a, b) => b.parsed.y - a.parsed.y },
      },
    },
  });
}

/** Lists the reloads below the chart, the latest first. */
export function listMarks(list, { reloads }) {
  list.replaceChildren(...reloads.toReversed().slice(0, 8).map(({ time, files }) =>
    element("li", {}, element("time", { datetime: new Date(time * 1000).toISOString() }), " ", files.join("; "))));
}

/** Writes the figures of the last two minutes as a table. */
export function tabulate(place, costs) {
  const last = costs.times.slice(-12);
  const rows = series(costs).map(({ script, values }) =>
    [script.includes("/") ? placeLink(script) : script, ...values.slice(-12).map(value => value.toFixed(2))]);
  place.replaceChildren(table(["script", ...last.map(timeOfDay)], rows));
}
