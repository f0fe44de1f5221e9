// Renews parts of a page with fragments of the server.

import { localize } from "./times.js";

const patience = 15000; // ms until a request without an answer is given up

/**
 * Asks at once, and then again and again: `period` ms after the last answer, never before it, and not in a hidden tab.
 *
 * `ask` gets a signal for its requests; what it throws is ignored, because the next turn comes. `period` may be a
 * function that returns the time. Returns a function that asks now; while an answer is awaited, it asks after that.
 */
export function repeat(ask, period) {
  let isAsking = false, isAgain = false, timer;
  async function turn() {
    clearTimeout(timer);
    if (isAsking) {
      isAgain = true;
      return;
    }
    if (document.hidden) return; // `visibilitychange` goes on
    isAsking = true;
    do {
      isAgain = false;
      try {
        await ask(AbortSignal.timeout(patience));
      } catch { /* the banner says that the server is away */ }
    } while (isAgain && !document.hidden);
    isAsking = false;
    timer = setTimeout(turn, typeof period === "function" ? period() : period);
  }
  document.addEventListener("visibilitychange", turn);
  addEventListener("perigee-back", turn);
  turn();
  return turn;
}

/** A fragment of the server, which has escaped all texts, with times of the reader's zone. */
export function fragment(html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  localize(made.content);
  return made.content;
}

/** Whether somebody presses something in a box, or selects its text: a renewal would take that away. */
export function isInUse(box) {
  const selection = getSelection();
  return box.matches(":active")
    || (!selection.isCollapsed && selection.rangeCount > 0 && selection.getRangeAt(0).intersectsNode(box));
}

/** Gives a box another content; of entries with the same `data-key`, those that are open stay open. */
export function replaceContent(box, fresh) {
  const open = new Set([...box.querySelectorAll("details[open]")].map(entry => entry.dataset.key));
  for (const entry of fresh.querySelectorAll("details")) entry.open = open.has(entry.dataset.key);
  box.replaceChildren(fresh);
}
