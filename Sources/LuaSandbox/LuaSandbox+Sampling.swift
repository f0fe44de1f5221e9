internal import CLuaRuntime

extension LuaSandbox {
    /// Starts to record where scripts spend their time, and forgets earlier samples.
    ///
    /// The stack is recorded after every interval of CPU time in scripts. Scripts run at full speed between samples,
    /// and pay nothing while sampling is off. Call it on the sandbox's thread, outside of calls.
    ///
    /// - Parameter interval: CPU time between samples, 50 µs to 1 s (others are clamped); default 1 ms.
    public func startSampling(interval: Duration = .milliseconds(1)) {
        plr_sample(vm, min(max(interval.limitNanoseconds, 50_000), 1_000_000_000))
    }

    /// Stops sampling.
    ///
    /// - Returns: The samples by stack. A stack lists its frames, the outermost first, joined by `;`, each as
    ///   `file:function:line`: the form that flame graphs are drawn from. At most 4096 stacks are kept; samples of
    ///   others are counted as `(lost)`.
    public func stopSampling() -> [String: Int] {
        plr_sample(vm, 0)
        var samples: [String: Int] = [:]
        for slot in 0..<plr_sample_slots(vm) {
            var stack: UnsafePointer<CChar>?
            var count: UInt64 = 0
            guard plr_sample_at(vm, slot, &stack, &count), let stack else { continue }
            samples[String(cString: stack), default: 0] += Int(count)
        }
        return samples
    }
}
