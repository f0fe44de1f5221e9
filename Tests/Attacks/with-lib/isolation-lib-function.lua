-- A lib's function reveals no environment.
--@expect runtime the function belongs to another script
return getfenv(lib_function)
