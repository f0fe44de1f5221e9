// The entity that is chosen: its fields, components and events, renewed every second; what is being typed stays.

import { Refusal } from "./api.js";
import { confirmed } from "./dialogs.js";
import { closed, element } from "./elements.js";
import { inputFor, textOf } from "./world-values.js";

const period = 1000;
const numbers = ["x", "y", "z", "sort"];
const texts = ["side", "action", "prefab"];

export function connectEntity(world, view) {
  const section = document.getElementById("inspector");
  let shown = null, timer, renewal = 0;

  async function renew() {
    clearTimeout(timer);
    const key = world.chosen, mine = ++renewal;
    if (key && !document.hidden) {
      try {
        const entity = await world.ask("GET", `/entities/${key}`);
        if (mine !== renewal || key !== world.chosen) return;
        if (shown?.key !== key) {
          shown = new Inspector(world, view, section, entity, renew);
          section.replaceChildren(shown.root);
        }
        shown.update(entity);
      } catch (error) {
        if (mine !== renewal || key !== world.chosen) return;
        if (error instanceof Refusal && error.status === 404) gone(key);
      }
    }
    timer = setTimeout(renew, period);
  }

  function gone(key) {
    shown = null;
    section.replaceChildren(title(), element("p", { class: "empty", text: `${key} is not on this map any more.` }));
  }

  document.addEventListener("chosen", ({ detail }) => {
    if (detail === null) {
      shown = null;
      section.replaceChildren(title(), element("p", { class: "empty", text: "Choose an entity on the map or in the table." }));
    }
    renew();
  });
  document.addEventListener("changed", renew);
  document.addEventListener("visibilitychange", renew);
}

function title(text = "Entity") { return element("h2", { id: "inspector-title", text }); }

class Inspector {
  constructor(world, view, section, entity, renew) {
    this.world = world;
    this.view = view;
    this.section = section;
    this.key = entity.key;
    this.renew = renew;
    this.inputs = [];
    this.problem = element("p", { class: "problem", role: "alert" });
    this.root = element("div", {}, this.head(entity), this.facts(entity), this.form(entity), ...this.eventParts(entity));
  }

  head(entity) {
    const { world, view } = this;
    const tools = element("div", { class: "tools" },
      element("button", { class: "quiet", text: "Show", onclick: () => view.setFollowing(true), title: "Follow it on the map" }));
    if (world.mayChange) {
      tools.append(element("button", { class: "quiet danger", text: "Remove", onclick: () => this.remove(entity) }));
    }
    tools.append(
      element("button", { class: "quiet", text: "✕", "aria-label": "Choose none", onclick: () => world.choose(null) }));
    return element("div", { class: "head" }, title(entity.key), tools);
  }

  facts(entity) {
    const facts = [
      ["Login", entity.login], ["Ping", entity.ping !== undefined && `${Math.round(entity.ping * 1000)} ms`],
      ["Made", new Date(entity.created * 1000).toLocaleString()], ["Map object", entity.spawn_id],
      ["View", entity.view !== undefined && `${entity.view} tiles`], ["Told", entity.relevant && "at any distance"],
    ];
    const known = facts.filter(([, value]) => value !== undefined && value !== false);
    return element("p", { class: "hint", text: known.map(([name, value]) => `${name}: ${value}`).join(" · ") });
  }

  form(entity) {
    const fields = [...numbers.map(name => ({ name, type: "number", isPlain: true })),
      ...texts.map(name => ({ name, type: "string", isPlain: true }))];
    const declared = this.world.schema.components;
    const components = Object.keys(entity.components).map(name =>
      declared.find(one => one.name === name && one.types.includes(entity.type)) ?? { name, type: null });
    const save = element("div", { class: "buttons", hidden: true },
      element("button", { text: "Save" }),
      element("button", { class: "quiet", type: "button", text: "Undo", onclick: () => this.undo() }));
    this.saving = save;
    const form = element("form", { method: "post", onsubmit: event => this.save(event), oninput: () => this.mark() },
      element("h3", { text: "Fields" }),
      element("div", { class: "values" }, ...fields.map(field => this.line("fields", field))),
      element("h3", { text: "Components" }),
      components.length
        ? element("div", { class: "values" }, ...components.map(component => this.line("components", component)))
        : element("p", { class: "hint", text: "The game declares none for this type." }),
      this.problem, save);
    return form;
  }

  line(part, { name, type, isPlain, private: isPrivate, trigger, default: standard }) {
    const input = inputFor(type ?? "json", {
      isPlain, label: `${part === "fields" ? "" : "component "}${name}`, isFixed: !this.world.mayChange || type === null,
    });
    input.name = name;
    this.inputs.push({ part, name, input });
    const marks = [type ?? "not declared", isPrivate && "private", trigger && "trigger",
      standard !== undefined && standard !== null && `default ${textOf(standard)}`].filter(Boolean);
    const about = part === "components" ? element("small", { text: marks.join(", ") }) : null;
    const label = element("span", { class: "name" }, name, about);
    return element("div", { class: `value ${type}` }, label, input.root);
  }

  update(entity) {
    for (const { part, name, input } of this.inputs) input.offer(entity[part][name] ?? null);
    this.mark();
    this.showEvents(entity);
  }

  mark() { this.saving.hidden = !this.inputs.some(({ input }) => input.isChanged); }

  undo() {
    for (const { input } of this.inputs) input.reset();
    this.problem.textContent = "";
    this.mark();
  }

