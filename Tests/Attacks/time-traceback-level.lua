-- traceback at a level of minus a thousand million.
--@expect value string
return type(debug.traceback('m', -1e9))
