import GameRules
import HTTPTypes
import Hummingbird

/// Recognises requests of programs on this machine.
enum LocalRequest {
    /// Whether a program of this machine sent the request for itself.
    ///
    /// A request that a proxy on this machine passes on comes from a loopback address, too. It is recognised by a peer
    /// in `trusted_proxies`, by fields that proxies add, or by a `Host` that is not a loopback name. A proxy that is
    /// not in `trusted_proxies`, adds no field and writes its own `Host` can't be recognised. The check of `Host` also
    /// refuses a web page whose domain name leads to this machine.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - origin: Where it comes from.
    ///   - proxies: The proxies that the operator trusts; none of them sends requests for itself.
    /// - Returns: `true` for a direct request over a loopback address.
    static func isLocal(_ request: Request, from origin: ClientOrigin, behind proxies: TrustedProxies) -> Bool {
        guard origin.address?.isLoopback == true, !proxies.contains(origin.address),
            !request.headers.contains(where: isAddedByProxies)
        else { return false }
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
