// Dialogs: those of a page, and the question before something that can't be taken back.

/** Asks; resolves to whether the answer was yes. */
export function confirmed(question) {
  const dialog = document.createElement("dialog");
  const text = document.createElement("p");
  text.textContent = question;
  const buttons = document.createElement("form");
  buttons.method = "dialog";
  buttons.className = "buttons";
  for (const [value, label, style] of [["no", "Cancel", "quiet"], ["yes", "Yes", "danger"]]) {
    const button = document.createElement("button");
    button.value = value;
    button.textContent = label;
    button.className = style;
    buttons.append(button);
  }
  dialog.append(text, buttons);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener("close", () => {
    dialog.remove();
    resolve(dialog.returnValue === "yes");
  }));
}

/** Opens and closes the dialogs of the page by their buttons. */
export function connectDialogs() {
  document.addEventListener("click", event => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
    event.target.closest("[data-close]")?.closest("dialog")?.close();
  });
}
