/// What the clients of an echo server measured in the window.
struct EchoTally: Sendable {
    /// Time from the send of a message to its echo.
    var roundTrip = LatencyHistogram()
    /// Messages that were sent.
    var sent = 0
    /// Messages whose echo did not come within ``EchoClient/patience``, or that could not be sent.
    var lost = 0
    /// Datagrams of all kinds that the server sent or received.
    var datagrams = 0
    /// Connections that ended.
    var disconnects = 0
    /// Why the last one did.
    var incident = ""
}
