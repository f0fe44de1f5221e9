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

    /// Notes that the current values of a slot are the ones clients have.
    package func markSent(slot: Int) {
        infos[slot].isNew = false
        for column in columns {
            guard let column else { continue }
            switch column.storage {
            case .number:
                column.sentNumbers[slot] = column.numbers[slot]
            case .string:
                markSentString(column, slot: slot)
            case .json:
                column.sentJSON[slot] = column.nodes[slot]?.bytes
            }
        }
        for group in schema.groups.indices { markSent(slot: slot, group: group) }
    }

    package func markSentString(_ column: Column, slot: Int) {
        guard column.sentStrings[slot] != column.strings[slot] else { return }
        strings.retain(column.strings[slot])
        strings.release(column.sentStrings[slot])
        column.sentStrings[slot] = column.strings[slot]
    }

    package func markSent(slot: Int, group: Int) {
        let index = slot * schema.groups.count + group
        events[index].sent.time = events[index].time
        events[index].sent.commandID = events[index].commandID
        events[index].sent.action = events[index].action
        events[index].sent.data = events[index].data
        events[index].sent.exists = events[index].exists
    }

    /// Notes that clients have, or are about to get, every value of every entity.
    package func markAllSent() {
        for entity in entities { markSent(slot: Int(entity.slot)) }
        finishChanges()
    }

    /// Notes that clients need not be told of what changed so far: there are none, or each gets a snapshot.
    package func markChangesSent() {
        for slot in changedSlots where generations[Int(slot)] & 1 == 1 { markSent(slot: Int(slot)) }
        finishChanges()
    }

    /// Clears the lists of changes, once they were told; what changed is stored with the next ``takeUnsaved()``.
    package func finishChanges() {
        for slot in changedSlots {
            dirtyFlags[Int(slot)] = 0
            for word in 0..<dirtyWords { dirty[Int(slot) * dirtyWords + word] = 0 }
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

    /// Whether there is anything to tell clients.
    package var hasChanges: Bool { dirtyCount.pointee > 0 || !removals.isEmpty }
}

extension World {
    /// Whether a group of an entity differs from what clients have.
    package func hasEventChanges(slot: Int, group: Int) -> Bool {
        events.withUnsafeBufferPointer { states in
            let index = slot * schema.groups.count + group
            return states[index].exists
                && (states[index].time != states[index].sent.time || states[index].action != states[index].sent.action
                    || !states[index].sent.exists || states[index].data != states[index].sent.data
                    || !states[index].commandID.isSame(as: states[index].sent.commandID))
        }
    }
}

extension Double {
    /// Equality in which NaN, our "none", equals itself.
    package func isSame(as other: Double) -> Bool { self == other || (isNaN && other.isNaN) }
}
