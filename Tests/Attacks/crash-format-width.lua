-- A width beyond two digits.
--@expect runtime invalid format (width or precision too long)
return string.format('%99999d', 1)
