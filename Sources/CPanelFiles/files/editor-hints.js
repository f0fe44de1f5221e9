// What fits at the cursor of a Lua script: names of the script API and of the game.

const keywords = ["and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil",
  "not", "or", "repeat", "return", "then", "true", "until", "while"];

/**
 * The completions for a line that ends at the cursor: `{ start, items }`, where `start` is the column at which the
 * completed word begins; `null` when nothing fits. `names` is the answer of the server, with `kind` for this script.
 */
export function completions(names, line, text) {
  const word = /[\w]*$/.exec(line)[0];
  const start = line.length - word.length;
  const items = candidates(names, line.slice(0, start), text)
    ?.filter(item => item.name !== word && item.name.toLowerCase().startsWith(word.toLowerCase()));
  if (!items?.length) return null;
  return { start, items };
}

function candidates(names, before, text) {
  const note = /^\s*--@$/.exec(before);
  if (note) return names.annotations[names.kind] ?? [];
  if (/--/.test(before)) return null;
  const string = inString(names, before);
  if (string !== undefined) return string;
  if (/\.components\.$/.test(before)) return names.components;
  const group = /\.events\.(\w+)\.$/.exec(before);
  if (group) return names.members.EventGroup;
  if (/\.events\.$/.test(before)) return [...names.groups, ...names.members.Events];
  const owner = /(\w+)[.:]$/.exec(before);
  if (owner) return members(names, owner[1]);
  if (/[.:\d]$/.test(before) || !/(^|[^\w])$/.test(before)) return null;
  return unique([...(names.environment[names.kind] ?? []), ...names.globals, ...keywords.map(name => ({ name, type: "" })),
    ...words(text)]);
}

/** The names that fit in a string; `undefined` outside of strings. */
function inString(names, before) {
  const open = /(["'])([^"']*)$/.exec(before);
  const quotes = (before.match(/["']/g) ?? []).length;
  if (!open || quotes % 2 === 0) return undefined;
  const head = before.slice(0, open.index);
  if (/events\.(add|remove)\(\s*$/.test(head) || /\.events\[\s*$/.test(head)) return names.groups;
  const event = /events\.add\(\s*["'](\w+)["']\s*,\s*$/.exec(head);
  if (event) return names.groups.find(group => group.name === event[1])?.events ?? [];
  const action = /\.events\.(\w+)\.action\s*(?:==|~=|=)\s*$/.exec(head);
  if (action) return names.groups.find(group => group.name === action[1])?.events ?? [];
  if (/objects\.(add|count)\(\s*$/.test(head) || /objects\.near\(.*,\s*$/.test(head) || /\.type\s*(==|~=)\s*$/.test(head)) {
    return names.types.map(name => ({ name, type: "entity type" }));
  }
  if (/prefab\s*(==|~=|=)\s*$/.test(head)) return names.prefabs.map(name => ({ name, type: "prefab" }));
  if (/components\[\s*$/.test(head)) return names.components;
  return null;
}

function members(names, owner) {
  switch (owner) {
    case "objects": return names.members.Objects;
    case "map": return names.members.Map;
    case "event": return names.members.RunningEvent;
    case "socket": return names.members.Socket;
    case "broadcast": return names.members.SocketBroadcast;
    case "io": return names.members.IO;
    case "data": return names.parameters ?? [];
    default: return names.libraries[owner] ?? names.members.Entity;
  }
}

function words(text) {
  const found = new Set(text.slice(0, 200_000).match(/\b[A-Za-z_]\w{2,}\b/g) ?? []);
  return [...found].slice(0, 2000).map(name => ({ name, type: "in this file" }));
}

function unique(items) {
  const seen = new Set();
  return items.filter(item => !seen.has(item.name) && seen.add(item.name));
}