  async save(event) {
    event.preventDefault();
    this.problem.textContent = "";
    const body = { fields: {}, components: {} };
    for (const { part, name, input } of this.inputs) {
      input.setWrong(false);
      if (!input.isChanged) continue;
      try {
        body[part][name] = input.value;
      } catch (error) {
        input.setWrong(true);
        this.problem.textContent = `${name} is not JSON: ${error.message}.`;
        return;
      }
    }
    if (await this.change("PATCH", `/entities/${this.key}`, body, this.problem, field => this.refuse(field))) {
      for (const { input } of this.inputs) input.take();
      this.mark();
    }
  }

  refuse(field) {
    const wrong = this.inputs.find(({ part, name }) => field === name || field === `${part}.${name}`);
    wrong?.input.setWrong(true);
  }

  /** Sends a change; returns whether it was made. */
  async change(method, path, body, problem, refuse = () => {}) {
    try {
      await this.world.ask(method, path, body);
      this.world.changed();
      return true;
    } catch (error) {
      problem.textContent = closed(error.message);
      if (error.field) refuse(error.field);
      return false;
    }
  }

  async remove(entity) {
    const question = entity.type === "players"
      ? `Take ${entity.login ?? entity.key} off the map? The player is disconnected, and comes back with the next login.`
      : `Remove ${entity.key} for good?`;
    if (!await confirmed(question)) return;
    if (await this.change("DELETE", `/entities/${this.key}`, undefined, this.problem)) this.world.choose(null);
  }

  // MARK: Events

  eventParts(entity) {
    this.events = element("div", { class: "events" });
    this.eventProblem = element("p", { class: "problem", role: "alert" });
    const parts = [element("h3", { text: "Events" }), this.events];
    if (this.world.mayChange && this.world.schema.groups.length) parts.push(this.queueing());
    parts.push(this.eventProblem);
    return parts;
  }

  showEvents({ events, now }) {
    const groups = Object.entries(events);
    const text = JSON.stringify(groups);
    // The lines stay, so that none is replaced under a pointer; only their times go on.
    if (this.shownEvents === text) return this.clocks.forEach(clock => clock(now));
    this.shownEvents = text;
    this.clocks = [];
    if (!groups.length) {
      return this.events.replaceChildren(element("p", { class: "hint", text: "No event has been queued yet." }));
    }
    this.events.replaceChildren(...groups.map(([group, state]) => {
      const time = element("small");
      const tell = now => {
        const left = state.time - now;
        const when = left > 0 ? `in ${left < 100 ? left.toFixed(1) : Math.round(left)} s` : "now";
        const sender = state.from_client ? ", sent by its client" : "";
        time.textContent = state.event ? ` due ${when}${sender}` : ` idle, ready ${when}`;
      };
      tell(now);
      this.clocks.push(tell);
      const line = element("div", { class: "event" });
      if (!state.event) {
        line.append(element("span", {}, element("b", { text: group }), time));
        return line;
      }
      const data = Object.keys(state.data).length ? ` ${JSON.stringify(state.data)}` : "";
      line.append(element("span", {}, element("b", { text: `${group}/${state.event}` }),
        element("code", { text: data.trim(), hidden: !data }), time));
      if (this.world.mayChange) {
        line.append(element("button", {
          class: "quiet", text: "Remove", "aria-label": `Remove the event ${group}/${state.event}`,
          onclick: () =>
            this.change("DELETE", `/entities/${this.key}/events/${encodeURIComponent(group)}`, undefined, this.eventProblem),
        }));
      }
      return line;
    }));
  }

  queueing() {
    const groups = this.world.schema.groups.filter(group => group.events.length);
    const group = element("select", { name: "group" }, ...groups.map(one => element("option", { text: one.name })));
    const event = element("select", { name: "event" });
    const place = element("div", { class: "values" });
    let parameters = [];
    const showParameters = () => {
      const chosen = groups.find(one => one.name === group.value)?.events.find(one => one.name === event.value);
      parameters = (chosen?.parameters ?? []).map(parameter => ({
        parameter,
        input: inputFor(parameter.type, { label: `parameter ${parameter.name}`, isOptional: "default" in parameter }),
      }));
      place.replaceChildren(...parameters.map(({ parameter, input }) => {
        const { name, type, about } = parameter;
        const standard = "default" in parameter ? `default ${textOf(parameter.default)}` : "needed";
        return element("div", { class: `value ${type}` },
          element("span", { class: "name" }, name, element("small", { text: [type, standard, about].filter(Boolean).join(", ") })),
          input.root);
      }));
    };
    const showEvents = () => {
      const events = groups.find(one => one.name === group.value)?.events ?? [];
      event.replaceChildren(...events.map(one => element("option", { text: one.name })));
      showParameters();
    };
    group.addEventListener("change", showEvents);
    event.addEventListener("change", showParameters);
    showEvents();
    const send = async submitted => {
      submitted.preventDefault();
      this.eventProblem.textContent = "";
      const data = {};
      for (const { parameter, input } of parameters) {
        input.setWrong(false);
        try {
          if (input.isChanged) data[parameter.name] = input.value;
        } catch (error) {
          input.setWrong(true);
          this.eventProblem.textContent = `${parameter.name} is not JSON: ${error.message}.`;
          return;
        }
      }
      await this.change(
        "POST", `/entities/${this.key}/events`, { group: group.value, event: event.value, data }, this.eventProblem,
        field => parameters.find(({ parameter }) => field === `data.${parameter.name}`)?.input.setWrong(true));
    };
    return element("details", { class: "queue" }, element("summary", { text: "Add an event" }),
      element("form", { method: "post", onsubmit: send },
        element("div", { class: "row" }, element("label", {}, "Group", group), element("label", {}, "Event", event)),
        place, element("button", { text: "Add the event" })));
  }
}
