-- concat of a range of two thousand million missing elements.
--@expect runtime invalid value (nil) at index 1 in table for 'concat'
return table.concat({}, '', 1, 2 ^ 31 - 1)
