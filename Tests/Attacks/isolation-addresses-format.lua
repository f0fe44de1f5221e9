-- %s and %p show none.
--@expect runtime invalid option '%p' to 'format'
return string.format('%p', {})
