// What a check, a save and a run of the tests say.

import { address, element, linked, sentence } from "./editor-elements.js";

/** Shows the findings of a check; `goTo(line)` opens a line of this file. */
export function showFindings({ checked, findings, elsewhere, errors, warnings }, goTo) {
  const place = document.getElementById("findings");
  if (!checked) {
    place.replaceChildren(element("p", { className: "empty" }, "Only scripts and game.yaml are checked."));
    return;
  }
  const parts = [];
  const here = findings.map(finding => element("li", { className: finding.severity },
    element("button", { type: "button", className: "line quiet", onclick: () => goTo(finding.line) }, `line ${finding.line}`),
    element("b", {}, finding.severity), " ", finding.message));
  if (here.length) parts.push(element("ol", {}, ...here));
  else parts.push(element("p", { className: "fine" }, "No mistakes in this file."));
  if (elsewhere.length) {
    const items = elsewhere.map(finding => element("li", { className: finding.severity },
      element("a", { href: address(finding.file, finding.line) }, `${finding.file}:${finding.line}`), " ", finding.message));
    parts.push(element("details", {}, element("summary", {}, `${elsewhere.length} in other files`), element("ol", {}, ...items)));
  }
  parts.push(element("p", { className: "hint" }, `The game with this text: ${count(errors, "error")}, ${count(warnings, "warning")}.`));
  const wasOpen = place.querySelector("details")?.open ?? false;
  place.replaceChildren(...parts);
  if (wasOpen && place.querySelector("details")) place.querySelector("details").open = true;
}

function count(number, what) { return `${number} ${what}${number === 1 ? "" : "s"}`; }

/** Shows what the running game did with a saved file. */
export function showReload(title, { changes, effects, problems }) {
  const lines = [...changes, ...Object.entries(effects).flatMap(([map, texts]) => texts.map(text => `Map ${map}: ${text}`))];
  const parts = [element("h2", {}, title)];
  for (const { file, line, column, message } of problems) {
    const position = [file, line, column].filter(part => part !== null && part !== undefined).join(":");
    parts.push(element("p", { className: "notice bad" }, ...linked(`${position}: ${message}`)));
  }
  if (problems.length) {
    parts.push(element("p", { className: "hint" }, "A file with mistakes changes nothing: its former version goes on running."));
  }
  parts.push(lines.length
    ? element("ul", {}, ...lines.map(line => element("li", {}, ...linked(line))))
    : element("p", { className: "empty" }, "Nothing changed in the running game."));
  show(parts);
}

/** Shows the results of the game's tests. */
export function showTests({ passed, failed, skipped, problems, tests, ms }) {
  const parts = [element("h2", {}, failed ? `${count(failed, "test")} failed` : `${count(passed, "test")} passed`)];
  const rest = [`${passed} passed`, `${failed} failed`, skipped ? `${skipped} left out` : null, `${(ms / 1000).toFixed(1)} s`];
  parts.push(element("p", { className: "hint" }, rest.filter(Boolean).join(", ")));
  for (const problem of problems) parts.push(element("p", { className: "notice bad" }, ...linked(problem)));
  for (const test of tests.filter(test => !test.passed)) {
    const failures = test.failures.map(({ file, line, message, source }) => element("li", {},
      file ? element("a", { href: address(file, line) }, `${file}:${line}`) : "", " ", message,
      source ? element("pre", {}, source) : null));
    parts.push(element("details", { className: "error", open: true }, element("summary", {}, `${test.file}: ${test.name}`),
      element("ul", {}, ...failures)));
  }
  if (!tests.length) parts.push(element("p", { className: "empty" }, "The game has no tests yet; a new file can be one."));
  show(parts);
}

/** Shows that something is being done. */
export function showWork(text) { show([element("p", { className: "hint" }, text)]); }

/** Shows why something failed. */
export function showFailure(message) { show([element("p", { className: "notice bad" }, sentence(message))]); }

function show(parts) {
  const place = document.getElementById("result");
  place.replaceChildren(...parts);
  place.hidden = false;
}
