-- getfenv of a host function is refused.
--@expect runtime the environment of a host function is not accessible
return getfenv(print)
