// Renews the groups of errors in place: what is open stays open, what has not changed is not touched, and the focus stays.

import { fragment } from "./renewal.js";

/** Takes over a fragment of the server, which has escaped all texts. */
export function patchGroups(section, html) {
  const fresh = fragment(html).firstElementChild;
  const shown = section.querySelector("[data-version]");
  shown.dataset.version = fresh.dataset.version;
  replaceChanged(shown.querySelector(".head"), fresh.querySelector(".head"));
  const [list, wanted] = [shown.querySelector(".groups"), fresh.querySelector(".groups")];
  const known = new Map([...list.children].map(group => [group.dataset.key, group]));
  let place = list.firstElementChild;
  for (const group of [...wanted.children]) {
    const old = group.dataset.key && known.get(group.dataset.key);
    if (old) {
      known.delete(group.dataset.key);
      update(old, group);
    }
    const current = old ?? group;
    if (current === place) place = place.nextElementSibling;
    else list.insertBefore(current, place);
  }
  for (let rest = place; rest;) {
    const next = rest.nextElementSibling;
    rest.remove();
    rest = next;
  }
}

function update(old, group) {
  old.className = group.className;
  const parts = [...group.children];
  parts.forEach((part, index) => {
    const before = old.children[index];
    if (!before) old.append(part);
    else replaceChanged(before, part);
  });
  while (old.children.length > parts.length) old.lastElementChild.remove();
}

function replaceChanged(old, part) {
  if (old.outerHTML === part.outerHTML) return;
  // The focus may be on it: an element that stays keeps it.
  if (old.tagName === part.tagName && old.tagName === "SUMMARY") old.replaceChildren(...part.childNodes);
  else old.replaceWith(part);
}
