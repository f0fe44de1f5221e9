-- An iterator that never gives nil.
--@expect time
for k in function() return 1 end do end
