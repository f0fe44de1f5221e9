// The console: Lua that is tried on a copy of the map first, and then run on the map.

import { Refusal } from "./api.js";
import { confirmed } from "./dialogs.js";
import { closed, count, element } from "./elements.js";
import { textOf } from "./world-values.js";

const kept = 50;
const keywords = "and break do else elseif end false for function if in local nil not or pairs repeat return then true "
  + "until while";
const differences = "Time goes on, and with it the world. Lua's math.random gives other numbers, and new entities get other "
  + "keys. Libs were loaded anew for the copy: what scripts keep in their variables is there as at the start. Events that "
  + "are added run later, and are not part of this.";

export function connectConsole(world) {
  const section = document.getElementById("console");
  return section ? new Console(world, section) : null;
}

class Console {
  constructor(world, section) {
    this.world = world;
    this.form = section.querySelector("form");
    this.problem = section.querySelector(".problem");
    this.result = document.getElementById("console-result");
    this.history = document.getElementById("history");
    this.names = [];
    /** The snippet that was tried last and may be applied. */
    this.tried = null;
    /** The snippet that was tried last, if it failed. */
    this.failed = null;
    this.editor = this.makeEditor(document.getElementById("source"));
    this.form.addEventListener("submit", event => {
      event.preventDefault();
      this.tryOut();
    });
    this.form.elements.apply.addEventListener("click", () => this.apply());
    this.form.elements.object.addEventListener("change", () => this.typed());
    this.history.addEventListener("change", () => this.recall());
    document.addEventListener("chosen", () => this.showObject());
    this.showObject();
    this.showHistory();
  }

  // MARK: The editor

