import Foundation
package import Logging
import NIOCore
import NIOSSL
import Synchronization

/// The certificate for new connections; it is read again when its files change.
///
/// Any thread may use it.
package final class TLSContext: Sendable {
    private struct State {
        var context: NIOSSLContext
        var modified: [Date?]
    }

    private let files: TLSFiles
    private let state: Mutex<State>

    /// Reads the files.
    ///
    /// - Parameter files: The files of the certificate and its key.
    /// - Throws: ``TLSFilesError``.
    package init(_ files: TLSFiles) throws(TLSFilesError) {
        self.files = files
        let modified = Self.modified(files)
        state = Mutex(State(context: try Self.load(files), modified: modified))
    }

    /// The TLS context for new connections.
    var current: NIOSSLContext { state.withLock { $0.context } }

    /// Loads files that changed; when they can't be used, the current certificate stays.
    ///
    /// - Parameter logger: Reports the renewal or the error.
    package func refresh(logger: Logger) {
        let modified = Self.modified(files)
        guard modified != state.withLock({ $0.modified }) else { return }
        do throws(TLSFilesError) {
            let context = try Self.load(files)
            state.withLock { $0 = State(context: context, modified: modified) }
            logger.notice("the certificate was renewed", metadata: ["file": "\(files.certificate)"])
        } catch {
            state.withLock { $0.modified = modified }
            logger.error(
                "the changed certificate can't be used; the previous one stays in use", metadata: ["error": "\(error)"])
        }
    }

    private static func modified(_ files: TLSFiles) -> [Date?] {
        [files.certificate, files.key].map { path in
            // A missing file has no date; `load` then reports what is wrong.
            try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        }
    }

    private static func load(_ files: TLSFiles) throws(TLSFilesError) -> NIOSSLContext {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
        } catch {
            throw .certificate(file: files.certificate, reason: reason(error, files.certificate))
        }
        guard !chain.isEmpty else { throw .certificate(file: files.certificate, reason: "it holds none") }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        } catch {
            throw .key(file: files.key, reason: reason(error, files.key))
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        // Few clients answer the TLS close message (`close_notify`); a stop must not wait longer for the others.
        configuration.shutdownTimeout = .seconds(1)
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .mismatch(files, reason: "\(error)")
        }
    }

    private static func reason(_ error: any Error, _ file: String) -> String {
        if !FileManager.default.fileExists(atPath: file) { return "there is no such file" }
        if !FileManager.default.isReadableFile(atPath: file) { return "this user may not read it" }
        return "it is not PEM (\(error))"
    }
}
