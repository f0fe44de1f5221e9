-- expect 3:9 error: unfinished string near ''unfinished)'
if object.x > 1 then
  print('unfinished)
end
