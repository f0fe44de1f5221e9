-- expect 4:1 error: ')' expected (to close '(' at line 3) near 'end'
function greet(who)
  print("hello " .. who
end
