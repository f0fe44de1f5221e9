-- A plain find of eight megabytes in sixteen, which the library's search would read whole before it begins.
--@expect time
--@limit 10
--@memory 64
haystack = haystack or ('a'):rep(16000000)
needle = needle or ('a'):rep(8000000) .. 'b'
while true do haystack:find(needle, 1, true) end
