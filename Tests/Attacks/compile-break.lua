-- So do thousands of breaks.
--@expect time
--@source 8
while true do
--@repeat 200000 if x then break end
end
