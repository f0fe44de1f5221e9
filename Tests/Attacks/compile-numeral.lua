-- A malformed number.
--@expect syntax malformed number near
return 0x
x
