import Testing
import World

@Suite("Edges of maps") struct MapSideTests {
    @Test(
        "a position beyond an edge is converted to the other map's coordinates of the same place [M3.8]",
        arguments: [
            (-0.6, 7.0, MapSide.left, 5.4, -1.0), (9.5, 7, .right, -4.5, -1), (3, -0.6, .up, -1, 11.4),
            (3, 19.5, .down, -1, -8.5),
        ])
    func rebased(x: Double, y: Double, side: MapSide, otherX: Double, otherY: Double) {
        let map = MapGeometry(id: 3, name: "a", width: 10, height: 20)
        let other = MapGeometry(id: 6, name: "d", originX: -4, originY: -8, width: 10, height: 20)
        #expect(MapSide(beyond: x, y, of: map) == side)
        let place = side.rebased(x: x, y: y, from: map, to: other)
        #expect(abs(place.x - otherX) < 1e-9 && abs(place.y - otherY) < 1e-9, "\(place)")
        let back = side.opposite.rebased(x: place.x, y: place.y, from: other, to: map)
        #expect(abs(back.x - x) < 1e-9 && abs(back.y - y) < 1e-9)
        #expect(MapSide(beyond: -0.5, 19.4, of: map) == nil)
    }

    @Test("two maps fit together at edges of the same length", arguments: MapSide.allCases)
    func fitting(side: MapSide) {
        let map = MapGeometry(id: 1, name: "a", width: 10, height: 20)
        let low = MapGeometry(id: 2, name: "b", width: 10, height: 8)
        #expect(side.fits(map, map))
        #expect(side.fits(map, low) == (side == .up || side == .down))
    }
}
