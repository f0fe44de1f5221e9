-- Parentheses 20 000 deep.
--@expect syntax chunk has too many syntax levels
return
--@repeat 20000 (
1
