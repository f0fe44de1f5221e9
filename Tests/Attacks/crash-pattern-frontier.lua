-- %f without a set.
--@expect runtime missing '[' after '%f' in pattern
return ('x'):find('%fx')
