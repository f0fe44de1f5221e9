import Foundation
import Testing

@testable import Transport

@Suite("Certificate files") struct TLSFilesTests {
    @Test("the error for an unusable file names the file and the remedy")
    func errors() throws {
        let folder = NSTemporaryDirectory() + "/tls-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let garbage = folder + "/garbage.pem"
        try Data("no certificate".utf8).write(to: URL(fileURLWithPath: garbage))

        func message(_ certificate: String) -> String? {
            do throws(TLSFilesError) {
                _ = try TLSContext(TLSFiles(certificate: certificate, key: garbage))
                return nil
            } catch {
                return error.description
            }
        }
        let missing = folder + "/missing.pem"
        #expect(message(missing)?.contains("\(missing): there is no such file") == true)
        #expect(message(garbage)?.contains("can't read a certificate from \(garbage)") == true)
        #expect(message(garbage)?.contains("--tls-certificate") == true)
    }
}
