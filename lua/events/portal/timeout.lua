--@order 70
--@about Seconds between two looks at who stands in the portal.
return 0.25
