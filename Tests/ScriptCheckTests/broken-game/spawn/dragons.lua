-- expect 1:1 error: "dragons" is no entity type; allowed are players, enemys, animals, objects
print("no such type")
