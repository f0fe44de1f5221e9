/// A mistake that a simulation makes on purpose: without the rule that each breaks, maps run on two nodes.
///
/// Rules that few schedules need have tests of their own in ``LeaseRuleTests``.
enum LeaseMutant: CaseIterable, Sendable {
    /// Maps run longer after a renewal than others watch.
    case runsTooLong
    /// A promise holds longer than who gave it watches.
    case promisesTooMuch
    /// The word of one taker suffices.
    case asksOne
    /// A renewal counts from its answer, not from its sending.
    case countsFromAnswer
    /// Evictions don't demand the sign that was seen.
    case evictsAnySign
}
