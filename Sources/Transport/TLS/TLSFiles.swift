/// The files of a server's certificate.
package struct TLSFiles: Sendable, Equatable {
    /// The certificate chain as PEM; the server's own certificate comes first.
    package var certificate: String
    /// The certificate's private key, as PEM, without a passphrase.
    package var key: String

    /// Makes a pair of files.
    ///
    /// - Parameters:
    ///   - certificate: The chain's file.
    ///   - key: The key's file.
    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// Why the certificate can't be used, and what to do.
package enum TLSFilesError: Error, Equatable, CustomStringConvertible {
    /// The chain can't be read.
    case certificate(file: String, reason: String)
    /// The key can't be read.
    case key(file: String, reason: String)
    /// The key belongs to another certificate, or the TLS library refuses the pair.
    case mismatch(TLSFiles, reason: String)

    /// What is wrong, and what to do.
    package var description: String {
        switch self {
        case .certificate(let file, let reason):
            "can't read a certificate from \(file): \(reason); give --tls-certificate a PEM file, the server's own first"
        case .key(let file, let reason):
            "can't read a private key from \(file): \(reason); give --tls-key a PEM file without a passphrase"
        case .mismatch(let files, let reason):
            "the key in \(files.key) does not belong to the certificate in \(files.certificate): \(reason)"
        }
    }
}
