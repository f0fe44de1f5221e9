/// Why a connection ends: the codes of RFC 6455, section 7.4, and the protocol's own from 4000. Transports without such
/// codes report the reason in their own way.
package enum CloseCode: UInt16, Sendable {
    case normal = 1000, goingAway = 1001, protocolError = 1002, badData = 1007, policyViolation = 1008, tooBig = 1009
    case internalError = 1011, tryAgainLater = 1013
    /// A newer session of the same player took over [1-protocol 2].
    case replaced = 4001
    /// An operator ended the session.
    case kicked = 4002
}
