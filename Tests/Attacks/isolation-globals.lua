-- A global of one script is not another's; the next script finds none of it.
--@expect value nil
secret = 1
pairs, next, tostring, type = nil, nil, nil, nil
return nil
