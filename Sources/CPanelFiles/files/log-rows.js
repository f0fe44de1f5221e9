// The rows of the live log: bounded in number, added once per frame, the newest first.

import { count, element } from "./elements.js";
import { linkPlaces, placeLink } from "./places.js";
import { localize } from "./times.js";

const maxRows = 1000;
const maxWaiting = maxRows - 1; // one more row says how many are missing
const names = { error: "error", result: "returned", print: "print", server: "server" };

export class LogRows {
  #box;
  #empty;
  /** Entries that wait for the next frame, or for the end of the pause. */
  #queue = [];
  #frame = 0;
  #isPaused = false;
  #last = null;

  constructor(box, empty) {
    this.#box = box;
    this.#empty = empty;
  }

  get waiting() { return this.#queue.length; }

  set isPaused(isPaused) {
    this.#isPaused = isPaused;
    if (!isPaused) this.#drawSoon();
  }

  /** Adds entries, oldest first; returns how many. */
  add(entries) {
    this.#queue.push(...entries);
    if (this.#queue.length > maxWaiting) {
      const removed = this.#queue.splice(0, this.#queue.length - maxWaiting);
      // A note that is removed stands for all the lines that it counted.
      this.#note(removed.reduce((sum, entry) => sum + (entry.skipped ?? 1), 0));
    }
    this.#drawSoon();
    return entries.length;
  }

  /** Says that entries are missing. */
  skip(count) {
    this.#note(count);
    this.#drawSoon();
  }

  #note(count) {
    const first = this.#queue[0];
    if (first?.skipped) first.skipped += count;
    else this.#queue.unshift({ skipped: count });
  }

  clear() {
    this.#queue = [];
    this.#last = null;
    this.#box.replaceChildren();
    this.#empty.hidden = true;
  }

  /** Shows that nothing was logged, unless something comes. */
  settle() {
    setTimeout(() => { this.#empty.hidden = this.#box.childElementCount > 0 || this.#queue.length > 0; }, 400);
  }

  #drawSoon() {
    if (this.#isPaused || this.#frame || !this.#queue.length) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw() {
    if (this.#isPaused) return;
    const fresh = document.createDocumentFragment();
    for (const entry of this.#queue.splice(0)) {
      if (this.#repeats(entry)) continue;
      fresh.prepend(entry.skipped ? skippedRow(entry.skipped) : row(entry));
      this.#last = entry.skipped ? null : { entry, row: fresh.firstElementChild, count: 1 };
    }
    if (fresh.childElementCount) this.#empty.hidden = true;
    localize(fresh);
    const [top, height] = [this.#box.scrollTop, this.#box.scrollHeight];
    this.#box.prepend(fresh);
    // What is being read stays where it is.
    if (top > 0) this.#box.scrollTop = top + this.#box.scrollHeight - height;
    while (this.#box.childElementCount > maxRows) this.#box.lastElementChild.remove();
  }

  /** Counts an entry that is the same as the last one, instead of adding a row. */
  #repeats(entry) {
    const last = this.#last;
    if (!last || entry.skipped) return false;
    const isSame = ["map", "level", "kind", "script", "line", "entity", "text"]
      .every(name => last.entry[name] === entry[name]);
    if (!isSame) return false;
    last.count += 1;
    const badge = last.row.querySelector(".times");
    badge.textContent = `${last.count}×`;
    badge.hidden = false;
    return true;
  }
}

function row(entry) {
  const made = element("div", { class: `line ${entry.level}` });
  const time = element("time");
  time.dateTime = new Date(entry.time * 1000).toISOString();
  const level = element("span", { class: "level" }, entry.level === "error" ? entry.kind : names[entry.level]);
  const times = element("b", { class: "times" });
  times.hidden = true;
  const text = element("span", { class: "text" });
  const place = entry.script ? `${entry.script}:${entry.line}: ` : "";
  if (entry.script) text.append(placeLink(entry.script, entry.line), " ");
  if (entry.entity) text.append(element("span", { class: "entity" }, entry.entity), " ");
  text.append(linkPlaces(entry.line && entry.text.startsWith(place) ? entry.text.slice(place.length) : entry.text));
  made.append(time, element("span", { class: "where" }, `map ${entry.map}`), level, text, times);
  if (entry.traceback) {
    const details = element("details");
    const calls = element("pre");
    calls.append(linkPlaces(entry.traceback));
    details.append(element("summary", {}, "traceback"), calls);
    text.append(details);
  }
  return made;
}

function skippedRow(number) {
  return element("div", { class: "line skipped" },
    `skipped ${count(number, "line")}: they came faster than they could be shown; the log file has them`);
}
