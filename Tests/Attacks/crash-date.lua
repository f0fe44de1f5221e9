-- os.date with a format of thousands of conversions.
--@expect runtime a format has at most 200 bytes
return os.date(('%c'):rep(10000))
