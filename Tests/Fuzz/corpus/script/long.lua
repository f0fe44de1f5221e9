return [[long
text]], [==[a]=]b]==], '\n\065\'' --[[ comment ]] -- more
