-- A reference to a capture that is not finished.
--@expect runtime invalid capture index
return ('x'):find('(%1)')
