--@order 70
--@share none
--@about Seconds between two looks at who stands in the portal.
return 0.25
