import Foundation
package import GameFolder
import JSONValues
import Simulation
import Wire
import World

/// A recording that is read from its file, to be replayed.
package struct LoadedRecording {
    /// The properties of the recording.
    package let head: RecordingHead
    /// Why the recording ended; `nil` when the file does not say that: the server was killed, is still running, or
    /// could not write to the file, or the file is damaged.
    package let end: RecordingEnd?
    /// Where, in bytes, the file is damaged or cut off; `nil` when it ends after a whole chunk.
    package let cut: Int?
    /// The maps in it, ascending.
    package let mapIDs: [Int]
    private let data: Data
    private let steps: [Int: [Chunk]]
    private let definitions: [Int: GameFiles]

    /// A chunk's place in the file.
    private struct Chunk {
        var packed: Range<Int>
        var length: Int
        /// Where the chunk's head begins in the file.
        var begin: Int { packed.lowerBound - RecordingFormat.chunkHead }
    }

    /// Reads a recording's contents, except the steps, which are read on demand.
    ///
    /// - Parameter path: The file. A file that was cut off is read up to the last whole chunk.
    /// - Throws: ``RecordingError`` when it can't be read, is not a recording, is damaged before the first map began,
    ///   or has a newer format.
    package init(path: String) throws(RecordingError) {
        do {
            close(try PlainFile.open(path, O_RDONLY))
        } catch {
            throw .unreadable(path: path, reason: error.reason)
        }
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        } catch {
            throw .unreadable(
                path: path, reason: (error as NSError).localizedFailureReason ?? error.localizedDescription)
        }
        try self.init(data, path: path)
    }

    init(_ data: Data, path: String) throws(RecordingError) {
        self.data = data
        guard data.count >= RecordingFormat.fileHead, data.prefix(8).elementsEqual(RecordingFormat.magic) else {
            throw .notARecording(path: path)
        }
        let version = Self.number(data, at: 8)
        guard version <= RecordingFormat.version else {
            throw .newerVersion(path: path, found: version, known: Int(RecordingFormat.version))
        }
        var head: RecordingHead?
        var end: RecordingEnd?
        var steps: [Int: [Chunk]] = [:]
        var definitions: [Int: GameFiles] = [:]
        var at = RecordingFormat.fileHead
        while end == nil, let (kind, map, chunk) = Self.chunk(data, at: at) {
            at = chunk.packed.upperBound
            switch kind {
            case .steps: steps[map, default: []].append(chunk)
            case .head: head = RecordingHead((try? JSON(parsing: Self.content(data, chunk))) ?? .null)
            case .end: end = RecordingEnd(rawValue: try Self.content(data, chunk).first ?? 0)
            case .definition:
                var tape = TapeReader(try Self.content(data, chunk), chunkAt: chunk.begin)
                let (number, files) = try Self.definition(&tape, definitions)
                definitions[number] = files
            }
        }
        guard let head, !steps.isEmpty else {
            throw at < data.count && end == nil
                ? .malformed("byte \(at) of \(path) or one behind it is wrong, before the first map began")
                : .empty(path: path)
        }
        self.head = head
        self.end = end
        cut = at < data.count && end == nil ? at : nil
        self.steps = steps
        self.definitions = definitions
        mapIDs = steps.keys.sorted()
    }

    private static func number(_ data: Data, at offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(data[data.startIndex + offset + $1]) << (8 * $1) }
    }

    /// The chunk that begins at an offset; `nil` when there is no whole and undamaged chunk.
    private static func chunk(_ data: Data, at offset: Int) -> (RecordingFormat.Kind, map: Int, Chunk)? {
        let begin = offset + RecordingFormat.chunkHead
        guard begin <= data.count, let kind = RecordingFormat.Kind(rawValue: data[data.startIndex + offset]) else {
            return nil
        }
        let map = Int(Int32(truncatingIfNeeded: number(data, at: offset + 1)))
        let (length, packedLength) = (number(data, at: offset + 5), number(data, at: offset + 9))
        guard length <= RecordingFormat.maxChunk, packedLength <= data.count - begin else { return nil }
        let chunk = Chunk(packed: begin..<begin + packedLength, length: length)
        let head = Array(data[data.startIndex + offset..<data.startIndex + offset + 13])
        guard Int(PackedBytes.checksum(head, packed(data, chunk)[...])) == number(data, at: offset + 13) else {
            return nil
        }
        return (kind, map, chunk)
    }

    private static func packed(_ data: Data, _ chunk: Chunk) -> [UInt8] {
        Array(data[data.startIndex + chunk.packed.lowerBound..<data.startIndex + chunk.packed.upperBound])
    }

    private static func content(_ data: Data, _ chunk: Chunk) throws(RecordingError) -> [UInt8] {
        guard let content = PackedBytes.unpacked(packed(data, chunk)[...], length: chunk.length) else {
            throw .malformed("the part that begins at byte \(chunk.begin) of the file can't be unpacked")
        }
        return content
    }

    private static func definition(
        _ tape: inout TapeReader, _ known: [Int: GameFiles]
    ) throws(RecordingError) -> (Int, GameFiles) {
        let (number, base) = (try tape.integer(), try tape.integer())
        var files: [String: [UInt8]] = [:]
        if base != 0 {
            guard let before = known[base] else { throw tape.malformed("game definition \(base) is missing") }
            files = before.contents
        }
        for _ in 0..<(try tape.count()) {
            let path = try tape.text()
            files[path] = try tape.data()
        }
        for _ in 0..<(try tape.count()) { files[try tape.text()] = nil }
        return (number, GameFiles(files))
    }

    // MARK: What is in it

    /// A recorded game definition, loaded from its recorded files.
    private func definition(_ number: Int) throws(RecordingError) -> GameDefinition {
        guard let files = definitions[number] else { throw .malformed("game definition \(number) is missing") }
        do {
            return try GameFolder.load(files: files).0
        } catch {
            throw .malformed("the game in it can't be put into a temporary folder: \(error)")
        }
    }

    /// The files of the last game definition in the recording.
    package var lastFiles: GameFiles? { definitions.max { $0.key < $1.key }?.value }

    /// The steps of a map, in order.
    ///
    /// - Throws: ``RecordingError/noSuchMap(_:known:)``.
    func steps(mapID: Int) throws(RecordingError) -> StepReader {
        guard let chunks = steps[mapID] else { throw .noSuchMap(mapID, known: mapIDs) }
        return StepReader(recording: self, count: chunks.count, mapID: mapID)
    }

    /// Reads the steps of one map, a chunk at a time.
    struct StepReader {
        private let recording: LoadedRecording
        private let mapID: Int
        private let count: Int
        private var nextChunk = 0
        private var tape = TapeReader([])
        private var timeBits: UInt64 = 0
        /// The definition that was used last, kept because consecutive steps mostly use the same one.
        private var game: (number: Int, definition: GameDefinition)?

        fileprivate init(recording: LoadedRecording, count: Int, mapID: Int) {
            self.recording = recording
            self.count = count
            self.mapID = mapID
        }

        /// The next step; `nil` at the end.
        mutating func next() throws(RecordingError) -> RecordedStep? {
            while tape.isAtEnd {
                guard nextChunk < count, let chunk = recording.steps[mapID]?[nextChunk] else { return nil }
                nextChunk += 1
                tape = TapeReader(try LoadedRecording.content(recording.data, chunk), chunkAt: chunk.begin)
            }
            var known = game
            defer { game = known }
            return try tape.step(before: &timeBits) { number throws(RecordingError) in
                if let known, known.number == number { return known.definition }
                let definition = try recording.definition(number)
                known = (number, definition)
                return definition
            }
        }
    }
}
