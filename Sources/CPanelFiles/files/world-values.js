// Inputs for values of the types that a game declares. The server checks each value; what is typed is converted to the
// declared type where that is possible, and sent as text where it is not, so that the server says what is allowed.

import { element } from "./elements.js";

/** A value as people read it. */
export function textOf(value) {
  if (value === null || value === undefined) return "nil";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * An input for a type: `number`, `string`, `boolean`, `json` or `table`, `any`.
 *
 * `isPlain`: the value can't be nil. `isOptional`: it need not be given. `isFixed`: it is only shown.
 */
export function inputFor(type, { label, isPlain = false, isOptional = false, isFixed = false } = {}) {
  return new ValueInput(type, { label, isPlain, isOptional, isFixed });
}

class ValueInput {
  constructor(type, { label, isPlain, isOptional, isFixed }) {
    this.type = type;
    this.isPlain = isPlain;
    this.known = null;
    const attributes = { "aria-label": label, disabled: isFixed, autocomplete: "off", spellcheck: "false" };
    if (type === "boolean") {
      const options = { nil: isOptional ? "default" : "nil", true: "true", false: "false" };
      this.field = element("select", attributes,
        ...Object.entries(options).map(([value, text]) => element("option", { value, text })));
    } else if (type === "json" || type === "table" || type === "any") {
      this.field = element("textarea", { ...attributes, rows: 2 });
    } else {
      this.field = element("input", { ...attributes, inputmode: type === "number" ? "decimal" : null });
    }
    if (!isPlain && !isOptional && type !== "boolean") this.field.placeholder = "nil";
    this.root = this.field;
    // An empty text is a value too, so nil has a box of its own.
    if (type === "string" && !isPlain) {
      this.nil = element("input", { type: "checkbox", "aria-label": `${label} is nil`, disabled: isFixed, checked: true });
      this.field.addEventListener("input", () => { this.nil.checked = false; });
      this.nil.addEventListener("input", () => { if (this.nil.checked) this.field.value = ""; });
      const title = isOptional ? "take the default" : "no value";
      this.root = element("span", { class: "nilable" }, this.field,
        element("label", { title }, this.nil, isOptional ? "default" : "nil"));
    }
    this.knownText = this.text;
  }

  set name(name) { this.field.name = name; }

  get text() { return this.nil?.checked ? null : this.field.value; }

  get isChanged() { return this.text !== this.knownText; }

  /** Shows a value of the server, unless the input is being changed. */
  offer(value) {
    if (this.isChanged || this.field.matches(":focus")) return;
    this.show(value);
  }

  show(value) {
    this.known = value;
    if (this.nil) this.nil.checked = value === null;
    if (this.type === "boolean") this.field.value = value === null ? "nil" : String(value);
    else if (value === null) this.field.value = "";
    else if (this.type === "json") this.field.value = JSON.stringify(value, null, JSON.stringify(value).length > 60 ? 1 : 0);
    else this.field.value = String(value);
    if (this.type === "json") this.field.rows = Math.min(Math.max(this.field.value.split("\n").length, 1), 8);
    this.knownText = this.text;
  }

  reset() {
    this.setWrong(false);
    this.show(this.known);
  }

  /** What is typed is the server's value now. */
  take() { this.knownText = this.text; }

  setWrong(isWrong) {
    if (!isWrong) return this.field.removeAttribute("aria-invalid");
    this.field.setAttribute("aria-invalid", "true");
    this.field.focus();
  }

  /** The value that is typed. Throws what JSON can't read. */
  get value() {
    const text = this.text;
    if (text === null) return null;
    switch (this.type) {
      case "number": {
        const trimmed = text.trim().replace(",", ".");
        if (!trimmed) return this.isPlain ? text : null;
        return Number.isFinite(Number(trimmed)) ? Number(trimmed) : text;
      }
      case "boolean": return text === "nil" ? null : text === "true";
      case "json": case "table": return text.trim() ? JSON.parse(text) : null;
      case "any": try { return JSON.parse(text); } catch { return text; }
      default: return text;
    }
  }
}
