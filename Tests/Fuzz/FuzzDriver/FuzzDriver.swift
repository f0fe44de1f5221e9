import Foundation

/// Runs libFuzzer with the arguments of the command line, until its time is over or an input fails.
///
/// - Parameter target: Tries one input: its bytes and how many they are. It returns 0, or calls ``fail(_:)``.
public func runFuzzer(_ target: @convention(c) (UnsafePointer<UInt8>, Int) -> Int32) {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    _ = driver(&count, &arguments, target)
}

@_silgen_name("LLVMFuzzerRunDriver")
private func driver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ target: @convention(c) (UnsafePointer<UInt8>, Int) -> Int32
) -> Int32

/// Ends the process with a message: the fuzzer keeps the input.
///
/// - Parameter message: What is wrong.
public func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("FAILED: \(message)\n".utf8))
    abort()
}
