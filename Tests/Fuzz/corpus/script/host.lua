return host({1, {a = 'b'}}), host('text'), host(nil), pcall(host), host(array({}))
