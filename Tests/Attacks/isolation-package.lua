-- The way back through package, as in CVE-2022-0543.
--@expect value nilnilnil
return tostring(package) .. tostring(require) .. tostring(module)
