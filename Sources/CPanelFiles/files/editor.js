// The page of the editor: opens a file, checks it while somebody types, saves it, and compares texts when somebody else
// saved it meanwhile.

import { Away, Refusal, call } from "./api.js";
import { confirmed } from "./dialogs.js";
import { comparison } from "./editor-differences.js";
import { element, sentence } from "./elements.js";
import { connectFiles, connectRename } from "./editor-files.js";
import { connectForm } from "./editor-form.js";
import { connectHistory } from "./editor-history.js";
import { showFailure, showFindings, showTests, showWork } from "./editor-results.js";
import { makeText } from "./editor-text.js";
import { showReload } from "./reloads.js";

const api = "/server/api/v1/game/files";
const place = document.getElementById("editor");
const names = call("GET", "/server/api/v1/game/names");
connectFiles(names);
if (place) open();

async function open() {
  const { file, new: newText, line } = place.dataset;
  const isReadOnly = "readOnly" in place.dataset, isDeleted = "deleted" in place.dataset;
  const state = document.getElementById("state"), problem = document.getElementById("problem");
  const buttons = Object.fromEntries(["save", "test", "rename", "delete"].map(id => [id, document.getElementById(id)]));
  const merge = document.getElementById("merge");
  // The version of the text from which this editing began, and that text; `null` for a file that does not exist.
  let base = null, saved = null;
  let known = null;
  let fields = null;
  let isBusy = false;
  // The check that waits, whether one is under way, and the text of the last one.
  let timer, isChecking = false, checked = null;

  const text = makeText(document.getElementById("text"), {
    file, isReadOnly: isReadOnly || isDeleted, changed: onChange, save: () => save(),
    names: () => known && { ...known, kind: fields?.kind, parameters: fields?.parameters?.map(({ name, type, about }) => ({ name, type, about })) },
  });
  names.then(answer => { known = answer; }).catch(() => { /* there are no completions then */ });
  const form = connectForm(document.getElementById("form"), changeForm);
  const history = connectHistory(file, { text: () => text.value, restore, mayChange: !isReadOnly });
  connectRename(file, () => base);
  buttons.save?.addEventListener("click", () => save());
  buttons.test?.addEventListener("click", test);
  buttons.delete?.addEventListener("click", remove);
  addEventListener("beforeunload", event => { if (isChanged()) event.preventDefault(); });
  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s" && !event.defaultPrevented) {
      event.preventDefault();
      save();
    }
  });

  await load();

  async function load() {
    try {
      if (isDeleted) return tell("Deleted");
      if (newText !== undefined) {
        text.value = newText;
      } else {
        const answer = await call("GET", `${api}/text?file=${encodeURIComponent(file)}`);
        base = answer.version;
        text.value = answer.text;
        // As the editor gives it back: line ends of several kinds become one.
        saved = text.value;
        showFields(answer.form);
      }
      if (line) text.goTo(Number(line));
      onChange();
      scheduleCheck(0);
    } catch (error) {
      tell("Not open");
      fail(error);
    }
  }

  function isChanged() { return !isReadOnly && !isDeleted && text.value !== saved; }

  function tell(words) { state.textContent = words; }

  function fail(error) { problem.textContent = sentence(error.message); }

  function showFields(given) {
    fields = given;
    form.fill(given);
  }

  function onChange() {
    const changed = isChanged();
    tell(saved === null ? "New" : changed ? "Not saved" : "Saved");
    place.classList.toggle("is-changed", changed);
    if (isReadOnly) return;
    buttons.save.disabled = isBusy || !changed;
    buttons.test.disabled = isBusy;
    for (const button of [buttons.rename, buttons.delete]) button.disabled = isBusy || base === null;
    scheduleCheck();
  }

  // Checks: one at a time, a moment after the last change.

  function scheduleCheck(delay = 350) {
    clearTimeout(timer);
    if (isReadOnly) return;
    timer = setTimeout(check, delay);
  }

  async function check() {
    if (isChecking) return scheduleCheck();
    const now = text.value;
    if (now === checked) return;
    isChecking = true;
    try {
      const answer = await call("POST", `${api}/check`, { file, text: now });
      checked = now;
      if (text.value === now) {
        text.mark(answer.findings);
        showFindings(answer, number => text.goTo(number));
        showFields(answer.form);
      }
    } catch (error) {
      if (error instanceof Away || error.status === 503) scheduleCheck(1500);
      else document.getElementById("findings").replaceChildren(element("p", { class: "notice bad" }, sentence(error.message)));
    } finally {
      isChecking = false;
    }
  }

  async function changeForm(form) {
    const before = text.value;
    const answer = await call("POST", `${api}/form`, { file, text: before, form });
    // Somebody typed meanwhile; the next check shows the fields of that text.
    if (text.value !== before) return fields;
    text.replace(answer.text);
    fields = answer.form;
    onChange();
    return answer.form;
  }

  // Saving

  /** Runs something that no other action may interrupt. */
  async function alone(work) {
    if (isBusy) return false;
    isBusy = true;
    problem.textContent = "";
    onChange();
    try {
      return await work();
    } catch (error) {
      fail(error);
      return false;
    } finally {
      isBusy = false;
      onChange();
    }
  }

  function save() { return isReadOnly || isDeleted ? false : alone(write); }

  async function write() {
    await form.settled;
    const now = text.value;
    tell("Saving …");
    try {
      const answer = await call("PUT", `${api}/text`, { file, text: now, base });
      const wasNew = saved === null;
      base = answer.version;
      saved = now;
      merge.hidden = true;
      const title = answer.reload.problems.length ? "Saved, with mistakes in the game folder" : "Saved";
      showReload(document.getElementById("result"), title, answer.reload);
      if (answer.uncommitted) {
        document.getElementById("result").append(element("p", { class: "notice" },
          `Git made no commit of it, so the version is kept in the server's database. ${sentence(answer.uncommitted)}`));
      }
      checked = null;
      history.renew();
      // The address must not offer the template again, and the tree has the file from now on.
      if (wasNew) globalThis.history.replaceState(null, "", `/admin/editor?file=${encodeURIComponent(file)}`);
      place.querySelectorAll(":scope > .notice").forEach(note => note.remove());
      return true;
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "conflict") throw error;
      showMerge(error, now);
      return false;
    }
  }

  function showMerge(refusal, mine) {
    const { current, version } = refusal.body;
    const isGone = current === null;
    const button = (label, style, work) => element("button", { type: "button", class: style, onclick: work }, label);
    const choices = isGone
      ? [button("Save mine as a new file", "", () => take(null, null, true))]
      : [
        button("Take mine", "", () => take(version, current, true)),
        button("Take theirs", "quiet", () => {
          text.replace(current);
          take(version, current, false);
        }),
        button("Edit mine", "quiet", () => take(version, current, false)),
      ];
    merge.replaceChildren(
      element("h2", {}, isGone ? "The file is gone" : "Somebody else changed this file"),
      element("p", {}, sentence(refusal.message)),
      ...(isGone ? [] : [comparison(mine, current, "Yours", "Theirs")]),
      element("div", { class: "buttons" }, ...choices));
    merge.hidden = false;
    merge.scrollIntoView({ block: "nearest" });
    merge.querySelector(".buttons button").focus({ preventScroll: true });
  }

  /** Goes on from what the others saved. */
  async function take(version, current, isSaved) {
    base = version;
    saved = current;
    if (isSaved) {
      await save();
    } else {
      if (!isChanged()) merge.hidden = true;
      onChange();
      text.focus();
    }
  }

  async function restore(former) {
    if (isDeleted) {
      try {
        await call("PUT", `${api}/text`, { file, text: former, base: null });
        location.reload();
      } catch (error) {
        fail(error);
      }
      return;
    }
    if (isChanged() && !await confirmed("Your changes are not saved. Replace them by this version?")) return;
    text.replace(former);
    if (isChanged()) await save();
  }

  async function remove() {
    if (!await confirmed(`Delete ${file}? The running game loses what it declares. Its versions are kept.`)) return;
    await alone(async () => {
      await call("DELETE", `${api}/text?file=${encodeURIComponent(file)}&base=${encodeURIComponent(base)}`);
      saved = text.value;
      location.reload();
    });
  }

  async function test() {
    if (isChanged() && !await save()) return;
    await alone(async () => {
      showWork("The tests run …");
      try {
        showTests(await call("POST", `${api}/tests`, {}));
      } catch (error) {
        showFailure(error.message);
      }
    });
  }
}
