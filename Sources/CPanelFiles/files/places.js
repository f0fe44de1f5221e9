// Places in scripts, such as `events/move/to.lua:12`, as links to the editor. Texts stay texts.

const place = /([\p{L}\p{N}_\-./]+\.lua):(\d+)/gu;

/** A link to a line of a file in the editor; without a line, to the file. */
export function placeLink(file, line) {
  const link = document.createElement("a");
  link.href = `/admin/editor?file=${encodeURIComponent(file)}${line ? `&line=${line}` : ""}`;
  link.textContent = line ? `${file}:${line}` : file;
  return link;
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
