extension Double {
    /// 10 to a power.
    ///
    /// - Parameter exponent: From 0 to 18, so that the result is exact, also as an `Int`; more counts as 18.
    /// - Returns: The power.
    package static func tenTo(_ exponent: Int) -> Double { powersOfTen[min(exponent, powersOfTen.count - 1)] }

    private static let powersOfTen = (0...18).map { (0..<$0).reduce(1.0) { product, _ in product * 10 } }
}
