-- The methods of strings can't be changed.
--@expect value XX
string.upper = function() return 'stolen' end
return ('xx'):upper()
