import Foundation

/// The form of a login that must be unique: all spellings of a name that look the same or differ only in case have the
/// same one.
///
/// It has the classes of Unicode's NFKC_Casefold, except that an i without its dot counts as an i.
///
/// - Parameter login: The login.
/// - Returns: Its key; empty for a login of nothing but invisible characters.
package func loginKey(_ login: String) -> String {
    // Twice, because composing the folded letters may give letters that have a case.
    folded(folded(login.precomposedStringWithCompatibilityMapping))
}

/// Removes differences of case, and invisible characters. It works letter by letter, so that a sigma at the end of a
/// word is folded like any other sigma.
private func folded(_ text: String) -> String {
    var folded = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where !scalar.properties.isDefaultIgnorableCodePoint {
        // By way of upper case: some letters, such as ß and ς, have others that are the same in upper case only.
        for lower in scalar.properties.lowercaseMapping.unicodeScalars {
            for upper in lower.properties.uppercaseMapping.unicodeScalars {
                folded.append(contentsOf: upper.properties.lowercaseMapping.unicodeScalars)
            }
        }
    }
    return String(folded).precomposedStringWithCompatibilityMapping
}

/// The key of a login before schema version 4, in which a final sigma, ß and invisible characters made a difference.
func formerLoginKey(_ login: String) -> String {
    login.precomposedStringWithCompatibilityMapping.lowercased().precomposedStringWithCompatibilityMapping
}

/// The key of an account whose login equals another account's login since schema version 4, but not before. Such an
/// account is found by its former key. No login has the first character of this key.
func separateLoginKey(_ login: String) -> String { "\u{1F}" + formerLoginKey(login) }

/// The form in which a password is hashed: Unicode's NFC, so that keyboards and systems that compose letters in
/// different ways write the same password.
///
/// - Parameter password: The password as it was sent.
/// - Returns: The password in NFC.
package func passwordForm(_ password: String) -> String { password.precomposedStringWithCanonicalMapping }
