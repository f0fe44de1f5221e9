local s = ('abc'):rep(3, ',')
return s:gsub('%w', '%0%0'), s:find('b', 1, true), s:match('(a)(b)'), s:upper(), s:byte(1, -1), string.format('%5.2f %q %s %d', 1, s, s, 2)
