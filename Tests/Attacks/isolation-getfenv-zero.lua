-- Level 0 is the host's.
--@expect runtime level 0 is the host's
return getfenv(0)
