/// The shortest decimal digits that read back as a given double; of several equally short ones, the closest.
///
/// These are the digits of `Double.description`, which makes a `String` for each number and serves all exponents. Here
/// the exponent is one that positions and speeds have, for which a power of ten fits 64 bits and all products 128 bits:
/// so everything is calculated exactly, with whole numbers.
struct ShortestDecimal {
    /// The digits as a whole number that does not end in 0.
    let digits: UInt64
    /// How many of the digits stand behind the point, from 1 to 19.
    let decimals: Int

    /// The powers of ten from 10^0 that fit 64 bits.
    static let powers: [UInt64] = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
        100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
        10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ]

    /// Finds the digits of a number; `nil` for one below 2^-8 or from 2^36 on, for a power of two, and for one that is
    /// exactly in the middle between the two closest decimals.
    ///
    /// - Parameter value: The number; its sign is left out.
    @inline(__always)
    init?(_ value: Double) {
        // The number is significand / 2^shift, and the decimals that read back as it are those less than half of
        // 1 / 2^shift away, except below a power of two, where doubles lie closer together. A decimal exactly half away
        // has shift + 1 decimals, more than are tried here.
        let shift = UInt64(bitPattern: Int64(1075 - Int(value.exponentBitPattern)))
        let fraction = value.significandBitPattern
        guard shift &- 17 <= 43, fraction != 0 else { return nil }
        // The fewest decimals whose distance, 1 / 10^places, is below 1 / 2^shift: log10(2) is 1233 / 4096, close
        // enough up to a shift of 60.
        let places = Int((shift * 1233) >> 12) + 1
        let power = Self.powers[places]
        let product = (fraction | 1 << 52).multipliedFullWidth(by: power)
        // The number times 10^places is whole + rest / 2^shift. Distances are in units of 1 / 2^shift of that; the
        // greatest, 10 << shift, fits 64 bits.
        let unit: UInt64 = 1 &<< shift
        let whole = product.high &<< (64 - shift) | product.low &>> shift
        let rest = product.low & (unit - 1)
        let below = (whole % 10) &<< shift | rest
        var (digits, decimals) = (whole / 10, places - 1)
        if below >= power / 2 {
            if 10 * unit - below < power / 2 {
                digits += 1
            } else {
                // No decimal with a digit less is close enough; the closest one with all places is, as it is at most
                // half of 1 / 10^places away. Had it a 0 at the end, it would have been found above.
                guard 2 * rest != unit else { return nil }
                self.digits = 2 * rest < unit ? whole : whole + 1
                self.decimals = places
                return
            }
        }
        while digits % 10 == 0 {
            digits /= 10
            decimals -= 1
        }
        self.digits = digits
        self.decimals = decimals
    }
}
