import GameRules
import HTTPTypes
import Hummingbird

/// Tells requests of this machine's own programs from those that only come by way of it.
enum LocalRequest {
    /// Whether a program of this machine asks, for itself.
    ///
    /// What a proxy on this machine passes on has a loopback address too. It is told by the fields that proxies add,
    /// and by a `Host` that others use; so is a page whose name was pointed at this machine.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - origin: Where it comes from.
    /// - Returns: `true` for a direct request over a loopback address.
    static func isLocal(_ request: Request, from origin: ClientOrigin) -> Bool {
        guard origin.address?.isLoopback == true, !request.headers.contains(where: isAddedByProxies) else {
            return false
        }
        let host = request.head.authority ?? ""
        let name = host.first == "[" ? host.dropFirst().prefix { $0 != "]" } : host.prefix { $0 != ":" }
        return name.lowercased() == "localhost" || IPAddress(String(name))?.isLoopback == true
    }

    private static func isAddedByProxies(_ field: HTTPField) -> Bool {
        let name = field.name.canonicalName
        return name.hasPrefix("x-forwarded-")
            || ["forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"].contains(name)
    }
}
