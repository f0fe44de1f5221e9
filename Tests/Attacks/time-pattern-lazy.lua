-- Seven lazy repetitions: n^7 ways.
--@expect time
return ('a'):rep(3000):find('.-.-.-.-.-.-.-b')
