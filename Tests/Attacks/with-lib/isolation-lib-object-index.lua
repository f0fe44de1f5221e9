-- Nor can a lib's class through what its objects show.
--@expect runtime belongs to a lib: a script can't change it
lib_class.new(3).__index.value = 'stolen'
