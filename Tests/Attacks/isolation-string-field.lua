-- A field of a string can't be set.
--@expect runtime attempt to index a string value
('').upper = nil
