-- expect 6:1 warning: 'rules' is lib/rules.lua's; this changes it for this script alone
-- expect 7:1 warning: this hides the 'print' that every script has; choose another name, or a local
-- expect 8:1 warning: this changes the variable 'object' alone, and nothing of the entity
-- expect 9:1 warning: this changes the variable 'data' alone; choose another name, or a local
-- expect 10:10 warning: 'alive' is lib/rules.lua's; this changes it for this script alone
rules = nil
print = nil
object = nil
data = {}
function alive() end
