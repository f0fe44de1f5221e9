-- expect 3:1 error: --@public stands after code; annotations stand at the top of the file
print("code first")
--@public true
