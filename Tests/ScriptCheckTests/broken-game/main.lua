-- expect 1:1 error: no script is read from here; scripts stand in lib/, components/, events/GROUP/, spawn/, leave/ and sockets/
print("no script is read from here")
