-- expect 1:1 error: no script is read from here; scripts stand in lib/, components/, events/GROUP/, spawn/ and leave/
print("no script is read from here")
