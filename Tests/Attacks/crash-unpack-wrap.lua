-- unpack whose count wraps around in 32 bits (CVE-2025-46817).
--@expect runtime too many results to unpack
return unpack({}, 0, 2 ^ 31 - 1)
