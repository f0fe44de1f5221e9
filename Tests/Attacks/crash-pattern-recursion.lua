-- A pattern of 300 000 items: recursion is bounded.
--@expect runtime pattern too complex
return ('a'):rep(300000):find(('a?'):rep(300000))
