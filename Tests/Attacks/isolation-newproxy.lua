-- No newproxy, so no __gc of a script.
--@expect value nil
return newproxy
