-- next from a key that never was.
--@expect runtime invalid key to 'next'
return next({}, 'nothing')
