-- The main coroutine can't be had.
--@expect value nil
return coroutine.running()
