// The parameters of events: the fields of a form for them, and what is typed there as values of the declared types.

import { element } from "./elements.js";

/** What may be typed for a parameter of each type. */
export const TYPES = {
  number: "a number, such as 3 or -1.5",
  string: "any text",
  boolean: "true or false",
  table: 'a JSON object or list, such as {"n": 3} or [1, 2]',
  any: "a JSON value, or else a text",
};

/** What was typed can't be a value; `field` is the name of its field. */
export class Mistake extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The value of a type that a text stands for. Throws `Mistake`, which says what is allowed. */
export function valueOf(name, type, text) {
  const wrong = () => new Mistake(name, `${name} is ${JSON.stringify(text)}; type ${TYPES[type]}`);
  const trimmed = text.trim();
  switch (type) {
    case "string": return text;
    case "number": {
      const value = Number(trimmed);
      if (!NUMBER.test(trimmed) || !Number.isFinite(value)) throw wrong();
      return value;
    }
    case "boolean":
      if (trimmed !== "true" && trimmed !== "false") throw wrong();
      return trimmed === "true";
    case "table": {
      const value = parsed(trimmed);
      if (typeof value !== "object" || value === null) throw wrong();
      return value;
    }
    case "any": {
      const value = parsed(trimmed);
      return value === undefined ? text : value;
    }
    default:
      throw new Mistake(name, `${name} has the type ${type}, which this form does not know; it knows ` +
        `${Object.keys(TYPES).join(", ")}`);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The values of an event's parameters from the texts of its fields, by name; an empty field of a parameter with a
    default is left out. Throws the first `Mistake`. */
export function valuesOf(event, texts) {
  const values = {};
  for (const { name, type, ...rest } of event.parameters) {
    const text = texts[name] ?? "";
    if (text.trim() === "" && type in TYPES) {
      if ("default" in rest) continue;
      if (type !== "string") throw new Mistake(name, `${name} is missing; type ${TYPES[type]}`);
    }
    values[name] = valueOf(name, type, text);
  }
  return values;
}

/** A field for a parameter, in its label. */
export function fieldOf(parameter) {
  const { name, type, about } = parameter;
  const isOptional = "default" in parameter;
  const attributes = { name, autocomplete: "off" };
  let field;
  if (type === "boolean") {
    const choices = isOptional ? ["", "true", "false"] : ["true", "false"];
    field = element("select", attributes, ...choices.map(value => new Option(value || `${parameter.default} (default)`, value)));
  } else {
    field = element(type === "table" ? "textarea" : "input", {
      ...attributes, spellcheck: "false", inputmode: type === "number" && "decimal",
      placeholder: isOptional && JSON.stringify(parameter.default),
    });
  }
  return element("label", {},
    element("span", {}, `${name} `, element("small", {}, isOptional ? `${type}, optional` : type)), field,
    about ? element("small", { class: "hint" }, about) : null);
}
