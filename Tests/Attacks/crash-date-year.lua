-- os.date of a year that no calendar has.
--@expect runtime the time is not within years 1 to 9999
return os.date('%c', 1e300)
