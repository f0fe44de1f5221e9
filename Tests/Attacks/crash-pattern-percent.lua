-- A pattern that ends in the middle of an escape.
--@expect runtime malformed pattern (ends with '%')
return ('x'):find('x%')
