// Places in files of the game, such as `events/move/to.lua:12`, as links to the editor. Texts stay texts.

import { element } from "./elements.js";

// A place begins where no word goes on, so that a long word is not searched again from each of its letters.
const place = /(?<![\p{L}\p{N}_\-./])([\p{L}\p{N}_\-./]+\.(?:lua|yaml|tmj|world)):(\d+)/gu;

/** The address of a file in the editor, at a line if there is one. */
export function editorAddress(file, line) {
  return `/admin/editor?file=${encodeURIComponent(file)}${line ? `&line=${line}` : ""}`;
}

/** A link to a line of a file in the editor; without a line, to the file. */
export function placeLink(file, line) {
  return element("a", { href: editorAddress(file, line) }, line ? `${file}:${line}` : file);
}

/** A text, as nodes in which each place is a link. */
export function linkPlaces(text) {
  const made = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(place)) {
    made.append(text.slice(end, found.index), placeLink(found[1], found[2]));
    end = found.index + found[0].length;
  }
  made.append(text.slice(end));
  return made;
}
