// A flame graph of samples, as SVG: each part is a function at a line, as wide as its share of the samples.

import { element, table } from "./elements.js";
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

/** An element of SVG. */
function shape(name, attributes = {}) {
  const made = document.createElementNS(svg, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Draws the graph into a place, with details of the part that is chosen and a table of the most expensive lines. */
export function drawFlames(place, { stacks, sample_ms: sampleMs, seconds }) {
  const root = tree(stacks);
  if (!root.count) {
    const none = `No script used a quarter of a millisecond in these ${seconds} s.`;
    return place.replaceChildren(element("p", { class: "empty" }, none));
  }
  const height = (depth(root) + 1) * rowHeight;
  const graph = shape("svg", {
    role: "group", "aria-label": "Flame graph; the table below has the same figures", height, width: "100%",
  });
  const about = element("p", { class: "about", role: "status" });
  let zoomed = root;
  let placeWidth = 0; // px

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
    const y = node.depth * rowHeight;
    const label = `${node.name}: ${(node.count / root.count * 100).toFixed(1)} %`;
    const group = shape("g", { tabindex: width > 0.02 ? 0 : -1, role: "button", "aria-label": label });
    const title = shape("title");
    title.textContent = label;
    const box = shape("rect", {
      x: `${left * 100}%`, y, width: `${width * 100}%`, height: rowHeight - 1, rx: 3, fill: node === root ? "#c9c2a4" : colour(node.name),
    });
    group.append(box, title);
    const characters = Math.floor(width * placeWidth / 7.2) - 1;
    if (characters > 2) {
      const { file, function: name, line } = parts(node.name);
      const full = line ? `${name} ${file}:${line}` : node.name;
      const text = shape("text", { x: `${left * 100}%`, dx: 5, y: y + 15 });
      text.textContent = full.length > characters ? `${full.slice(0, characters - 1)}…` : full;
      group.append(text);
    }
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
    // Read once: after an element was added, each reading would make the browser lay the page out again.
    placeWidth = place.clientWidth;
    graph.replaceChildren();
    draw(root, 0, 1);
  }

  place.replaceChildren(about, graph, lines(root, sampleMs));
  redraw();
  describe(root);
  observer?.disconnect();
  observer = new ResizeObserver(() => { if (place.clientWidth !== placeWidth) redraw(); });
  observer.observe(place);
}

/** The lines that took most time themselves. */
function lines(root, sampleMs) {
  const own = new Map();
  (function add(node) {
    if (node.own) own.set(node.name, (own.get(node.name) ?? 0) + node.own);
    for (const child of node.children.values()) add(child);
  })(root);
  const rows = [...own].sort((a, b) => b[1] - a[1]).slice(0, 15).map(([name, count]) => {
    const { file, function: called, line } = parts(name);
    return [line ? placeLink(file, line) : file, called, `${(count / root.count * 100).toFixed(1)} %`, (count * sampleMs).toFixed(2)];
  });
  return element("details", {}, element("summary", {}, "Most expensive lines"), table(["line", "function", "itself", "ms"], rows));
}
