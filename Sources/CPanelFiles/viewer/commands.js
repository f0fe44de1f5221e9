// A form for each event that the game lets players send, and what came of the commands.

import { element } from "./elements.js";
import { fieldOf, valuesOf } from "./parameters.js";

export class Commands {
  /** `send` takes a command, and returns whether it could be sent. */
  constructor(place, send) {
    this.place = place;
    this.send = send;
    this.events = [];
    this.forms = new Map(); // the event of each form
    this.waiting = new Map(); // when each command was sent, by its command_id
    this.lastID = 0;
    place.addEventListener("submit", event => {
      event.preventDefault();
      this.submit(event.target);
    });
  }

  /** Shows the events of `GET /server/api/game`; what was typed stays where the event is the same. */
  show(groups) {
    const former = new Map([...this.forms].map(([form, event]) => [JSON.stringify(event), form]));
    this.events = groups.flatMap(group => group.events);
    this.forms = new Map(this.events.map(event => [former.get(JSON.stringify(event)) ?? makeForm(event), event]));
    const forms = [...this.forms.keys()];
    if (!forms.length) {
      forms.push(element("p", { class: "empty" },
        "The game has no public event yet. One with --@public true in events/GROUP/NAME.lua appears here."));
    }
    this.place.replaceChildren(...forms);
  }

  submit(form) {
    const event = this.forms.get(form);
    const problem = form.querySelector(".problem");
    problem.textContent = "";
    try {
      const texts = Object.fromEntries(new FormData(form));
      if (!this.command(event.action, valuesOf(event, texts))) problem.textContent = "There is no connection to the server.";
    } catch (error) {
      problem.textContent = error.message;
      form.querySelector(`[name="${error.field}"]`)?.focus();
    }
  }

  /** Sends a command with parameters that have their types. */
  command(action, values = {}) {
    // The server acknowledges by this number, so two commands must not have the same.
    this.lastID = Math.max(Date.now(), this.lastID + 1);
    return this.relay({ action, ...values, command_id: this.lastID });
  }

  /** Sends a complete command. */
  relay(command) {
    if (!this.send(command)) return false;
    this.waiting.set(command.command_id, performance.now());
    return true;
  }

  /** The acknowledgements of a delta: for each the event's group, the round trip and the wait on the server, in s. */
  acknowledged(commands) {
    return Object.entries(commands ?? {}).map(([group, { command_id, wait_time }]) => {
      const sent = this.waiting.get(command_id);
      for (const id of this.waiting.keys()) if (id <= command_id) this.waiting.delete(id);
      const trip = sent === undefined ? null : (performance.now() - sent) / 1000 - wait_time;
      return { group, trip, wait: wait_time };
    });
  }

  /** The event that an arrow key stands for: one with its name that needs no parameters. */
  stepFor(direction) {
    return this.events.find(({ name, parameters }) => name === direction && parameters.every(each => "default" in each));
  }

  /** Fills x and y of the forms that have both. */
  fill(x, y) {
    for (const form of this.forms.keys()) {
      const fields = [form.querySelector("[name=x]"), form.querySelector("[name=y]")];
      if (fields.every(Boolean)) [fields[0].value, fields[1].value] = [x, y];
    }
  }
}

function makeForm(event) {
  return element("form", { method: "post", "data-action": event.action },
    element("div", { class: "line" }, element("b", {}, event.action),
      element("button", { "aria-label": `Send ${event.action}` }, "Send")),
    element("div", { class: "fields" }, ...event.parameters.map(fieldOf)),
    element("p", { class: "problem", role: "alert" }));
}
