// The versions of the file: which there are, what differs, and how to get one back.

import { call } from "./api.js";
import { comparison } from "./editor-differences.js";
import { element, sentence } from "./elements.js";
import { localize } from "./times.js";

const path = "/server/api/v1/game/files/versions";

/** Connects the list; `text()` is the text as it is now, and `restore(text, button)` saves another one. */
export function connectHistory(file, { text, restore, mayChange }) {
  const box = document.getElementById("history"), list = document.getElementById("versions");

  async function load() {
    if (!box.open) return;
    try {
      show(await call("GET", `${path}?file=${encodeURIComponent(file)}`));
    } catch (error) {
      list.replaceChildren(element("p", { class: "notice bad" }, sentence(error.message)));
    }
  }

  function show(versions) {
    if (!versions.length) {
      list.replaceChildren(element("p", { class: "empty" }, "No versions yet: one is kept each time when the file is saved here."));
      return;
    }
    const rows = versions.map((version, index) => {
      const time = element("time", { datetime: new Date(version.time * 1000).toISOString() });
      const about = element("span", { class: "about" }, time, " ",
        version.author ? element("b", {}, version.author) : "found in the folder", " ",
        element("small", {}, version.bytes === undefined ? "deleted" : `${version.bytes} bytes`),
        version.about ? element("span", { class: "subject" }, ` ${version.about}`) : null,
        index === 0 ? element("span", { class: "tag" }, "latest") : null);
      const place = element("div", { class: "compared" });
      const buttons = element("span", { class: "actions" });
      if (version.bytes !== undefined) {
        buttons.append(element("button", { type: "button", class: "quiet", onclick: event => compare(version, place, event.target) }, "Compare"));
        if (mayChange) {
          buttons.append(element("button", {
            type: "button", class: "quiet restore", onclick: () => bringBack(version, place),
            "aria-label": `Restore the version of ${time.dateTime}`,
          }, "Restore"));
        }
      }
      return element("li", {}, about, buttons, place);
    });
    list.replaceChildren(element("ol", { class: "versions" }, ...rows));
    localize(list);
  }

  async function compare(version, place, button) {
    if (place.querySelector(":scope > :not(.notice)")) {
      place.replaceChildren();
      button.textContent = "Compare";
      return;
    }
    try {
      const { text: former } = await call("GET", `${path}/${version.id}?file=${encodeURIComponent(file)}`);
      place.replaceChildren(comparison(former, text(), "This version", "The text above"));
      button.textContent = "Close";
    } catch (error) {
      fail(place, error);
    }
  }

  async function bringBack(version, place) {
    try {
      const { text: former } = await call("GET", `${path}/${version.id}?file=${encodeURIComponent(file)}`);
      await restore(former);
    } catch (error) {
      fail(place, error);
    }
  }

  /** Says below a version why it can't be had; the next press tries again. */
  function fail(place, error) {
    place.replaceChildren(element("p", { class: "notice bad", role: "alert" }, sentence(error.message)));
  }

  box.addEventListener("toggle", load);
  load();
  return { renew: load };
}
