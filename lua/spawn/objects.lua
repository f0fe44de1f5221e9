--@about Cauldrons brew and portals open as soon as they stand on the map.
start_routine(object)
