-- expect 14:3 error: lib files have no 'object'; pass the entity to the function as a parameter
-- expect 14:26 error: lib files have no 'object'; pass the entity to the function as a parameter
-- expect 19:3 warning: global 'sum' is assigned before it is read, so it keeps nothing for the next run; write local sum
-- expect 26:19 error: os.getenv is not there for scripts
-- What all scripts share.
rules = { reach = 2, notice = 5 }

function alive(entity)
  return (entity.components.hp or 0) > 0
end

-- object is in the scripts, not here.
function hurt(amount)
  object.components.hp = object.components.hp - amount
end

-- A forgotten local in a function of a lib.
function total(list)
  sum = 0
  for _, number in ipairs(list) do
    sum = sum + number
  end
  return sum
end

local hidden = os.getenv("HOME")
print(hidden)
