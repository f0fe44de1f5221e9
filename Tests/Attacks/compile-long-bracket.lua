-- A long text that is not closed.
--@expect syntax unfinished long string
return [==[
--@repeat 5000 ]=]
