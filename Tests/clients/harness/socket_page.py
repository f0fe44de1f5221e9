"""A page with the battle's Socket.IO client and nothing else."""

from .waiting import until


class Page:
    """A page with sockets by name, which keep what happens to them."""

    def __init__(self, browser, url):
        self.browser = browser
        browser.driver.get(url)
        until(lambda: browser.js("typeof window.io") == "function", "the client is loaded")

    def connect(self, url, options, name="socket"):
        self.browser.driver.execute_script(
            """
            const [url, options, name] = arguments;
            const socket = window[name] = io(url, options);
            socket.log = [];
            const note = (kind) => (...values) => {
              socket.log.push([kind, ...values.map((value) => value instanceof Error
                ? { message: value.message, data: value.data } : value)]);
            };
            for (const kind of ["connect", "disconnect", "connect_error", "reconnecting", "reconnect_failed", "upgrade",
              "welcome", "message-back", "number", "answered"]) socket.on(kind, note(kind));
            """, url, options, name)

    def run(self, script, *arguments):
        return self.browser.driver.execute_script(script, *arguments)

    def ask(self, script, *arguments):
        """The value of a promise, or the text of its error."""
        return self.browser.driver.execute_async_script(
            f"const done = arguments[arguments.length - 1]; ({script}).then(done, (error) => done(String(error)))",
            *arguments)

    def log(self, *kinds, name="socket"):
        return [entry for entry in self.browser.js(f"{name}.log") if entry[0] in kinds]

    def wait(self, kind, count=1, name="socket"):
        return until(
            lambda: len(self.log(kind, name=name)) >= count and self.log(kind, name=name),
            f"{count} × {kind}; there was {self.browser.js(f'{name}.log')}")

    def id(self):
        return self.browser.js("socket.id")
