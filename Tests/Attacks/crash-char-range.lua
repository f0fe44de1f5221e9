-- char of what is no byte.
--@expect runtime invalid value
return string.char(256)
