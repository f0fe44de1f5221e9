internal import CLuaRuntime

/// The objects to which scripts still refer, for a host that keeps an object as long as that. Both functions may be
/// called from inside the handler.
extension LuaSandbox {
    /// The references of a class that scripts hold, or that garbage holds that is not collected yet. For classes that
    /// are not ``HostClass/Options/bySlot``.
    ///
    /// - Parameter classID: The class.
    /// - Returns: The references; `nil` when the running call's time is over, or the sandbox was stopped.
    /// - Complexity: O(proxies of the class).
    public func referencesInUse(ofClass classID: UInt16) -> [HostReference]? {
        var refs: [plr_ref] = []
        while true {
            var count: UInt32 = 0
            let status = refs.withUnsafeMutableBufferPointer { buffer in
                plr_held(vm, classID, buffer.baseAddress, UInt32(buffer.count), &count)
            }
            guard status == Int32(PLR_OK) else { return nil }
            if count <= refs.count { return refs.prefix(Int(count)).map(HostReference.init) }
            refs = Array(repeating: plr_ref(), count: Int(count))
        }
    }

    /// Collects everything that is garbage now. Its time counts towards the limit of the running call, if one runs.
    ///
    /// - Returns: `false` when that time was over before all was collected, or the sandbox was stopped.
    @discardableResult
    public func collectAllGarbage() -> Bool { plr_collect_inside(vm) == Int32(PLR_OK) }
}
