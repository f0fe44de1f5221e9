// Requests to the operators' API. Every answer, and every request without one, tells `alive.js` whether the server is
// there.

/** A refusal of the server, with its own words. */
export class Refusal extends Error {
  constructor(status, body) {
    super(body.error || `The server answered with status ${status}.`);
    this.status = status;
    this.code = body.code;
    this.field = body.field;
    this.body = body;
  }
}

/** The server did not answer. */
export class Away extends Error {
  constructor() { super("The server does not answer."); }
}

const token = document.querySelector("meta[name=perigee-token]")?.content;

/** Sends a request; returns its answer, whatever its status is. Throws `Away` without an answer, or when `signal` gives it up. */
export async function send(method, path, { body, accept = "application/json", signal } = {}) {
  const headers = { Accept: accept };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token && method !== "GET") headers["X-Perigee-Token"] = token;
  let answer;
  try {
    answer = await fetch(path, {
      method, headers, signal, credentials: "same-origin", cache: "no-store",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    report(false);
    throw new Away();
  }
  report(true);
  return answer;
}

/** Sends a request and returns the JSON of its answer. Throws `Refusal` or `Away`. */
export async function call(method, path, body, { signal } = {}) {
  const answer = await send(method, path, { body, signal });
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, json);
  return json;
}

/** Opens the login page, and comes back from there to this page. */
export function logInAgain() {
  location.assign(`/admin/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

function report(isThere) { dispatchEvent(new CustomEvent("perigee-server", { detail: isThere })); }
