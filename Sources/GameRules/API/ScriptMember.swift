/// The members of proxies that the host implements; each such row of ``ScriptAPI`` names its case. The raw values are
/// greater than the number of any column of the world.
package enum ScriptMember: UInt32, CaseIterable, Sendable {
    case id = 0x1_0000
    case key, type, login, created, mapID
    case position, distance, remove, send
    case eventsAdd, eventsRemove
    case groupAction, groupData, groupCommandID, groupTime
    case groupRemove, groupTimeout, groupResetTime, groupResetTimeout
    case objectsAdd, objectsRemove, objectsNear, objectsCount
    case mapIdentifier, mapName, mapWidth, mapHeight
    case mapWalkable, mapRandom, mapPath, mapBroadcast, mapEvent
    case save
    case ping
    case view, relevant
    case muted
    case socketID, socketLogin, socketPlayerID, socketAddress, socketData, socketConnected, socketRooms, socketBroadcast
    case socketEmit, socketJoin, socketLeave, socketTo, socketDisconnect
    case broadcastEmit, broadcastTo, broadcastExcept
    case targetEmit, targetTo, targetExcept
    case ioSockets, ioEmit, ioTo, ioExcept
}
