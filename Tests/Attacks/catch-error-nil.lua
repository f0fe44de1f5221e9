-- nil as an error value.
--@expect runtime error object of type nil
error()
