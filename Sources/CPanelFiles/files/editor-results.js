// What a check and a run of the tests say.

import { count, element, sentence } from "./elements.js";
import { linkPlaces, placeLink } from "./places.js";

/** Shows the findings of a check; `goTo(line)` opens a line of this file. */
export function showFindings({ checked, findings, elsewhere, errors, warnings }, goTo) {
  const place = document.getElementById("findings");
  if (!checked) {
    place.replaceChildren(element("p", { class: "empty" }, "Only scripts and game.yaml are checked."));
    return;
  }
  const parts = [];
  const here = findings.map(finding => element("li", { class: finding.severity },
    element("button", { type: "button", class: "line quiet", onclick: () => goTo(finding.line) }, `line ${finding.line}`),
    element("b", {}, finding.severity), " ", finding.message));
  if (here.length) parts.push(element("ol", {}, ...here));
  else parts.push(element("p", { class: "fine" }, "No mistakes in this file."));
  if (elsewhere.length) {
    const items = elsewhere.map(finding => element("li", { class: finding.severity },
      placeLink(finding.file, finding.line), " ", finding.message));
    parts.push(element("details", {}, element("summary", {}, `${elsewhere.length} in other files`), element("ol", {}, ...items)));
  }
  parts.push(element("p", { class: "hint" }, `The game with this text: ${count(errors, "error")}, ${count(warnings, "warning")}.`));
  const wasOpen = place.querySelector("details")?.open ?? false;
  place.replaceChildren(...parts);
  if (wasOpen && place.querySelector("details")) place.querySelector("details").open = true;
}

/** Shows the results of the game's tests. */
export function showTests({ passed, failed, skipped, problems, tests, ms }) {
  const parts = [element("h2", {}, failed ? `${count(failed, "test")} failed` : `${count(passed, "test")} passed`)];
  const rest = [`${passed} passed`, `${failed} failed`, skipped ? `${skipped} left out` : null, `${(ms / 1000).toFixed(1)} s`];
  parts.push(element("p", { class: "hint" }, rest.filter(Boolean).join(", ")));
  for (const problem of problems) parts.push(element("p", { class: "notice bad" }, linkPlaces(problem)));
  for (const test of tests.filter(test => !test.passed)) {
    const failures = test.failures.map(({ file, line, message, source }) => element("li", {},
      file ? placeLink(file, line) : "", " ", message,
      source ? element("pre", {}, source) : null));
    parts.push(element("details", { class: "error", open: true }, element("summary", {}, `${test.file}: ${test.name}`),
      element("ul", {}, ...failures)));
  }
  if (!tests.length) parts.push(element("p", { class: "empty" }, "The game has no tests yet; a new file can be one."));
  show(parts);
}

/** Shows that something is being done. */
export function showWork(text) { show([element("p", { class: "hint" }, text)]); }

/** Shows why something failed. */
export function showFailure(message) { show([element("p", { class: "notice bad" }, sentence(message))]); }

function show(parts) {
  const place = document.getElementById("result");
  place.replaceChildren(...parts);
  place.hidden = false;
}
