#if DEBUG
    internal import CProcess
    import Glibc

    /// Lets tests end the process in the middle of a script. Release builds don't contain it.
    ///
    /// With the environment variable `PERIGEE_DEBUG_TRAP`, `print("trap SIGSEGV")`, the same with another signal, and
    /// `print("trap overflow")` are fatal.
    enum DebugTrap {
        private static let isArmed = getenv("PERIGEE_DEBUG_TRAP") != nil
        private static let signals = ["SIGBUS": SIGBUS, "SIGILL": SIGILL, "SIGFPE": SIGFPE, "SIGTRAP": SIGTRAP]

        static func spring(at line: String?) {
            guard isArmed, let line, line.hasPrefix("trap ") else { return }
            switch line.dropFirst(5) {
            case "overflow": process_overflow_stack()
            // A true memory fault, not a signal from outside: no page is mapped at this address.
            case "SIGSEGV": UnsafeMutablePointer<UInt8>(bitPattern: 8)?.pointee = 1
            // Not `raise`: threads that libdispatch made block SIGABRT, and `abort` unblocks it.
            case "SIGABRT": abort()
            case let name: if let number = signals[String(name)] { raise(number) }
            }
        }
    }
#endif
