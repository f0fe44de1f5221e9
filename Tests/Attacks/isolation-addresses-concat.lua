-- Nor does a message.
--@expect runtime attempt to concatenate a table value
return 'a' .. {}
