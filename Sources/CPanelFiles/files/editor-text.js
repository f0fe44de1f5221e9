// The text of the file: CodeMirror where it is installed, else the plain text area.

import { completions } from "./editor-hints.js";

const modes = { lua: "lua", yaml: "yaml", yml: "yaml", json: { name: "javascript", json: true }, tmj: { name: "javascript", json: true },
  world: { name: "javascript", json: true }, js: "javascript", mjs: "javascript" };

/** Makes the editor of a text area; `changed` is called after each change. */
export function makeText(area, { file, isReadOnly, changed, save, names }) {
  return window.CodeMirror
    ? rich(area, { file, isReadOnly, changed, save, names }) : plain(area, { isReadOnly, changed });
}

function plain(area, { isReadOnly, changed }) {
  area.readOnly = isReadOnly;
  area.addEventListener("input", changed);
  let lineEnd = "\n";
  const lineStart = line => area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  return {
    get value() { return area.value.replaceAll("\n", lineEnd); },
    set value(text) {
      lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
      area.value = text;
      area.disabled = false;
    },
    replace(text) { area.value = text; },
    goTo(line) {
      const start = lineStart(line);
      const end = area.value.indexOf("\n", start);
      area.focus();
      area.setSelectionRange(start, end < 0 ? area.value.length : end);
      area.scrollTop = Math.max(0, (line - 6) * parseFloat(getComputedStyle(area).lineHeight));
    },
    mark() {},
    show() {},
    focus() { area.focus(); },
  };
}

function rich(area, { file, isReadOnly, changed, save, names }) {
  let findings = [];
  const ending = file.slice(file.lastIndexOf(".") + 1).toLowerCase();
  const keys = {
    "Ctrl-S": save, "Cmd-S": save, "Ctrl-Space": editor => complete(editor),
    "Ctrl-/": editor => editor.toggleComment?.(),
    Tab: editor => editor.somethingSelected() ? editor.execCommand("indentMore")
      : editor.replaceSelection(" ".repeat(editor.getOption("indentUnit")), "end"),
    "Shift-Tab": editor => editor.execCommand("indentLess"),
  };
  const editor = CodeMirror.fromTextArea(area, {
    mode: modes[ending] ?? null, theme: "perigee", lineNumbers: true, indentUnit: 2, tabSize: 4,
    readOnly: isReadOnly, matchBrackets: true, autoCloseBrackets: true, viewportMargin: 30, extraKeys: keys,
    gutters: ["CodeMirror-lint-markers", "CodeMirror-linenumbers"],
    lint: { getAnnotations: () => findings.map(annotation), lintOnChange: false },
    screenReaderLabel: "Text",
  });
  // After Escape, Tab leaves the text, so that the keyboard reaches the rest of the page.
  editor.on("keydown", (_, event) => {
    if (event.key === "Escape") editor.setOption("extraKeys", { ...keys, Tab: false, "Shift-Tab": false });
  });
  editor.on("focus", () => editor.setOption("extraKeys", keys));
  editor.on("change", (_, change) => { if (change.origin !== "setValue") changed(); });
  editor.on("inputRead", (_, change) => {
    if (/[\w."'@]$/.test(change.text.join("\n")) && !editor.state.completionActive) complete(editor);
  });
  let marked = null, lineEnd = "\n";

  function annotation(finding) {
    const line = Math.min(finding.line - 1, editor.lastLine());
    const text = editor.getLine(line) ?? "";
    const from = [...text].slice(0, finding.column - 1).join("").length;
    const word = /^[\w.]+|^\S/.exec(text.slice(from));
    const to = word ? from + word[0].length : text.length;
    return {
      from: CodeMirror.Pos(line, word ? from : Math.max(0, text.length - 1)), to: CodeMirror.Pos(line, to),
      message: finding.message, severity: finding.severity,
    };
  }

  function complete(editor) {
    if (ending !== "lua" || !names()) return;
    editor.showHint({
      completeSingle: false, closeCharacters: /[\s()[\]{};>,]/,
      hint: () => {
        const cursor = editor.getCursor();
        const found = completions(names(), editor.getLine(cursor.line).slice(0, cursor.ch), editor.getValue());
        if (!found) return null;
        return {
          from: CodeMirror.Pos(cursor.line, found.start), to: cursor,
          list: found.items.slice(0, 60).map(item => ({ text: item.name, render: row => renderHint(row, item) })),
        };
      },
    });
  }

  return {
    get value() { return editor.getValue(lineEnd); },
    set value(text) {
      lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
      editor.setValue(text);
      editor.clearHistory();
    },
    /** Replaces what differs, so that the cursor stays and one undo takes it back. */
    replace(text) {
      const old = editor.getValue(lineEnd);
      if (old === text) return;
      let start = 0;
      while (start < old.length && start < text.length && old[start] === text[start]) start++;
      let end = 0;
      while (end < old.length - start && end < text.length - start
        && old[old.length - 1 - end] === text[text.length - 1 - end]) end++;
      const plain = value => value.replaceAll("\r\n", "\n").length;
      const from = editor.posFromIndex(plain(old.slice(0, start)));
      const to = editor.posFromIndex(plain(old.slice(0, old.length - end)));
      editor.replaceRange(text.slice(start, text.length - end), from, to, "+form");
    },
    goTo(line) {
      const index = Math.max(0, Math.min(line - 1, editor.lastLine()));
      if (marked) editor.removeLineClass(marked, "background", "marked-line");
      marked = editor.addLineClass(index, "background", "marked-line");
      editor.setCursor(index, 0);
      editor.scrollIntoView({ line: index, ch: 0 }, 120);
      editor.focus();
    },
    mark(list) {
      findings = list;
      editor.performLint?.();
    },
    show() { editor.refresh(); },
    focus() { editor.focus(); },
  };
}

function renderHint(row, item) {
  const name = document.createElement("b");
  name.textContent = item.name;
  const type = document.createElement("i");
  type.textContent = item.type ?? "";
  const about = document.createElement("small");
  about.textContent = item.about ?? "";
  row.append(name, type, about);
}
