-- More flags than there are.
--@expect runtime invalid format (repeated flags)
return string.format('%------------d', 1)
