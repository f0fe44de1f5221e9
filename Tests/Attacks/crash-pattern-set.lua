-- A set that is not closed.
--@expect runtime malformed pattern (missing ']')
return ('x'):find('[^]')
