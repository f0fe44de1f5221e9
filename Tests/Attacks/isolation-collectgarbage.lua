-- No view of other scripts' memory.
--@expect value nilnil
return tostring(collectgarbage) .. tostring(gcinfo)
