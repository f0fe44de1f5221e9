-- Of debug there is traceback alone.
--@expect value traceback
return table.concat(keys(debug), ' ')
