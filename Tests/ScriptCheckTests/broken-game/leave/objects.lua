-- expect 2:25 error: objects have no component 'hp'; it is declared for players and enemys
print(object.components.hp)
