// A flame graph of samples, as SVG: each part is a function at a line, as wide as its share of the samples.

import { placeLink } from "./places.js";

const svg = "http://www.w3.org/2000/svg";
const rowHeight = 22;
const minShare = 0.001;
/** Draws the graph again when its place gets another width. */
let observer = null;

/** The samples as a tree. */
function tree(stacks) {
  const root = { name: "all", count: 0, own: 0, children: new Map(), depth: 0, parent: null };
  for (const { frames, samples } of stacks) {
    root.count += samples;
    let node = root;
    for (const name of frames) {
      if (!node.children.has(name)) {
        node.children.set(name, { name, count: 0, own: 0, children: new Map(), depth: node.depth + 1, parent: node });
      }
      node = node.children.get(name);
      node.count += samples;
    }
    node.own += samples;
  }
  return root;
}

function depth(node) { return Math.max(node.depth, ...[...node.children.values()].map(depth)); }

/** The file, the function and the line of a frame: `FILE:FUNCTION:LINE`. */
function parts(name) {
  const found = /^(.*?):(.*):(\d+)$/.exec(name);
  return found ? { file: found[1], function: found[2], line: found[3] } : { file: name, function: "", line: null };
}

/** A warm colour that is the same for each file. */
function colour(name) {
  let hash = 7;
  for (const letter of parts(name).file) hash = (hash * 31 + letter.codePointAt(0)) % 997;
  return `hsl(${18 + hash % 60} ${58 + hash % 17}% ${60 + hash % 9}%)`;
}

/** Draws the graph into a place, with details of the part that is chosen and a table of the most expensive lines. */
export function drawFlames(place, { stacks, sample_ms: sampleMs, seconds }) {
  const root = tree(stacks);
  if (!root.count) {
    const none = document.createElement("p");
    none.className = "empty";
    none.textContent = `No script used a quarter of a millisecond in these ${seconds} s.`;
    place.replaceChildren(none);
    return;
  }
  const height = (depth(root) + 1) * rowHeight;
  const graph = document.createElementNS(svg, "svg");
  graph.setAttribute("role", "group");
  graph.setAttribute("aria-label", "Flame graph; the table below has the same figures");
  graph.setAttribute("height", height);
  graph.setAttribute("width", "100%");
  const about = document.createElement("p");
  about.className = "about";
  about.setAttribute("role", "status");
  let zoomed = root;

  function describe(node) {
    const { file, function: name, line } = parts(node.name);
    const figures = `${(node.count / root.count * 100).toFixed(1)} %, ${(node.count * sampleMs).toFixed(2)} ms of CPU time in ${seconds} s`;
    about.replaceChildren();
    if (node === root) about.append("all scripts");
    else about.append(line ? placeLink(file, line) : file, name ? ` ${name}` : "");
    about.append(`: ${figures}`);
  }

  function draw(node, left, width) {
    if (width < minShare) return;
    const group = document.createElementNS(svg, "g");
    const box = document.createElementNS(svg, "rect");
    const y = node.depth * rowHeight;
    box.setAttribute("x", `${left * 100}%`);
    box.setAttribute("y", y);
    box.setAttribute("width", `${width * 100}%`);
    box.setAttribute("height", rowHeight - 1);
    box.setAttribute("rx", 3);
    box.setAttribute("fill", node === root ? "#c9c2a4" : colour(node.name));
    const title = document.createElementNS(svg, "title");
    title.textContent = `${node.name}: ${(node.count / root.count * 100).toFixed(1)} %`;
    group.append(box, title);
    const characters = Math.floor(width * place.clientWidth / 7.2) - 1;
    if (characters > 2) {
      const { file, function: name, line } = parts(node.name);
      const full = line ? `${name} ${file}:${line}` : node.name;
      const text = document.createElementNS(svg, "text");
      text.setAttribute("x", `${left * 100}%`);
      text.setAttribute("dx", 5);
      text.setAttribute("y", y + 15);
      text.textContent = full.length > characters ? `${full.slice(0, characters - 1)}…` : full;
      group.append(text);
    }
    group.setAttribute("tabindex", width > 0.02 ? 0 : -1);
    group.setAttribute("role", "button");
    group.setAttribute("aria-label", title.textContent);
    const zoom = () => {
      zoomed = node === zoomed ? node.parent ?? root : node;
      redraw();
      describe(zoomed);
    };
    group.addEventListener("click", zoom);
    group.addEventListener("keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      zoom();
      graph.querySelector("[data-zoomed]")?.focus();
    });
    group.addEventListener("focus", () => describe(node));
    if (node === zoomed) group.dataset.zoomed = "";
    graph.append(group);
    const isAbove = node.depth < zoomed.depth;
    let next = left;
    for (const child of [...node.children.values()].sort((a, b) => b.count - a.count)) {
      // What leads to the chosen part takes the whole width, and the chosen part too.
      if (isAbove && !isOnWay(child)) continue;
      const share = isAbove ? 1 : width * child.count / node.count;
      draw(child, next, share);
      next += share;
    }
  }

  function isOnWay(node) {
    for (let part = zoomed; part; part = part.parent) if (part === node) return true;
    return false;
  }

  function redraw() {
    graph.replaceChildren();
    draw(root, 0, 1);
  }

  place.replaceChildren(about, graph, lines(root, sampleMs));
  redraw();
  describe(root);
  observer?.disconnect();
  let width = place.clientWidth;
  observer = new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    redraw();
  });
  observer.observe(place);
}

/** The lines that took most time themselves. */
function lines(root, sampleMs) {
  const own = new Map();
  (function add(node) {
    if (node.own) own.set(node.name, (own.get(node.name) ?? 0) + node.own);
    for (const child of node.children.values()) add(child);
  })(root);
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = "Most expensive lines";
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const title of ["line", "function", "itself", "ms"]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = title;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const [name, count] of [...own].sort((a, b) => b[1] - a[1]).slice(0, 15)) {
    const { file, function: called, line } = parts(name);
    const row = body.insertRow();
    row.insertCell().append(line ? placeLink(file, line) : file);
    row.insertCell().textContent = called;
    row.insertCell().textContent = `${(count / root.count * 100).toFixed(1)} %`;
    row.insertCell().textContent = (count * sampleMs).toFixed(2);
  }
  details.append(summary, table);
  return details;
}
