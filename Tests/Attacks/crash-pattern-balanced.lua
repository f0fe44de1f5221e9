-- %b without its characters.
--@expect runtime unbalanced pattern
return ('x'):find('%b')
