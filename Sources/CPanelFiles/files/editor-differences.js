// Compares two texts line by line, and shows both beside each other.

import { count, element } from "./elements.js";

/** Above this many comparisons, the part that differs is taken as replaced as a whole. */
const maxWork = 4_000_000;
/** Equal lines that stay visible around a change. */
const around = 3;

/** The rows of a comparison: pairs of line numbers from 0; `null` where one text has no such line. */
export function differences(left, right) {
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let end = 0;
  while (end < left.length - start && end < right.length - start
    && left[left.length - 1 - end] === right[right.length - 1 - end]) end++;
  const rows = [];
  for (let index = 0; index < start; index++) rows.push([index, index]);
  rows.push(...middle(left, right, start, left.length - end, right.length - end));
  for (let index = end; index > 0; index--) rows.push([left.length - index, right.length - index]);
  return rows;
}

/** Compares the part that differs, by the longest common subsequence of lines. */
function middle(left, right, start, leftEnd, rightEnd) {
  const height = leftEnd - start, width = rightEnd - start;
  if (height * width > maxWork) return paired(range(start, leftEnd), range(start, rightEnd));
  const lengths = new Uint32Array((height + 1) * (width + 1));
  const at = (row, column) => row * (width + 1) + column;
  for (let row = height - 1; row >= 0; row--) {
    for (let column = width - 1; column >= 0; column--) {
      lengths[at(row, column)] = left[start + row] === right[start + column]
        ? lengths[at(row + 1, column + 1)] + 1
        : Math.max(lengths[at(row + 1, column)], lengths[at(row, column + 1)]);
    }
  }
  const rows = [];
  let removed = [], added = [];
  let row = 0, column = 0;
  while (row < height || column < width) {
    if (row < height && column < width && left[start + row] === right[start + column]) {
      rows.push(...paired(removed, added), [start + row++, start + column++]);
      removed = [];
      added = [];
    } else if (column >= width || (row < height && lengths[at(row + 1, column)] >= lengths[at(row, column + 1)])) {
      removed.push(start + row++);
    } else {
      added.push(start + column++);
    }
  }
  rows.push(...paired(removed, added));
  return rows;
}

function range(start, end) { return Array.from({ length: end - start }, (_, index) => start + index); }

/** Puts removed lines beside added ones. */
function paired(removed, added) {
  return range(0, Math.max(removed.length, added.length)).map(index => [removed[index] ?? null, added[index] ?? null]);
}

/** The comparison of two texts as a table of two columns. */
export function comparison(leftText, rightText, leftTitle, rightTitle) {
  const left = leftText.split("\n"), right = rightText.split("\n");
  const rows = differences(left, right);
  const isSame = rows.map(([a, b]) => a !== null && b !== null && left[a] === right[b]);
  if (isSame.every(Boolean)) return element("p", { class: "empty" }, "Both texts are the same.");
  const body = element("div", { class: "differences", role: "table", tabindex: 0 },
    row("head", cell(leftTitle), cell(rightTitle)));
  for (let index = 0; index < rows.length; index++) {
    if (isSame[index] && !isNear(isSame, index)) {
      let end = index;
      while (end < rows.length && isSame[end] && !isNear(isSame, end)) end++;
      body.append(row("skipped", cell(count(end - index, "equal line"))));
      index = end - 1;
      continue;
    }
    const [a, b] = rows[index];
    const kind = isSame[index] ? "same" : a === null ? "added" : b === null ? "removed" : "changed";
    body.append(row(kind, line(left, a, "left"), line(right, b, "right")));
  }
  return body;
}

function isNear(isSame, index) {
  for (let other = index - around; other <= index + around; other++) if (isSame[other] === false) return true;
  return false;
}

function row(kind, ...cells) { return element("div", { class: `row-${kind}`, role: "row" }, ...cells); }
function cell(text) { return element("span", { role: "cell" }, text); }
function line(lines, index, side) {
  if (index === null) return element("span", { role: "cell", class: `${side} none` });
  return element("span", { role: "cell", class: side }, element("small", {}, `${index + 1}`), element("code", {}, lines[index]));
}
