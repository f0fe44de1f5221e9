-- No files, no processes.
--@expect value nilnilnil
return tostring(io) .. tostring(os.execute) .. tostring(os.getenv)
