extension World {
    /// The slots to look at for changes since clients were last told.
    ///
    /// A slot may be listed without a change in the end: it was freed, or its values are what they were.
    package var changedSlots: UnsafeBufferPointer<UInt32> {
        UnsafeBufferPointer(start: dirtyList, count: Int(dirtyCount.pointee))
    }

    package func isDirty(slot: Int, column: Int) -> Bool {
        dirty[slot * dirtyWords + column >> 6] & (1 << UInt64(column & 63)) != 0
    }

    /// Marks an event group of a slot as changed.
    func markEventDirty(slot: Int, group: Int) {
        dirtyEvents[slot * eventWords + group >> 6] |= 1 << UInt64(group & 63)
        markDirty(slot: slot)
    }

    /// Notes that the current values of a slot are the ones clients have.
    package func markSent(slot: Int) {
        if infos[slot].isNew { return markAllSent(slot: slot) }
        for word in 0..<dirtyWords {
            var bits = dirty[slot * dirtyWords + word]
            while bits != 0 {
                if let column = columns[word * 64 + bits.trailingZeroBitCount] { markSent(column, slot: slot) }
                bits &= bits - 1
            }
        }
        for word in 0..<eventWords {
            var bits = dirtyEvents[slot * eventWords + word]
            while bits != 0 {
                markSent(slot: slot, group: word * 64 + bits.trailingZeroBitCount)
                bits &= bits - 1
            }
        }
    }

    private func markAllSent(slot: Int) {
        infos[slot].isNew = false
        for column in columns { if let column { markSent(column, slot: slot) } }
        for group in 0..<groupCount { markSent(slot: slot, group: group) }
    }

    private func markSent(_ column: Column, slot: Int) {
        switch column.storage {
        case .number: column.sentNumbers[slot] = column.numbers[slot]
        case .string: markSentString(column, slot: slot)
        case .json: column.sentJSON[slot] = column.nodes[slot]?.bytes
        }
    }

    package func markSentString(_ column: Column, slot: Int) {
        guard column.sentStrings[slot] != column.strings[slot] else { return }
        strings.retain(column.strings[slot])
        strings.release(column.sentStrings[slot])
        column.sentStrings[slot] = column.strings[slot]
    }

    package func markSent(slot: Int, group: Int) {
        let state = events + (slot * groupCount + group)
        state.pointee.sent = EventState.Sent(
            time: state.pointee.time, commandID: state.pointee.commandID, action: state.pointee.action,
            data: state.pointee.data, exists: state.pointee.exists)
    }

    /// Notes that clients have, or are about to get, every value of every entity.
    package func markAllSent() {
        for entity in entities { markAllSent(slot: Int(entity.slot)) }
        finishChanges()
    }

    /// Notes that clients need not be told of what changed so far: it is written for them, or there are no clients.
    package func markChangesSent() {
        for slot in changedSlots where generations[Int(slot)] & 1 == 1 { markSent(slot: Int(slot)) }
        finishChanges()
    }

    /// Clears the lists of changes, once they were told; what changed is stored with the next ``takeUnsaved()``.
    package func finishChanges() {
        for slot in changedSlots {
            dirtyFlags[Int(slot)] = 0
            clearDirtyBits(Int(slot))
            if generations[Int(slot)] & 1 == 1 { unsaved.insert(slot) }
        }
        dirtyCount.pointee = 0
        removals.removeAll(keepingCapacity: true)
        removalIndices.removeAll(keepingCapacity: true)
    }

    /// Puts what changed since clients were last told on the list of what to store, without telling anybody.
    package func noteUnsaved() {
        for slot in changedSlots where generations[Int(slot)] & 1 == 1 { unsaved.insert(slot) }
    }

    /// Puts every entity on the list of what to store.
    package func markAllUnsaved() {
        for entity in entities { unsaved.insert(entity.slot) }
    }

    /// Whether there is anything to tell clients.
    package var hasChanges: Bool { dirtyCount.pointee > 0 || !removals.isEmpty }
}

extension World {
    /// Whether a group of an entity differs from what clients have.
    package func hasEventChanges(slot: Int, group: Int) -> Bool {
        events[slot * groupCount + group].differsFromSent
    }
}

extension EventState {
    /// Whether clients have another state, or none.
    package var differsFromSent: Bool {
        exists
            && (time != sent.time || action != sent.action || !sent.exists || !commandID.isSame(as: sent.commandID)
                || data != sent.data)
    }
}

extension Double {
    /// Equality in which NaN, our "none", equals itself.
    package func isSame(as other: Double) -> Bool { self == other || (isNaN && other.isNaN) }
}
