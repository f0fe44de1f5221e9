import Foundation
import FuzzDriver

/// libFuzzer over a whole map. `FUZZ_SHOW=1` prints the game of each input; `FUZZ_GAME=FOLDER` plays the game of a
/// folder, as `FUZZ_SAVE` writes it, instead of the fuzzer's.
@main struct FuzzMap {
    static func main() {
        if let folder = ProcessInfo.processInfo.environment["FUZZ_GAME"] {
            GamePlay(GeneratedGame(folder: folder)).run()
            return
        }
        runFuzzer { bytes, length in
            let game = GeneratedGame(UnsafeBufferPointer(start: bytes, count: length))
            if ProcessInfo.processInfo.environment["FUZZ_SHOW"] != nil { game.show() }
            GamePlay(game).run()
            return 0
        }
    }
}
