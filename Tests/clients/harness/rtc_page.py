"""A page in Chromium with one WebRTC client of `perigee conformance`."""

CLIENT = """
window.rtc = {
    received: {}, closed: [],
    async connect(channels) {
        this.peer = new RTCPeerConnection();
        this.channels = {};
        const opened = [];
        for (const [label, options] of Object.entries(channels)) opened.push(this.open(label, options));
        await this.peer.setLocalDescription(await this.peer.createOffer());
        const body = JSON.stringify({type: 'offer', sdp: this.peer.localDescription.sdp});
        const answer = await fetch('/rtc/offer', {method: 'POST', body});
        if (!answer.ok) throw new Error(await answer.text());
        await this.peer.setRemoteDescription(await answer.json());
        await Promise.all(opened);
    },
    open(label, options) {
        const channel = this.peer.createDataChannel(label, options);
        channel.binaryType = 'arraybuffer';
        this.channels[label] = channel;
        const received = this.received[label] = [];
        channel.addEventListener('message', event => received.push(event.data));
        channel.addEventListener('close', () => this.closed.push(label));
        return new Promise((resolve, reject) => {
            channel.addEventListener('open', resolve);
            channel.addEventListener('error', event => reject(event.error));
        });
    },
    async until(condition) {
        while (!condition()) await new Promise(resolve => setTimeout(resolve, 5));
    },
    async echo(label, message) {
        const count = this.received[label].length;
        this.channels[label].send(message);
        await this.until(() => this.received[label].length > count);
        return this.received[label][count];
    },
    // Sends `count` messages with at most `window` on their way.
    async many(label, count, window) {
        const received = this.received[label], first = received.length;
        const began = performance.now();
        for (let n = 0; n < count; n++) {
            if (n - (received.length - first) >= window) await this.until(() => n - (received.length - first) < window);
            this.channels[label].send(`message ${n}`);
        }
        await this.until(() => received.length - first === count);
        return {milliseconds: performance.now() - began, messages: received.slice(first)};
    },
    // Sends the time 30 times a second, but on a channel that may lose messages only when nothing waits to be sent;
    // returns the age of each echo, with the time at which it was sent.
    async positions(label, milliseconds) {
        const channel = this.channels[label], ages = [], began = performance.now();
        const listener = event => ages.push([Number(event.data), performance.now() - began - Number(event.data)]);
        channel.addEventListener('message', listener);
        while (performance.now() - began < milliseconds) {
            if (channel.ordered || channel.bufferedAmount === 0) channel.send(String(performance.now() - began));
            await new Promise(resolve => setTimeout(resolve, 1000 / 30));
        }
        await new Promise(resolve => setTimeout(resolve, 1000));
        channel.removeEventListener('message', listener);
        return ages;
    },
};
"""


class Page:
    def __init__(self, browser, server):
        self.driver = browser.driver
        self.driver.get(f"{server.url}/")
        self.driver.execute_script(CLIENT)

    def run(self, expression, *arguments):
        """The value of an expression, which may be a promise."""
        result = self.driver.execute_async_script(
            f"""
            const [...given] = arguments, done = given.pop();
            Promise.resolve().then(() => ({expression})).then(value => done({{value}}),
                error => done({{error: String(error)}}));
            """, *arguments)
        assert "error" not in result, result["error"]
        return result.get("value")

    def connect(self, **channels):
        self.run("rtc.connect(given[0])", channels)

    def echo(self, label, message):
        return self.run("rtc.echo(given[0], given[1])", label, message)

    def leave(self):
        self.run("rtc.peer.close()")
