import Foundation

/// libFuzzer over a whole map. `FUZZ_SHOW=1` prints the game of each input; `FUZZ_GAME=FOLDER` plays the game of a
/// folder, as `FUZZ_SAVE` writes it, instead of the fuzzer's.
@main struct FuzzMap {
    static func main() {
        if let folder = ProcessInfo.processInfo.environment["FUZZ_GAME"] {
            GamePlay(GeneratedGame(folder: folder)).run()
            return
        }
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        _ = runFuzzer(&count, &arguments) { bytes, length in
            let game = GeneratedGame(UnsafeBufferPointer(start: bytes, count: length))
            if ProcessInfo.processInfo.environment["FUZZ_SHOW"] != nil { game.show() }
            GamePlay(game).run()
            return 0
        }
    }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ target: @convention(c) (UnsafePointer<UInt8>, Int) -> Int32
) -> Int32

/// Ends the process with a message: the fuzzer keeps the input.
func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("FuzzMap: \(message)\n".utf8))
    abort()
}
