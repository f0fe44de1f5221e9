-- Unary operators 20 000 deep.
--@expect syntax chunk has too many syntax levels
return
--@repeat 12000 not
1