  makeEditor(area) {
    const run = event => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (event.shiftKey) this.apply(); else this.tryOut();
    };
    if (!window.CodeMirror) {
      area.addEventListener("keydown", run);
      area.addEventListener("input", () => this.typed());
      return { get text() { return area.value; }, set text(text) { area.value = text; }, focus: () => area.focus() };
    }
    const code = CodeMirror.fromTextArea(area, {
      mode: "lua", lineNumbers: true, matchBrackets: true, autoCloseBrackets: true, indentUnit: 2, viewportMargin: Infinity,
      // Tab leaves the editor, as in every other field.
      extraKeys: { "Ctrl-Space": "autocomplete", Tab: false, "Shift-Tab": false },
      hintOptions: { hint: editor => this.hints(editor), completeSingle: false },
    });
    code.getInputField().setAttribute("aria-label", "Lua");
    code.on("change", () => this.typed());
    code.on("keydown", (_, event) => run(event));
    code.on("inputRead", (editor, change) => {
      if (/[\w.]/.test(change.text[0]) && this.hints(editor)) editor.showHint();
    });
    return { get text() { return code.getValue(); }, set text(text) { code.setValue(text); }, focus: () => code.focus() };
  }

  /** Takes the names that can be completed. */
  complete({ api, components, groups }) {
    this.names = [...api, ...components.map(({ name }) => `object.components.${name}`), "object.components",
      ...groups.map(({ name }) => `object.events.${name}`), "object", "objects", "map",
      ...keywords.split(" ")];
  }

  hints(editor) {
    const cursor = editor.getCursor();
    const word = /[\w.]*$/.exec(editor.getLine(cursor.line).slice(0, cursor.ch))[0];
    if (word.length < 2) return null;
    const list = this.names.filter(name => name.startsWith(word) && name !== word).sort().slice(0, 40);
    return list.length ? { list, from: { line: cursor.line, ch: cursor.ch - word.length }, to: cursor } : null;
  }

  // MARK: What is run

  get snippet() {
    const object = this.form.elements.object.checked ? this.world.chosen : null;
    return { source: this.editor.text, object };
  }

  typed() { this.form.elements.apply.disabled = JSON.stringify(this.snippet) !== this.tried; }

  showObject() {
    const box = this.form.elements.object;
    box.disabled = this.world.chosen === null;
    if (box.disabled) box.checked = false;
    const name = this.world.chosen ?? "The chosen entity";
    box.parentElement.querySelector("span").replaceChildren(`${name} is `, element("code", { text: "object" }));
    this.typed();
  }

  async run(path, show) {
    const { snippet } = this;
    this.problem.textContent = "";
    if (!snippet.source.trim()) {
      this.problem.textContent = "Type some Lua first.";
      return this.editor.focus();
    }
    const buttons = [...this.form.querySelectorAll("button")];
    for (const button of buttons) button.disabled = true;
    this.result.classList.add("old");
    try {
      const answer = await this.world.ask("POST", path, snippet);
      this.remember(snippet.source);
      this.result.replaceChildren(...show(answer));
      return { answer, snippet };
    } catch (error) {
      this.result.replaceChildren();
      this.problem.textContent = closed(error.message);
      return { error, snippet };
    } finally {
      this.result.classList.remove("old");
      for (const button of buttons) button.disabled = false;
      this.typed();
    }
  }

  async tryOut() {
    if (this.form.elements.try.disabled) return;
    const run = await this.run("/console/dry-run", answer => this.trial(answer));
    if (!run) return;
    // What was sent: another text may be in the editor by now.
    this.failed = run.answer?.error ? JSON.stringify(run.snippet) : null;
    const isTooLarge = run.error instanceof Refusal && run.error.code === "too_large";
    this.tried = (run.answer && run.answer.error?.kind !== "syntax") || isTooLarge ? JSON.stringify(run.snippet) : null;
    this.typed();
  }

  async apply() {
    if (this.form.elements.apply.disabled) return;
    const warning = "The snippet failed on the copy. On the map, what it changes before the error stays. Run it all the same?";
    if (this.failed === JSON.stringify(this.snippet) && !await confirmed(warning)) return;
    if (await this.run("/console", answer => this.applied(answer))) {
      this.tried = null;
      this.typed();
      this.world.changed();
    }
  }

  // MARK: What came of it

  trial(answer) {
    const { changes, effects, entities, omitted_changes: omitted } = answer;
    const all = changes.length + effects.length + omitted;
    const parts = [element("h3", { text: `On a copy of the map, with ${count(entities, "entity", "entities")}` }), ...this.output(answer)];
    if (answer.error) parts.unshift(this.failure(answer.error, "Nothing was changed on the map."));
    if (all) {
      parts.push(element("p", { text: `It ${answer.error ? "had changed this before the error" : "would change this"}:` }),
        element("ul", { class: "changes" }, ...changes.map(change => this.change(change)),
          ...effects.map(effect => this.effect(effect))));
      if (omitted) parts.push(hint(`… and ${count(omitted, "more change")}.`));
    } else if (!answer.error) {
      parts.push(element("p", { class: "empty", text: "It would change nothing." }));
    }
    parts.push(element("details", {}, element("summary", { text: "What can differ on the map" }), hint(differences)));
    return parts;
  }

  applied(answer) {
    const parts = this.output(answer);
    if (answer.error) {
      const kept = answer.error.kind === "syntax" ? "Nothing was run." : "What it had changed before the error stays.";
      return [this.failure(answer.error, kept), ...parts];
    }
    return [element("p", { class: "notice", text: "Applied to the map." }), ...parts];
  }

  failure({ kind, message, line, traceback }, consequence) {
    const names = {
      syntax: "It does not compile", time_limit: "It took too long", memory_limit: "It took too much memory",
      stopped: "It was stopped",
    };
    const notice = element("div", { class: "notice bad" },
      element("b", { text: `${names[kind] ?? "It failed"}${line ? ` in line ${line}` : ""}: ` }), message, ` `,
      element("b", { text: consequence }));
    if (traceback) {
      notice.append(element("details", {}, element("summary", { text: "Traceback" }), element("pre", { text: traceback })));
    }
    return notice;
  }

  output({ output, errors: all, value, omitted, error }) {
    const parts = [];
    // `error()` writes to the error log itself, so the snippet's own error is among them.
    const errors = all.filter(text => text !== error?.message);
    if (value !== undefined) parts.push(element("p", {}, "It returned ", element("code", { text: value })));
    if (output.length) parts.push(hint("It printed"), element("pre", { class: "output", text: output.join("\n") }));
    if (errors.length) {
      parts.push(hint("Errors in the scripts that it made run"), element("pre", { class: "bad", text: errors.join("\n") }));
    }
    if (omitted) parts.push(hint(`… and ${count(omitted, "more line")}.`));
    return parts;
  }

  change({ change, key, field, before, after }) {
    const bold = text => element("b", { text });
    if (change === "added") return element("li", {}, bold(`${key} added `), element("code", { text: brief(after) }));
    if (change === "removed") return element("li", {}, bold(`${key} removed`));
    if (field.startsWith("events.")) {
      const group = field.slice(7);
      if (!after) return element("li", {}, bold(key), `: event ${group}/${before.event} taken off`);
      return element("li", {}, bold(key), `: event ${group}/${after.event} added `,
        element("code", { text: JSON.stringify(after.data) }));
    }
    return element("li", {}, bold(key), ` ${field}: `, element("del", { text: textOf(before) }), " → ",
      element("ins", { text: textOf(after) }));
  }

  effect({ effect, key, message, map_id: mapID, group, event }) {
    const texts = {
      send: [`Message to ${key ?? "a player who is gone"}: `, message], broadcast: ["Message to all players: ", message],
      save: [`${key} is saved`], move: [`${key} goes to map ${mapID}`],
      event: [`Event ${group}/${event} for ${key} on map ${mapID}`], disconnect: [`${key} is disconnected`],
    }[effect] ?? [effect];
    return element("li", {}, texts[0], texts[1] ? element("code", { text: texts[1] }) : null);
  }

  // MARK: History

  get snippets() {
    try { return JSON.parse(localStorage.getItem("perigee-console")) ?? []; } catch { return []; }
  }

  remember(source) {
    const snippets = [source, ...this.snippets.filter(other => other !== source)].slice(0, kept);
    try { localStorage.setItem("perigee-console", JSON.stringify(snippets)); } catch { /* without history then */ }
    this.showHistory();
  }

  showHistory() {
    const short = source => source.replace(/\s+/g, " ").slice(0, 70);
    this.history.replaceChildren(
      element("option", { value: "", text: this.snippets.length ? "earlier snippets" : "none yet" }),
      ...this.snippets.map((source, index) => element("option", { value: index, text: short(source) })));
  }

  recall() {
    const source = this.snippets[this.history.value];
    this.history.value = "";
    if (source === undefined) return;
    this.editor.text = source;
    this.typed();
    this.editor.focus();
  }
}

function hint(text) { return element("p", { class: "hint", text }); }

function brief({ prefab, x, y, components }) {
  const values = Object.entries(components).map(([name, value]) => `${name} ${textOf(value)}`);
  return [prefab, `at ${Math.round(x * 100) / 100}, ${Math.round(y * 100) / 100}`, ...values].filter(Boolean).join(", ");
}
